# Compiler, linker and cache settings. Every target of ours links `patchbay_flags`.

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g")
# Sanitizer builds: little optimization keeps compile time and run time low; frame pointers keep reports readable.
set(CMAKE_CXX_FLAGS_SANITIZED "-O1 -g1 -fno-omit-frame-pointer")
if("address" IN_LIST PATCHBAY_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC takes 40 % less time with nothing to optimize, more than the suites lose.
  string(REPLACE "-O1" "-O0" CMAKE_CXX_FLAGS_SANITIZED "${CMAKE_CXX_FLAGS_SANITIZED}")
endif()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

add_library(patchbay_flags INTERFACE)
target_compile_options(patchbay_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual -Werror=return-type -Werror=switch)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports false positives inside coroutine frames and Boost headers.
  target_compile_options(patchbay_flags INTERFACE -Wno-maybe-uninitialized -Wno-mismatched-new-delete -Wno-restrict
    -Wno-stringop-overflow -Wno-array-bounds -fcoroutines)
  if(CMAKE_UNITY_BUILD)
    # A coroutine's frame that holds a lambda or a name of the file's own: in a unity build GCC takes the file for a header.
    target_compile_options(patchbay_flags INTERFACE -Wno-subobject-linkage)
  endif()
endif()
target_include_directories(patchbay_flags INTERFACE ${CMAKE_SOURCE_DIR})

foreach(sanitizer IN LISTS PATCHBAY_SANITIZE)
  add_compile_options(-fsanitize=${sanitizer})
  add_link_options(-fsanitize=${sanitizer})
endforeach()
if("undefined" IN_LIST PATCHBAY_SANITIZE)
  add_compile_options(-fno-sanitize-recover=undefined)
  if("address" IN_LIST PATCHBAY_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Three checks at every access, a third of the time to compile; what they find AddressSanitizer finds as a bad
    # access, and clang's fuzz targets keep them.
    add_compile_options(-fno-sanitize=null,alignment,vptr)
  endif()
endif()
if("thread" IN_LIST PATCHBAY_SANITIZE)
  # Debian's protobuf is built without the sanitizer, and its headers give map fields two more members when they see it:
  # our objects must agree with the library.
  add_compile_options(-U__SANITIZE_THREAD__)
  add_compile_options(-Wno-tsan)  # Asio's fences; see docs/development.md
endif()
if(PATCHBAY_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
