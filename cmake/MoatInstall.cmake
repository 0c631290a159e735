# SPDX-License-Identifier: BSD-2-Clause
#
# What `cmake --install` puts under a prefix. Two trees may share one: the
# host's archive and that for EL2 lie apart, headers and the package's own files
# are the same of both. Nothing but moat_* is in the archives, so that their
# users see the interface and no more.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# The machine an archive is for, as the package names it: Linux-x86_64,
# Generic-aarch64 (bare metal: EL2).
set(moat_machine ${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR})
set(moat_package_folder ${CMAKE_INSTALL_DATADIR}/cmake/moat)
if(CMAKE_SYSTEM_NAME STREQUAL "Generic")
	set(moat_library_folder lib/moat/${moat_machine})
	set(moat_pc moat-el2)
	set(moat_pc_folder ${CMAKE_INSTALL_DATADIR}/pkgconfig)
else()
	set(moat_library_folder ${CMAKE_INSTALL_LIBDIR})
	set(moat_pc moat)
	set(moat_pc_folder ${moat_library_folder}/pkgconfig)
endif()

# pkg-config finds the prefix from where its file lies, so that a prefix may be
# moved.
file(RELATIVE_PATH moat_pc_to_prefix /${moat_pc_folder} /)

# All that has to be built before installing.
add_custom_target(moat_installed)
add_dependencies(moat_installed moat)

set_target_properties(moat_include PROPERTIES EXPORT_NAME headers)
install(TARGETS moat moat_include EXPORT moat
	ARCHIVE DESTINATION ${moat_library_folder})
if(TARGET moat::host)
	add_dependencies(moat_installed moat_host_closed moat_model_closed)
	install(TARGETS moat_host_closed moat_model_closed EXPORT moat
		ARCHIVE DESTINATION ${moat_library_folder})
	install(FILES ${moat_host_headers}
		DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/moat-host/arch-host)
	install(FILES ${moat_model_headers}
		DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/moat-host/model)
	configure_file(${CMAKE_CURRENT_LIST_DIR}/moat-host.pc.in
		${PROJECT_BINARY_DIR}/package/moat-host.pc @ONLY)
	install(FILES ${PROJECT_BINARY_DIR}/package/moat-host.pc
		DESTINATION ${moat_pc_folder})
endif()
# The model's command, to replay what a test has traced.
if(TARGET moat-model)
	add_dependencies(moat_installed moat-model)
	install(TARGETS moat-model RUNTIME)
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/moat
	DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
	FILES_MATCHING PATTERN "*.h" PATTERN "granule.h" EXCLUDE)
# The one that the archive was built with: a prefix has one granule.
install(FILES ${moat_granule_folder}/moat/granule.h
	DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/moat)
install(EXPORT moat NAMESPACE moat:: DESTINATION ${moat_package_folder}
	FILE moatTargets-${moat_machine}.cmake)

# One file for every machine: it takes the targets of the one that asks.
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/moatConfig.cmake.in
	${PROJECT_BINARY_DIR}/package/moatConfig.cmake
	INSTALL_DESTINATION ${moat_package_folder}
	NO_SET_AND_CHECK_MACRO)
# While the major number is 0, a new minor number may change the headers: see
# moat/version.h.
if(PROJECT_VERSION_MAJOR EQUAL 0)
	set(moat_compatible SameMinorVersion)
else()
	set(moat_compatible SameMajorVersion)
endif()
write_basic_package_version_file(
	${PROJECT_BINARY_DIR}/package/moatConfigVersion.cmake
	COMPATIBILITY ${moat_compatible} ARCH_INDEPENDENT)
install(FILES
	${PROJECT_BINARY_DIR}/package/moatConfig.cmake
	${PROJECT_BINARY_DIR}/package/moatConfigVersion.cmake
	DESTINATION ${moat_package_folder})

configure_file(${CMAKE_CURRENT_LIST_DIR}/moat.pc.in
	${PROJECT_BINARY_DIR}/package/${moat_pc}.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/package/${moat_pc}.pc
	DESTINATION ${moat_pc_folder})

# The manual.
foreach(document README.md LICENSE SECURITY.md CHANGELOG.md docs)
	if(IS_DIRECTORY ${PROJECT_SOURCE_DIR}/${document})
		install(DIRECTORY ${PROJECT_SOURCE_DIR}/${document}/
			DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs
			PATTERN "*.3" EXCLUDE)
	elseif(EXISTS ${PROJECT_SOURCE_DIR}/${document})
		install(FILES ${PROJECT_SOURCE_DIR}/${document}
			DESTINATION ${CMAKE_INSTALL_DOCDIR})
	endif()
endforeach()
if(EXISTS ${PROJECT_SOURCE_DIR}/docs/moat.3)
	install(FILES ${PROJECT_SOURCE_DIR}/docs/moat.3
		DESTINATION ${CMAKE_INSTALL_MANDIR}/man3)
endif()
