# Every library that patchbay uses, all from packages that Debian 12 and 13 have.

find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)  # module mode: gRPC's config file needs it first
# gRPC's file asks pkg-config about re2 unless there is such a target; where re2 names the parts of Abseil, as in Debian 13, each
# of a dozen questions takes seconds.
find_library(PATCHBAY_RE2_LIBRARY re2 REQUIRED)
add_library(re2::re2 UNKNOWN IMPORTED)
set_target_properties(re2::re2 PROPERTIES IMPORTED_LOCATION ${PATCHBAY_RE2_LIBRARY})
find_package(gRPC CONFIG REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS url)
find_package(OpenSSL 3 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(simdjson REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)

find_package(PkgConfig REQUIRED)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(psl REQUIRED IMPORTED_TARGET libpsl)
pkg_check_modules(systemd REQUIRED IMPORTED_TARGET libsystemd)
pkg_check_modules(seccomp REQUIRED IMPORTED_TARGET libseccomp)
pkg_check_modules(httplib REQUIRED IMPORTED_TARGET cpp-httplib)

# Third-party headers are somebody else's warnings.
add_library(patchbay_asio INTERFACE)
target_link_libraries(patchbay_asio INTERFACE Boost::headers Threads::Threads)
target_compile_definitions(patchbay_asio INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE BOOST_BEAST_USE_STD_STRING_VIEW)

if(PATCHBAY_TESTS)
  find_package(GTest REQUIRED)
endif()
if(PATCHBAY_BENCH)
  find_package(benchmark REQUIRED)
endif()

# The release build takes gRPC and what is below it from Debian's static archives: a worker then starts in a third of
# the time (no symbol of 70 shared libraries to look up), and a request costs about a tenth less CPU.
# The sanitizer builds keep the shared ones, which their suppressions name.
function(patchbay_use_archive target)
  if(NOT TARGET ${target})
    return()
  endif()
  foreach(property IMPORTED_LOCATION IMPORTED_LOCATION_NONE IMPORTED_LOCATION_RELEASE)
    get_target_property(location ${target} ${property})
    string(REGEX REPLACE "\\.so[.0-9]*$" ".a" archive "${location}")
    if(EXISTS "${archive}")
      set_target_properties(${target} PROPERTIES ${property} "${archive}")
    endif()
  endforeach()
endfunction()

if(PATCHBAY_STATIC_GRPC)
  file(STRINGS ${absl_DIR}/abslTargets.cmake absl_targets REGEX "^add_library\\(absl::")
  list(TRANSFORM absl_targets REPLACE "^add_library\\(([^ ]+) .*$" "\\1")
  foreach(target gRPC::grpc++ gRPC::grpc gRPC::gpr gRPC::upb gRPC::address_sorting protobuf::libprotobuf ${absl_targets})
    patchbay_use_archive(${target})
  endforeach()
endif()

if(PATCHBAY_JEMALLOC)
  find_library(PATCHBAY_JEMALLOC_ARCHIVE libjemalloc_pic.a REQUIRED)
endif()
