# patchbay_library(<name> SOURCES … [PUBLIC …] [PRIVATE …])  a static library of ours
# patchbay_program(<name> SOURCES … LIBS …)                  an executable in build/<preset>/bin
# patchbay_test(<name> SOURCES … LIBS …)                     a GoogleTest binary, one CTest test

function(patchbay_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC patchbay_flags ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
endfunction()

function(patchbay_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE patchbay_flags ${ARG_LIBS})
endfunction()

function(patchbay_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE patchbay_flags ${ARG_LIBS} GTest::gtest_main GTest::gmock)
  # Tests are compiled for speed of compiling; what they test is compiled as it ships.
  target_compile_options(${name} PRIVATE -O1)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT 120)
endfunction()
