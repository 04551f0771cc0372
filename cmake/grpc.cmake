# gRPC: its libraries, and what proto/ declares as bytes in the binary (embedded::protos, a FileDescriptorSet without
# the files that come with protobuf). There is no generated code.
pkg_check_modules(GRPC REQUIRED grpc++ protobuf)
find_program(PROTOC protoc REQUIRED)
set(GRPC_LIBRARIES grpc++_reflection ${GRPC_LINK_LIBRARIES})
file(GLOB_RECURSE PROTO_FILES CONFIGURE_DEPENDS proto/*.proto)
set(PROTO_SOURCES ${CMAKE_BINARY_DIR}/generated/protos.cpp)
add_custom_command(
  OUTPUT ${PROTO_SOURCES}
  BYPRODUCTS ${CMAKE_BINARY_DIR}/generated/protos.hpp
  COMMAND ${PROTOC} -I ${CMAKE_SOURCE_DIR}/proto -I /usr/include
          --descriptor_set_out=${CMAKE_BINARY_DIR}/generated/protos.pb ${PROTO_FILES}
  COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/cmake/embed_protos.py ${CMAKE_BINARY_DIR}/generated
  DEPENDS ${PROTO_FILES} ${CMAKE_SOURCE_DIR}/cmake/embed_protos.py
  COMMENT "Embedding proto/")
add_custom_target(embedded_protos DEPENDS ${PROTO_SOURCES})
add_dependencies(embedded_text embedded_protos)
