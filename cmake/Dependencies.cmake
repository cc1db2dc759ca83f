# Every library that patchbay uses, all from Debian 12 packages.

find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)  # module mode: gRPC's config file needs it first
find_package(gRPC CONFIG REQUIRED)
find_package(Boost 1.81 REQUIRED)
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
pkg_check_modules(systemd REQUIRED IMPORTED_TARGET libsystemd)

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
