# dew_add_app(NAME [SOURCES] a.c b.c b.server.c b.client.c … [MIGRATIONS folder] [PUBLIC folder] [LIBRARIES target…])
#
# An executable NAME: the x.c and x.server.c sources, natively; the x.c and x.client.c sources as WebAssembly, embedded
# together with the browser host, public files and migrations. Gives the program, in C,
#     const dew_assets NAME_assets;  const dew_migration NAME_migrations[];
# NAME is a C name. Sources may include each other's headers by their path from the folder that calls the function.
#
# DEW_WASM_PROGRAM is dew-wasm, DEW_EMBED_PROGRAM dew-embed, DEW_WASM_HALF Dew's own half compiled before (optional).
function(dew_add_app name)
  cmake_parse_arguments(PARSE_ARGV 1 app "" "MIGRATIONS;PUBLIC" "SOURCES;LIBRARIES")
  set(sources "")
  foreach(source IN LISTS app_SOURCES app_UNPARSED_ARGUMENTS)
    cmake_path(ABSOLUTE_PATH source NORMALIZE)
    list(APPEND sources ${source})
  endforeach()
  set(options -I ${CMAKE_CURRENT_SOURCE_DIR})
  foreach(folder PUBLIC MIGRATIONS)
    if(app_${folder})
      string(TOLOWER ${folder} option)
      cmake_path(ABSOLUTE_PATH app_${folder} NORMALIZE)
      list(APPEND options --${option} ${app_${folder}})
    endif()
  endforeach()
  if(DEW_WASM_HALF)
    list(APPEND options --half ${DEW_WASM_HALF})
  endif()

  set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.wasm.o)
  add_custom_command(
    OUTPUT ${object}
    COMMAND ${CMAKE_COMMAND} -E env CC=${CMAKE_C_COMPILER} DEW_EMBED=${DEW_EMBED_PROGRAM}
            ${DEW_WASM_PROGRAM} ${options} --name ${name} --depfile ${object}.dep ${sources} -o ${object}
    DEPENDS ${sources} ${DEW_WASM_PROGRAM} ${DEW_APP_DEPENDS}
    DEPFILE ${object}.dep
    COMMENT "Building the browser half of ${name}"
    VERBATIM)

  set(native ${sources})
  list(FILTER native EXCLUDE REGEX "\\.client\\.c$")
  add_executable(${name} ${native} ${object})
  set_source_files_properties(${object} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
  target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE dew::dew ${app_LIBRARIES})
  # textf("%s", a_dew_str) compiles, and must not go unseen; nor a misspelt name, which only the linker would miss
  target_compile_options(${name} PRIVATE -Wformat -Werror=implicit-function-declaration)
  set_target_properties(${name} PROPERTIES C_STANDARD 17 C_EXTENSIONS ON)
  file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/dew-apps/${name} CONTENT "$<TARGET_FILE:${name}>\n") # for dew dev
endfunction()
