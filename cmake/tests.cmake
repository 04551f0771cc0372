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
add_executable(stateset_tests)
target_link_libraries(stateset_tests PRIVATE unit_tests journeys)
# The same without the unit tests, which have no use for a second run.
add_executable(stateset_journeys)
target_link_libraries(stateset_journeys PRIVATE journeys)
add_dependencies(stateset_tests stateset)
add_dependencies(stateset_journeys stateset)

set(CLUSTER ${CMAKE_SOURCE_DIR}/tools/cluster.py)
set(POSTGRES ${CMAKE_BINARY_DIR}/postgres.json)
add_test(NAME postgres.start COMMAND python3 ${CLUSTER} --only-postgres --no-fsync --background ${POSTGRES})
add_test(NAME postgres.end COMMAND python3 ${CLUSTER} --end ${POSTGRES})
set_tests_properties(postgres.start PROPERTIES FIXTURES_SETUP postgres TIMEOUT 60)
set_tests_properties(postgres.end PROPERTIES FIXTURES_CLEANUP postgres TIMEOUT 60)

function(discover target list)
  gtest_discover_tests(${target} TEST_LIST ${list} DISCOVERY_TIMEOUT 60 ${ARGN} TIMEOUT 600)
endfunction()
set(on_postgres TEST_PREFIX postgres. PROPERTIES FIXTURES_REQUIRED postgres ENVIRONMENT STATESET_TEST_CLUSTER=${POSTGRES})
discover(stateset_tests on_sqlite TEST_FILTER "-*Postgres*:Cluster*.*" PROPERTIES)
discover(stateset_journeys journeys_on_postgres TEST_FILTER "-Cluster*.*" ${on_postgres})
# What speaks with PostgreSQL itself.
discover(stateset_tests stores_on_postgres TEST_FILTER "*Postgres*" ${on_postgres})
# Each starts an installation of its own, and is about time: alone on the machine.
discover(stateset_tests of_clusters TEST_FILTER "Cluster*.*" PROPERTIES RUN_SERIAL TRUE)
