# Turns text files of the source tree into constants of the binary, so that it needs no files beside it:
#   migrations/<dialect>/NNNN_name.sql   → store::migrations (a list in order)
#   src/<noun>/sql/name.sql              → sql::<noun>::name, declared in "sql.hpp"
# The work is done by cmake/embed.py at build time; editing a .sql file rebuilds only what includes it.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
file(GLOB_RECURSE EMBEDDED_FILES CONFIGURE_DEPENDS migrations/*.sql src/*.sql)
set(EMBEDDED_SOURCES ${CMAKE_BINARY_DIR}/generated/embedded.cpp)
add_custom_command(
  OUTPUT ${CMAKE_BINARY_DIR}/generated/embedded.cpp
  BYPRODUCTS ${CMAKE_BINARY_DIR}/generated/sql.hpp
  COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/cmake/embed.py ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated
  DEPENDS ${EMBEDDED_FILES} ${CMAKE_SOURCE_DIR}/cmake/embed.py
  COMMENT "Embedding SQL")
# Tools that only parse the sources need the generated headers too.
add_custom_target(embedded_text DEPENDS ${EMBEDDED_SOURCES})
