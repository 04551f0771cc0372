# The console is a part of the binary: cmake/console.py builds it with npm. Without npm, or without a
# network when its packages are not there yet, the binary gets a page in its place that says so.
file(GLOB_RECURSE CONSOLE_INPUTS CONFIGURE_DEPENDS console/src/*)
list(APPEND CONSOLE_INPUTS ${CMAKE_SOURCE_DIR}/console/index.html ${CMAKE_SOURCE_DIR}/console/package-lock.json
  ${CMAKE_SOURCE_DIR}/console/package.json ${CMAKE_SOURCE_DIR}/console/vite.config.ts)
set(CONSOLE ${CMAKE_BINARY_DIR}/console)
add_custom_command(
  OUTPUT ${CONSOLE}/stamp
  COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/cmake/console.py ${CMAKE_SOURCE_DIR}/console ${CONSOLE}
  DEPENDS ${CONSOLE_INPUTS} ${CMAKE_SOURCE_DIR}/cmake/console.py
  COMMENT "Building the console")
embed_folder(console ${CONSOLE}/dist DEPENDS ${CONSOLE}/stamp)
