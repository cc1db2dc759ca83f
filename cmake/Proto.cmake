# patchbay_proto(<target> FILES <a.proto> … [GRPC] [DEPENDS <targets>])
#
# Generates C++ for the files (paths relative to proto/) into ${CMAKE_BINARY_DIR}/gen and makes a library of it.
# With GRPC the service stubs are generated too.
set(PATCHBAY_PROTO_ROOT ${CMAKE_SOURCE_DIR}/proto)
set(PATCHBAY_PROTO_OUT ${CMAKE_BINARY_DIR}/gen)
file(MAKE_DIRECTORY ${PATCHBAY_PROTO_OUT})

function(patchbay_proto target)
  cmake_parse_arguments(ARG "GRPC" "" "FILES;DEPENDS" ${ARGN})
  set(sources)
  foreach(file IN LISTS ARG_FILES)
    string(REGEX REPLACE "\\.proto$" "" stem ${file})
    set(outputs ${PATCHBAY_PROTO_OUT}/${stem}.pb.cc ${PATCHBAY_PROTO_OUT}/${stem}.pb.h)
    set(arguments --cpp_out=${PATCHBAY_PROTO_OUT})
    if(ARG_GRPC)
      list(APPEND outputs ${PATCHBAY_PROTO_OUT}/${stem}.grpc.pb.cc ${PATCHBAY_PROTO_OUT}/${stem}.grpc.pb.h)
      list(APPEND arguments --grpc_out=${PATCHBAY_PROTO_OUT}
        --plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin>)
    endif()
    add_custom_command(
      OUTPUT ${outputs}
      COMMAND protobuf::protoc -I ${PATCHBAY_PROTO_ROOT} ${arguments} ${PATCHBAY_PROTO_ROOT}/${file}
      DEPENDS ${PATCHBAY_PROTO_ROOT}/${file} protobuf::protoc
      COMMENT "protoc ${file}")
    list(APPEND sources ${outputs})
    # The messages' files share file-local names; the services' do not, and are mostly gRPC's templates.
    set_source_files_properties(${PATCHBAY_PROTO_OUT}/${stem}.pb.cc PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endforeach()
  add_library(${target} STATIC ${sources})
  target_include_directories(${target} SYSTEM PUBLIC ${PATCHBAY_PROTO_OUT})
  target_link_libraries(${target} PUBLIC protobuf::libprotobuf ${ARG_DEPENDS})
  target_compile_options(${target} PRIVATE -w)
  if("undefined" IN_LIST PATCHBAY_SANITIZE)
    target_compile_options(${target} PRIVATE -fno-sanitize=undefined)  # not ours, and half of its time to compile
  endif()
  if("thread" IN_LIST PATCHBAY_SANITIZE)
    target_compile_options(${target} PRIVATE -O0)  # a third less time to compile; its accessors are not where the suites wait
  endif()
  if(ARG_GRPC)
    target_link_libraries(${target} PUBLIC gRPC::grpc++)
  endif()
endfunction()
