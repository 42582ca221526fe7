# make install: the library and its headers, dew-wasm and what it compiles, pkg-config and CMake packages.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS dew EXPORT dewTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS dew_embed dew_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(PROGRAMS tools/dew-wasm DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY include/dew DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")

# Dew's browser half as source: dew-wasm compiles it with the clang that compiles the application
foreach(room base type view page)
  install(DIRECTORY src/${room} DESTINATION ${CMAKE_INSTALL_DATADIR}/dew/src FILES_MATCHING PATTERN "*.h" PATTERN "*.c"
          PATTERN "*.server.*" EXCLUDE)
endforeach()
install(FILES src/http/assets.h DESTINATION ${CMAKE_INSTALL_DATADIR}/dew/src/http)
install(DIRECTORY client DESTINATION ${CMAKE_INSTALL_DATADIR}/dew FILES_MATCHING PATTERN "*.js" PATTERN "*.c" PATTERN "*.h")

# what `dew new` copies
install(DIRECTORY examples/minimal/ DESTINATION ${CMAKE_INSTALL_DATADIR}/dew/new FILES_MATCHING PATTERN "*.[ch]" PATTERN "*.sql"
        PATTERN "*.css" PATTERN "CMakeLists.txt" PATTERN "Makefile" PATTERN "build" EXCLUDE PATTERN "*.d" EXCLUDE)

# dew.pc finds the prefix from where it stands, so an installation can be moved
cmake_path(SET pc_folder NORMALIZE /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH DEW_PC_PREFIX ${pc_folder} /prefix)
set(DEW_PC_BOOST "")
if(BOOST_CONTEXT MATCHES "\\.a$")
  set(DEW_PC_BOOST -l:libboost_context.a)
elseif(BOOST_CONTEXT)
  set(DEW_PC_BOOST -lboost_context)
endif()
configure_file(cmake/dew.pc.in dew.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/dew.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

if(TARGET dew_fetch)
  install(TARGETS dew_fetch EXPORT dewFetchTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  configure_file(cmake/dew-fetch.pc.in dew-fetch.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/dew-fetch.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/dew)
configure_package_config_file(cmake/dewConfig.cmake.in dewConfig.cmake INSTALL_DESTINATION ${package} PATH_VARS CMAKE_INSTALL_BINDIR)
write_basic_package_version_file(dewConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/dewConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/dewConfigVersion.cmake cmake/DewApp.cmake
        DESTINATION ${package})
install(EXPORT dewTargets NAMESPACE dew:: DESTINATION ${package})
if(TARGET dew_fetch)
  install(EXPORT dewFetchTargets NAMESPACE dew:: DESTINATION ${package})
endif()
