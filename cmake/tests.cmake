# The tests, and how ctest runs them. Every journey (tests/*.cpp) runs twice: on SQLite, and as
# postgres.… on a PostgreSQL server that starts before the first of them and ends after the last.
enable_testing()
find_package(GTest REQUIRED)
include(GoogleTest)

file(GLOB_RECURSE JOURNEYS CONFIGURE_DEPENDS tests/*.cpp)
list(FILTER JOURNEYS EXCLUDE REGEX "/fuzz/")
add_library(unit_tests OBJECT ${UNIT_TESTS})
add_library(journeys OBJECT ${JOURNEYS})
foreach(part unit_tests journeys)
  target_include_directories(${part} PRIVATE tests)
  target_compile_definitions(${part} PRIVATE STATESET_BINARY="$<TARGET_FILE:stateset>" STATESET_SOURCE="${CMAKE_SOURCE_DIR}")
  target_link_libraries(${part} PUBLIC stateset_lib GTest::gtest GTest::gtest_main rapidcheck)
endforeach()
# They wait for the server most of the time; unoptimised they compile in half of it.
target_compile_options(journeys PRIVATE -O0)
add_executable(stateset_tests)
target_link_libraries(stateset_tests PRIVATE unit_tests journeys)
# The same without the unit tests, which have no use for a second run.
add_executable(stateset_journeys)
target_link_libraries(stateset_journeys PRIVATE journeys)
add_dependencies(stateset_tests stateset)
add_dependencies(stateset_journeys stateset)

file(GLOB SIMULATION CONFIGURE_DEPENDS sim/*.cpp)
add_executable(stateset-sim ${SIMULATION})
target_link_libraries(stateset-sim PRIVATE stateset_lib)

# Servers for many tests: NAME starts before the first test that requires it and ends after the last.
function(add_server name)
  set(addresses ${CMAKE_BINARY_DIR}/${name}.json)
  set(cluster python3 ${CMAKE_SOURCE_DIR}/tools/cluster.py)
  add_test(NAME ${name}.start COMMAND ${cluster} ${ARGN} --no-fsync --background ${addresses})
  add_test(NAME ${name}.end COMMAND ${cluster} --end ${addresses})
  set_tests_properties(${name}.start PROPERTIES FIXTURES_SETUP ${name} TIMEOUT 60)
  set_tests_properties(${name}.end PROPERTIES FIXTURES_CLEANUP ${name} TIMEOUT 60)
  set(on_${name} TEST_PREFIX ${name}. PROPERTIES FIXTURES_REQUIRED ${name}
    ENVIRONMENT STATESET_TEST_CLUSTER=${addresses} PARENT_SCOPE)
endfunction()
add_server(postgres --only-postgres)
add_server(replicated --only-postgres --replica)

function(discover target list)
  gtest_discover_tests(${target} TEST_LIST ${list} DISCOVERY_TIMEOUT 60 ${ARGN} TIMEOUT 600)
endfunction()
discover(stateset_tests on_sqlite TEST_FILTER "-*Postgres*:Cluster*.*" PROPERTIES)
discover(stateset_journeys journeys_on_postgres TEST_FILTER "-Cluster*.*" ${on_postgres})
# What speaks with PostgreSQL itself.
set(with_replica PostgresReader.what_a_replica_answers_is_as_fresh_as_the_primary)
discover(stateset_tests stores_on_postgres TEST_FILTER "*Postgres*-${with_replica}" ${on_postgres})
discover(stateset_tests stores_replicated TEST_FILTER "${with_replica}" ${on_replicated})
# Each starts an installation of its own, and is about time: alone on the machine.
discover(stateset_tests of_clusters TEST_FILTER "Cluster*.*" PROPERTIES RUN_SERIAL TRUE)

# The whole house at random, against a plain model: 500 seeds, in two halves so that two cores share them. In each,
# every command of the endpoint table must have been carried out.
foreach(first 1 251)
  add_test(NAME Simulation.from_seed_${first} COMMAND stateset-sim --seed ${first} --seeds 250 --all-commands)
  set_tests_properties(Simulation.from_seed_${first} PROPERTIES TIMEOUT 900)
endforeach()

# The console's journeys in a real browser, on the binary; skipped where there is none.
add_test(NAME Console.in_a_browser COMMAND node ${CMAKE_SOURCE_DIR}/tests/console/run.mjs)
set_tests_properties(Console.in_a_browser PROPERTIES TIMEOUT 400 SKIP_RETURN_CODE 77
  ENVIRONMENT "STATESET_BINARY=$<TARGET_FILE:stateset>;CONSOLE_BUILD=${CMAKE_BINARY_DIR}/console;CONSOLE_RESULTS=${CMAKE_BINARY_DIR}/console-results")

# The pages of docs/journeys are what the server answers today.
add_test(NAME Journeys.are_what_the_server_answers
  COMMAND python3 ${CMAKE_SOURCE_DIR}/tools/journeys.py --binary $<TARGET_FILE:stateset> --check)
set_tests_properties(Journeys.are_what_the_server_answers PROPERTIES TIMEOUT 120)

# The services of gRPC are those of openapi.json, and nobody who speaks the committed ones is left behind.
add_test(NAME Protos.are_what_openapi_says COMMAND python3 ${CMAKE_SOURCE_DIR}/tools/protos.py --check)
set_tests_properties(Protos.are_what_openapi_says PROPERTIES TIMEOUT 60)

# Every link of the documentation leads somewhere, each page has a title of its own, and none asks anybody else.
add_test(NAME Docs.every_link_leads_somewhere
  COMMAND python3 ${CMAKE_SOURCE_DIR}/tools/site.py --out ${CMAKE_BINARY_DIR}/docs-checked --check)
set_tests_properties(Docs.every_link_leads_somewhere PROPERTIES TIMEOUT 60)
add_test(NAME Docs.are_valid_html
  COMMAND python3 ${CMAKE_SOURCE_DIR}/tools/site.py --out ${CMAKE_BINARY_DIR}/docs-tidied --valid)
set_tests_properties(Docs.are_valid_html PROPERTIES TIMEOUT 60 SKIP_RETURN_CODE 77)

# What README, the guides and the concepts show is what happens: every command runs, every answer is compared, and every
# lifecycle is drawn as its table is.
add_test(NAME Guides.show_what_happens
  COMMAND python3 ${CMAKE_SOURCE_DIR}/tools/guides.py --binary $<TARGET_FILE:stateset> --check)
set_tests_properties(Guides.show_what_happens PROPERTIES TIMEOUT 300)

# The libraries of sdk/ are what openapi.json says, and each works: in its language's own test runner, against servers
# that its tests start. Skipped where the language is not installed.
add_test(NAME sdk.generated COMMAND python3 ${CMAKE_SOURCE_DIR}/sdk/generate.py --check)
foreach(library typescript python python.types go)
  add_test(NAME sdk.${library} COMMAND python3 ${CMAKE_SOURCE_DIR}/sdk/test.py ${library}
    --binary $<TARGET_FILE:stateset> --tools ${CMAKE_BINARY_DIR}/tools)
  set_tests_properties(sdk.${library} PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)
endforeach()

# openapi.json, judged by Spectral's rules, and the server judged by openapi.json (tests/contract/README.md). Skipped where
# the tools are not installed.
add_test(NAME Contract.is_clean_to_spectral COMMAND python3 ${CMAKE_SOURCE_DIR}/tests/contract/lint_openapi.py)
set_tests_properties(Contract.is_clean_to_spectral PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)
# Every boundary of every schema, one after another; then chance, alone and in sequences.
set(play python3 ${CMAKE_SOURCE_DIR}/tests/contract/fuzz_api.py --binary $<TARGET_FILE:stateset>
  --st ${CMAKE_BINARY_DIR}/tools/contract/bin/st --seed 1)
add_test(NAME Contract.holds_at_every_boundary COMMAND ${play} --seconds 100 -- --phases coverage)
add_test(NAME Contract.holds_whatever_is_played COMMAND ${play} --seconds 40 -- --phases examples,fuzzing,stateful)
set_tests_properties(Contract.holds_at_every_boundary Contract.holds_whatever_is_played PROPERTIES
  TIMEOUT 300 SKIP_RETURN_CODE 77)

# All that the journeys do, each command tried with dry_run=true before it is done; at the end none may be left that was
# never tried. Left out is what races: there another may have been faster than the second of the two.
set(racing *at_once*:*racing*:*exactly_a_thousand*:*however_many*:*last_pieces*:*overtakes*:*during_sales*:*two_hundred*
  *two_activations*:*many_created*:*many_resolve*:*many_register*:*same_moment*:DryRuns.beside*:ShipmentRaces.*:StreamsAndRestarts.*:JobsInCrashes.*:Cluster*:Every*:Hostile*:*Crash*:Grpc*)
string(REPLACE ";" ":" racing "${racing}")
add_test(NAME Rehearsal.what_is_tried_is_what_is_done COMMAND stateset_journeys --gtest_filter=-${racing})
set_tests_properties(Rehearsal.what_is_tried_is_what_is_done PROPERTIES TIMEOUT 600 ENVIRONMENT STATESET_TEST_REHEARSED=1)
