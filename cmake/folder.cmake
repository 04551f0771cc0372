# Makes a folder of files a part of the binary:
#   embed_folder(docs ${folder} DEPENDS …)   → embedded::docs, declared in "folder_docs.hpp"
# The files are packed at build time by cmake/folder.py, whenever one of DEPENDS is newer, and served
# by http::serve_folder. Compressed, and taken in by the assembler: the compiler reads none of it.
function(embed_folder name folder)
  cmake_parse_arguments(EMBED "" "" "DEPENDS" ${ARGN})
  set(out ${CMAKE_BINARY_DIR}/generated)
  add_custom_command(
    OUTPUT ${out}/folder_${name}.cpp ${out}/folder_${name}.hpp ${out}/folder_${name}.pack
    COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/cmake/folder.py ${name} ${folder} ${out}
    DEPENDS ${EMBED_DEPENDS} ${CMAKE_SOURCE_DIR}/cmake/folder.py
    COMMENT "Embedding the folder ${name}")
  set(EMBEDDED_SOURCES ${EMBEDDED_SOURCES} ${out}/folder_${name}.cpp PARENT_SCOPE)
  set_source_files_properties(${out}/folder_${name}.cpp PROPERTIES OBJECT_DEPENDS ${out}/folder_${name}.pack)
  add_custom_target(embedded_${name} DEPENDS ${out}/folder_${name}.cpp)
  add_dependencies(embedded_text embedded_${name})
endfunction()
