# patchbay_library(<name> SOURCES … [PUBLIC …] [PRIVATE …] [NO_UNITY])  a static library of ours
# patchbay_program(<name> SOURCES … LIBS … [NO_UNITY] [TOOL])            an executable in build/<preset>/bin
# patchbay_test(<name> SOURCES … LIBS … [THREADS])                       a GoogleTest binary, one CTest test

# Every preset but dev and fuzz compiles each library as a few large files (a unity build): most of a file's compile time is
# headers, and these builds are made whole, not edit by edit: ten files of the supervisor take 73 s one by one, 25 s as one.
# Twenty at a time are 157 compilations in a sanitized build, ten are 199; one wants a gigabyte and a half.
# (A precompiled header of Asio and gRPC saves a tenth, since what costs are the templates and not the text.) Names inside anonymous namespaces must then differ within
# a library; where the same short name reads better in two files, the library says NO_UNITY.
set(CMAKE_UNITY_BUILD_BATCH_SIZE 20)

function(patchbay_library name)
  cmake_parse_arguments(ARG "NO_UNITY" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  # Built for whoever links it.
  add_library(${name} STATIC EXCLUDE_FROM_ALL ${ARG_SOURCES})
  if(ARG_NO_UNITY)
    set_target_properties(${name} PROPERTIES UNITY_BUILD OFF)
  endif()
  target_link_libraries(${name} PUBLIC patchbay_flags ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
endfunction()

# TOOL: it stands beside the gateway with a thread of its own; the suites under ThreadSanitizer take the release build's.
function(patchbay_program name)
  cmake_parse_arguments(ARG "NO_UNITY;TOOL" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  if(ARG_NO_UNITY)
    set_target_properties(${name} PROPERTIES UNITY_BUILD OFF)
  endif()
  target_link_libraries(${name} PRIVATE patchbay_flags ${ARG_LIBS})
  if(ARG_TOOL AND "thread" IN_LIST PATCHBAY_SANITIZE)
    set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ON)
  endif()
  if(PATCHBAY_JEMALLOC)
    # One arena for one busy thread; freed pages go back to the system within a second.
    target_sources(${name} PRIVATE ${CMAKE_SOURCE_DIR}/lib/base/jemalloc_options.cc)
    target_link_libraries(${name} PRIVATE ${PATCHBAY_JEMALLOC_ARCHIVE})
  endif()
endfunction()

# THREADS: more than one thread runs in it, of the test's or of what it tests. Most of our code has one thread by design, so
# that ThreadSanitizer has nothing to see there: its preset builds and runs these tests alone, which is a third of what it
# would compile. AddressSanitizer's has them all.
function(patchbay_test name)
  cmake_parse_arguments(ARG "THREADS" "" "SOURCES;LIBS" ${ARGN})
  if(NOT ARG_THREADS)
    refuse_threads(${name} ${ARG_SOURCES})
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE patchbay_flags ${ARG_LIBS} GTest::gtest_main GTest::gmock)
  # Tests are compiled for speed of compiling; what they test is compiled as it ships.
  target_compile_options(${name} PRIVATE -O0)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  if("thread" IN_LIST PATCHBAY_SANITIZE AND NOT ARG_THREADS)
    set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ON)  # still there for whoever names it
    return()
  endif()
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  # A program that takes longer hangs.
  set(seconds 120)
  if(PATCHBAY_SANITIZE)
    set(seconds 360)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT ${seconds})
endfunction()

# A test that starts threads and forgets the word would silently not be looked at.
function(refuse_threads name)
  foreach(source IN LISTS ARGN)
    if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${source})
      file(STRINGS ${source} line LIMIT_COUNT 1 REGEX "std::(jthread|thread|mutex|atomic|async|condition_variable)|Reactor")
      if(line)
        message(FATAL_ERROR "${name} must say THREADS, because of ${source}: ${line}")
      endif()
    endif()
  endforeach()
endfunction()
