# The documentation is a part of the binary: tools/site.py makes pages of docs/ and openapi.json.
file(GLOB_RECURSE SITE_INPUTS CONFIGURE_DEPENDS docs/*.md tools/site_parts/*)
list(FILTER SITE_INPUTS EXCLUDE REGEX "__pycache__")
set(SITE ${CMAKE_BINARY_DIR}/docs)
add_custom_command(
  OUTPUT ${SITE}/index.html
  COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/tools/site.py --out ${SITE}
  DEPENDS ${SITE_INPUTS} ${CMAKE_SOURCE_DIR}/tools/site.py ${CMAKE_SOURCE_DIR}/README.md ${CMAKE_SOURCE_DIR}/openapi.json
  COMMENT "Writing the documentation's pages")
embed_folder(docs ${SITE} DEPENDS ${SITE}/index.html)
