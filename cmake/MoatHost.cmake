# SPDX-License-Identifier: BSD-2-Clause
#
# The host port as a product: libmoat-host.a, target moat::host, by which a
# program is a machine with simulated CPUs for the engine. Closed like the
# engine's archive: it shows moat_port_* and host_*, as its headers do.
include(GNUInstallDirs)
set(moat_host_closed ${PROJECT_BINARY_DIR}/moat-host-closed.o)
add_custom_command(
	OUTPUT ${moat_host_closed}
	COMMAND ${CMAKE_C_COMPILER} -r -nostdlib -o ${moat_host_closed}
		-Wl,--whole-archive $<TARGET_FILE:moat_arch_host>
		$<TARGET_FILE:moat_monitor> -Wl,--no-whole-archive
	COMMAND ${CMAKE_OBJCOPY} --wildcard
		"--keep-global-symbol=moat_port_*"
		"--keep-global-symbol=host_machine_*"
		"--keep-global-symbol=host_cpu_access"
		"--keep-global-symbol=host_cpu_speculate"
		"--keep-global-symbol=host_cpu_stale"
		${moat_host_closed}
	DEPENDS moat_arch_host moat_monitor
	COMMENT "Closing the host port: only what its headers declare shows"
	VERBATIM)
set_source_files_properties(${moat_host_closed} PROPERTIES
	EXTERNAL_OBJECT ON GENERATED ON)

add_library(moat_host STATIC ${moat_host_closed})
add_library(moat::host ALIAS moat_host)
set_target_properties(moat_host PROPERTIES
	LINKER_LANGUAGE C OUTPUT_NAME moat-host EXPORT_NAME host)
# Its SHA-256 is nettle's.
target_link_libraries(moat_host PUBLIC moat INTERFACE nettle)
target_include_directories(moat_host INTERFACE
	$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>
	$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/moat-host>)
