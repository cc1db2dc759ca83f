# patchbay_library(<name> SOURCES … [PUBLIC …] [PRIVATE …] [NO_UNITY])  a static library of ours
# patchbay_program(<name> SOURCES … LIBS … [NO_UNITY])                   an executable in build/<preset>/bin
# patchbay_test(<name> SOURCES … LIBS …)                                 a GoogleTest binary, one CTest test

# Every preset but dev and fuzz compiles each library as a few large files (a unity build): most of a file's compile time is
# headers, and these builds are made whole, not edit by edit: ten files of the supervisor take 73 s one by one, 25 s as one.
# (A precompiled header of Asio and gRPC saves a tenth, since what costs are the templates and not the text.) Names inside anonymous namespaces must then differ within
# a library; where the same short name reads better in two files, the library says NO_UNITY.
set(CMAKE_UNITY_BUILD_BATCH_SIZE 10)

function(patchbay_library name)
  cmake_parse_arguments(ARG "NO_UNITY" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  if(ARG_NO_UNITY)
    set_target_properties(${name} PROPERTIES UNITY_BUILD OFF)
  endif()
  target_link_libraries(${name} PUBLIC patchbay_flags ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
endfunction()

function(patchbay_program name)
  cmake_parse_arguments(ARG "NO_UNITY" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  if(ARG_NO_UNITY)
    set_target_properties(${name} PROPERTIES UNITY_BUILD OFF)
  endif()
  target_link_libraries(${name} PRIVATE patchbay_flags ${ARG_LIBS})
  if(PATCHBAY_JEMALLOC)
    # One arena for one busy thread; freed pages go back to the system within a second.
    target_sources(${name} PRIVATE ${CMAKE_SOURCE_DIR}/lib/base/jemalloc_options.cc)
    target_link_libraries(${name} PRIVATE ${PATCHBAY_JEMALLOC_ARCHIVE})
  endif()
endfunction()

function(patchbay_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE patchbay_flags ${ARG_LIBS} GTest::gtest_main GTest::gmock)
  # Tests are compiled for speed of compiling; what they test is compiled as it ships.
  target_compile_options(${name} PRIVATE -O0)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  # A program that takes longer hangs.
  set(seconds 120)
  if(PATCHBAY_SANITIZE)
    set(seconds 360)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT ${seconds})
endfunction()
