#!/usr/bin/env bash
# One order goes its whole way: place, process, pay, ship, deliver. With curl alone, showing each answer.
#
#     STATESET_KEY=sk_live_… examples/first-order.sh            against http://127.0.0.1:8080
#     STATESET_URL=http://host:port STATESET_KEY=… examples/first-order.sh
set -euo pipefail

url=${STATESET_URL:-http://127.0.0.1:8080}/api/v1
key=${STATESET_KEY:?an API key: ./dev run shows one at its first start}
sku=MUG-$(date +%s)-$$   # a fresh one each time, so that this can be run again

# ask METHOD PATH [BODY]: shows the request and the answer, keeps the answer in $answer, stops at the first error.
ask() {
    printf '\n%s %s %s\n' "$1" "$2" "${3:-}" >&2
    local given=()
    [ $# -lt 3 ] || given=(--header 'Content-Type: application/json' --data "$3")
    answer=$(curl --silent --show-error --fail-with-body --request "$1" "$url$2" \
        --header "Authorization: Bearer $key" --header "Idempotency-Key: $sku-$1-$2" "${given[@]}") || {
        printf '%s\n' "$answer" >&2
        exit 1
    }
    printf '%s\n' "$answer" >&2
}

# The first value of a member in the last answer.
value() { grep -o "\"$1\":\"[^\"]*\"" <<<"$answer" | head -n 1 | cut -d '"' -f 4; }

ask POST /customers "{\"email\":\"$sku@example.com\",\"first_name\":\"Ada\"}"
customer=$(value id)
ask POST /products "{\"name\":\"A mug\",\"sku\":\"$sku\",\"price\":\"49.99\",\"currency\":\"USD\",\"track_inventory\":true}"
ask POST "/inventory/items/$sku/receive" '{"location_id":1,"quantity":"15"}'
ask POST /orders "{\"customer_id\":\"$customer\",\"items\":[{\"sku\":\"$sku\",\"quantity\":2}]}"
order=$(value id)
ask POST "/orders/$order/process"
ask POST /payments "{\"order_id\":\"$order\",\"method\":{\"type\":\"card\",\"token\":\"tok_ok\"}}"
ask POST /shipments "{\"order_id\":\"$order\",\"carrier\":\"sandbox\"}"
shipment=$(value id)
ask POST "/shipments/$shipment/ship"
ask POST "/shipments/$shipment/deliver"
ask GET "/orders/$order"
[ "$(value status)" = delivered ] || { echo "the order is not delivered" >&2; exit 1; }
ask GET "/orders/$order/timeline"
printf '\nThe order went its whole way.\n' >&2
