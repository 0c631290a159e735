# SPDX-License-Identifier: BSD-2-Clause
#
# cmake -D TREE=<preset> -P build.cmake: configure and build one tree.
foreach(step "--preset" "--build;--preset")
	execute_process(COMMAND ${CMAKE_COMMAND} ${step} ${TREE}
		COMMAND_ERROR_IS_FATAL ANY)
endforeach()
