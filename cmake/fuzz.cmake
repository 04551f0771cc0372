# Fuzz targets, one per parser, each run by ctest for a short time. They are built by clang whatever
# builds the rest, since libFuzzer is clang's; without clang++-19 they are left out and said so.
find_program(FUZZ_COMPILER NAMES clang++-19)
set(FUZZ_SECONDS 10 CACHE STRING "How long ctest lets each fuzz target run")

function(add_fuzz_target name)
  cmake_parse_arguments(FUZZ "" "" "SOURCES;LIBRARIES" ${ARGN})
  set(binary ${CMAKE_BINARY_DIR}/fuzz/${name})
  set(inputs ${CMAKE_SOURCE_DIR}/tests/fuzz/${name}.cpp)
  foreach(source ${FUZZ_SOURCES})
    list(APPEND inputs ${CMAKE_SOURCE_DIR}/src/platform/${source})
  endforeach()
  add_custom_command(
    OUTPUT ${binary}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/fuzz/corpus-${name}
    COMMAND ${FUZZ_COMPILER} -std=c++23 -O1 -g -fsanitize=fuzzer,address,undefined
            -fno-sanitize-recover=undefined -DBOOST_ASIO_NO_DEPRECATED
            -I${CMAKE_SOURCE_DIR}/src -I${CMAKE_BINARY_DIR}/generated
            ${inputs} ${FUZZ_LIBRARIES} -o ${binary}
    DEPENDS ${inputs} ${FUZZ_HEADERS} ${EMBEDDED_SOURCES}
    COMMENT "Building the fuzz target ${name}")
  add_custom_target(${name} DEPENDS ${binary})
  add_dependencies(fuzz_targets ${name})
  add_test(NAME fuzz.${name}
    COMMAND ${binary} -max_total_time=${FUZZ_SECONDS} -timeout=5 -rss_limit_mb=1024 -max_len=4096
            -print_final_stats=1 -artifact_prefix=${CMAKE_BINARY_DIR}/fuzz/
            ${CMAKE_BINARY_DIR}/fuzz/corpus-${name})
  set_tests_properties(fuzz.${name} PROPERTIES TIMEOUT 300 FIXTURES_REQUIRED fuzz_targets)
endfunction()

if(FUZZ_COMPILER)
  file(GLOB_RECURSE FUZZ_HEADERS CONFIGURE_DEPENDS src/platform/*.hpp)
  add_custom_target(fuzz_targets)
  # Built when they are about to run, so that editing a header does not wait for them.
  add_test(NAME fuzz.build COMMAND ${CMAKE_COMMAND} --build ${CMAKE_BINARY_DIR} --target fuzz_targets)
  set_tests_properties(fuzz.build PROPERTIES TIMEOUT 900 FIXTURES_SETUP fuzz_targets)
  set(json_sources json/decode.cpp json/tape.cpp json/writer.cpp core/id.cpp core/money.cpp core/time.cpp)
  add_fuzz_target(framing_fuzz SOURCES http/framing.cpp http/message.cpp)
  add_fuzz_target(json_fuzz SOURCES ${json_sources} LIBRARIES -lboost_json)
  add_fuzz_target(url_fuzz
    SOURCES http/url_text.cpp http/entity_tag.cpp http/message.cpp store/reads.cpp store/sqlite.cpp
            auth/crypto.cpp ${json_sources}
    LIBRARIES -lboost_json -lsqlite3 -lcrypto -largon2 -lpthread)
else()
  message(WARNING "clang++-19 is missing: the fuzz targets are left out")
endif()
