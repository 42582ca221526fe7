# cmake -D CASE=x.c -D INCLUDE=include -D COMPILERS=gcc;clang -P run.cmake
#
# A case must not compile, and every compiler's message must match the regular expression of its "// expect: " line;
# with -DOK it must compile without a warning, so that it fails for the reason it names.
file(STRINGS ${CASE} expect REGEX "^// expect: ")
string(REPLACE "// expect: " "" expect "${expect}")
if(expect STREQUAL "")
  message(FATAL_ERROR "${CASE}: no \"// expect: \" line")
endif()
foreach(compiler ${COMPILERS})
  set(compile ${compiler} -std=gnu17 -Wall -Wextra -fsyntax-only -I${INCLUDE})
  execute_process(COMMAND ${compile} -Werror -DOK ${CASE} RESULT_VARIABLE failed ERROR_VARIABLE messages)
  if(failed)
    message(FATAL_ERROR "${CASE}: ${compiler}: must compile with -DOK:\n${messages}")
  endif()
  # no -Werror: what must not compile, must not compile for users without it
  execute_process(COMMAND ${compile} ${CASE} RESULT_VARIABLE failed ERROR_VARIABLE messages)
  if(NOT failed)
    message(FATAL_ERROR "${CASE}: ${compiler}: compiles")
  endif()
  if(NOT messages MATCHES "${expect}")
    message(FATAL_ERROR "${CASE}: ${compiler}: fails, but its message does not match \"${expect}\":\n${messages}")
  endif()
endforeach()
