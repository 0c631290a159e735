# SPDX-License-Identifier: BSD-2-Clause
#
# What every folder uses: the flags of the project and its include paths.

# Link this PRIVATE to every target of ours: C11, the warnings, sanitizers. C++
# is for tests only. There a function with the name of a struct, which moat.h
# has, counts as shadowing its constructor, so -Wshadow is for C.
add_library(moat_options INTERFACE)
target_compile_features(moat_options INTERFACE c_std_11)
target_compile_options(moat_options INTERFACE
	-Wall -Wextra -Wpedantic -Wconversion -Wswitch-enum -Wvla
	$<$<COMPILE_LANGUAGE:C>:-Wshadow>
	$<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes>
	$<$<COMPILE_LANGUAGE:C>:-Wmissing-prototypes>
	$<$<BOOL:${MOAT_WERROR}>:-Werror>)
if(MOAT_SANITIZE)
	target_compile_options(moat_options INTERFACE
		-fsanitize=${MOAT_SANITIZE} -fno-sanitize-recover=all
		-fno-omit-frame-pointer)
	target_link_options(moat_options INTERFACE
		-fsanitize=${MOAT_SANITIZE})
endif()

# The granule: a folder with another moat/granule.h, in front of include/.
set(moat_granule_folder ${PROJECT_SOURCE_DIR}/include)
if(NOT MOAT_GRANULE STREQUAL "4k")
	string(APPEND moat_granule_folder /granule-${MOAT_GRANULE})
endif()
if(NOT EXISTS ${moat_granule_folder}/moat/granule.h)
	message(FATAL_ERROR "Moat: MOAT_GRANULE is 4k, 16k or 64k")
endif()

# The interface: <moat/moat.h>, <moat/port.h>, <moat/trace.h>, <moat/host.h>.
add_library(moat_include INTERFACE)
add_library(moat::headers ALIAS moat_include)
if(NOT MOAT_GRANULE STREQUAL "4k")
	target_include_directories(moat_include INTERFACE
		$<BUILD_INTERFACE:${moat_granule_folder}>)
endif()
target_include_directories(moat_include INTERFACE
	$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
	$<INSTALL_INTERFACE:include>)

# Inside the tree also "core/state.h", "model/model.h"; pte.h by a path that
# chooses the descriptor format; access.h and witness.h by one that chooses how
# locking is checked: here not at all, in moat_core_debug at every access.
add_library(moat_internal INTERFACE)
target_link_libraries(moat_internal INTERFACE moat_include moat_options)
target_include_directories(moat_internal INTERFACE
	${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/src/core/plain
	${MOAT_PTE_DIR} ${PROJECT_SOURCE_DIR}/src/arch-aarch64)

function(moat_add_folder folder wanted)
	if(wanted AND EXISTS ${PROJECT_SOURCE_DIR}/${folder}/CMakeLists.txt)
		add_subdirectory(${folder})
	endif()
endfunction()

# moat_need(<variable> <Debian package> <what for>): stop, with the remedy, if
# a find_... left <variable> empty.
function(moat_need variable package reason)
	if(NOT ${variable})
		message(FATAL_ERROR "Moat: ${reason} is not installed; "
			"on Debian: apt install ${package}")
	endif()
endfunction()
