# A shell function that asks the server; the guides use it.
#
#     export STATESET_KEY=$(build/stateset admin keys create)
#     . examples/api.sh
#     api GET /orders
#     api POST /customers '{"email": "ada@example.com"}'
#
# It prints the answer, and fails (22, as curl does) when that is an error. STATESET_URL names another server.

api() {  # METHOD PATH [BODY]
    local body=() end=
    [ $# -lt 3 ] || body=(--json "$3")
    [ ! -t 1 ] || end='\n'
    curl --silent --show-error --fail-with-body --request "$1" \
        "${STATESET_URL:-http://127.0.0.1:8080}/api/v1$2" \
        --header "Authorization: Bearer $STATESET_KEY" "${body[@]}" --write-out "$end"
}
