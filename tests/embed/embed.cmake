# SPDX-License-Identifier: BSD-2-Clause
#
# Copy what an embedder needs of MOAT to WORK, build project/ on it, run it.
function(run)
	execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${WORK})
file(COPY ${MOAT}/CMakeLists.txt ${MOAT}/cmake ${MOAT}/include ${MOAT}/src
	DESTINATION ${WORK}/moat)
file(COPY ${MOAT}/tests/embed/project DESTINATION ${WORK})
run(${CMAKE_COMMAND} -S ${WORK}/project -B ${WORK}/build -G Ninja
	-D CMAKE_C_COMPILER=${COMPILER})
run(${CMAKE_COMMAND} --build ${WORK}/build)
run(${WORK}/build/embedder)
