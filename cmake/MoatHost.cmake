# SPDX-License-Identifier: BSD-2-Clause
#
# For those who test a VMM on the machine that builds it:
#   moat::host   libmoat-host.a: a program is a machine with simulated CPUs for
#                the engine
#   moat::model  libmoat-model.a: the reference model, to ask the same
# Closed like the engine's archive: each shows what its headers declare.
include(GNUInstallDirs)

# moat_close(<name> <libraries> <header>...): libmoat-<name>.a of all of them,
# target moat::<name>. A declaration begins its line, as everywhere here.
function(moat_close name libraries)
	set(shown)
	foreach(header IN LISTS ARGN)
		set_property(DIRECTORY APPEND PROPERTY
			CMAKE_CONFIGURE_DEPENDS ${header})
		file(STRINGS ${header} lines
			REGEX "^[a-z].*(host|model|moat_port)_[a-z0-9_]+\\(")
		list(TRANSFORM lines REPLACE
			".*[ *]((host|model|moat_port)_[a-z0-9_]+)\\(.*"
			"--keep-global-symbol=\\1")
		list(APPEND shown ${lines})
	endforeach()
	set(archives)
	foreach(library IN LISTS libraries)
		list(APPEND archives $<TARGET_FILE:${library}>)
	endforeach()
	set(object ${PROJECT_BINARY_DIR}/moat-${name}-closed.o)
	add_custom_command(
		OUTPUT ${object}
		COMMAND ${CMAKE_C_COMPILER} -r -nostdlib -o ${object}
			-Wl,--whole-archive ${archives}
			-Wl,--no-whole-archive
		COMMAND ${CMAKE_OBJCOPY} ${shown} ${object}
		DEPENDS ${libraries}
		COMMENT "Closing moat::${name}: only what its headers declare"
		VERBATIM)
	set_source_files_properties(${object} PROPERTIES
		EXTERNAL_OBJECT ON GENERATED ON)
	add_library(moat_${name}_closed STATIC ${object})
	add_library(moat::${name} ALIAS moat_${name}_closed)
	set_target_properties(moat_${name}_closed PROPERTIES
		LINKER_LANGUAGE C OUTPUT_NAME moat-${name} EXPORT_NAME ${name})
	# Its SHA-256 is nettle's.
	target_link_libraries(moat_${name}_closed
		PUBLIC moat_include INTERFACE nettle)
	target_include_directories(moat_${name}_closed INTERFACE
		$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>
		$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/moat-host>)
endfunction()

set(moat_host_headers
	${PROJECT_SOURCE_DIR}/src/arch-host/inject.h
	${PROJECT_SOURCE_DIR}/src/arch-host/machine.h)
set(moat_model_headers ${PROJECT_SOURCE_DIR}/src/model/model.h)

moat_close(host "moat_arch_host;moat_monitor"
	${moat_host_headers} ${PROJECT_SOURCE_DIR}/include/moat/port.h)
target_link_libraries(moat_host_closed PUBLIC moat)
moat_close(model moat_model ${moat_model_headers})
