"""The same again with many orders stored, and every filter of the list."""
import datetime

import goods
from load import Requests, wrk
from report import Section

TITLE = "PostgreSQL with 1,000,000 orders"
EMBEDDED_TITLE = "Embedded with 1,000,000 orders"
LIST_CONNECTIONS = 4
MOST_LIST_SECONDS = 5
LISTS = f"A list is asked by {LIST_CONNECTIONS} connections, each as soon as it has its answer."
STORY = f"""Of ten orders six are delivered and paid, two pending, two cancelled (one of these
archived); 100 are on hold and 100 have a failed payment. {LISTS}"""


def measure(bed, fresh, options, compare):
    section = Section(TITLE, STORY)
    bed.load(options.orders)
    compare(section, bed, options.seconds, before=fresh)
    numbers = [f"LOAD-{n * bed.stride * 97 + 1}" for n in range(200)]
    lists(section, bed.server, bed.customers, numbers, options.seconds)
    bed.server.verify()
    section.fact(f"{bed.sql('select count(*) from orders')} orders at the end; the database is "
                 + bed.sql("select pg_size_pretty(pg_database_size('stateset'))"))
    return section


def measure_embedded(server, customers, seconds):
    section = Section(EMBEDDED_TITLE, f"All of them as they were placed, pending. {LISTS}")
    newest = server.ask("GET", "/orders?limit=100")["data"]
    lists(section, server, customers, [order["order_number"] for order in newest], seconds)
    server.verify()
    return section


def shown(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def filters(customers, numbers, now):
    """What each asks: a name and the queries that are drawn from."""
    skus = [f"sku=SKU-{n}" for n in range(1, goods.SKUS, 50)]
    old, recent = (shown(now - datetime.timedelta(days=days)) for days in (250, 20))
    return [
        ("nothing", [""]),
        ("status, many", ["status=delivered", "status=pending"]),
        ("status, few", ["status=on_hold"]),
        ("status, none", ["status=partially_shipped"]),
        ("payment_status, many", ["payment_status=paid", "payment_status=unpaid"]),
        ("payment_status, few", ["payment_status=failed"]),
        ("payment_status, none", ["payment_status=voided"]),
        ("fulfillment_status, many", ["fulfillment_status=fulfilled"]),
        ("fulfillment_status, none", ["fulfillment_status=returned"]),
        ("customer_id", [f"customer_id={each}" for each in customers[:200]]),
        ("customer_id and status", [f"customer_id={each}&status=pending"
                                    for each in customers[:200]]),
        ("order_number", [f"order_number={each}" for each in numbers]),
        ("order_number, unknown", ["order_number=NONE-1"]),
        ("sku", skus),
        ("sku, unknown", ["sku=NONE"]),
        ("sku and status", [f"{sku}&status=on_hold" for sku in skus]),
        ("archived", ["archived=true"]),
        ("created_after, recent", [f"created_after={recent}"]),
        ("created_after, long ago", [f"created_after={old}"]),
        ("created_before, recent", [f"created_before={recent}"]),
        ("created_before, long ago", [f"created_before={old}"]),
        ("created_before, before all", ["created_before=2000-01-01T00:00:00Z"]),
        ("oldest first", ["sort=oldest"]),
        ("oldest first, created_after recent", [f"sort=oldest&created_after={recent}"]),
        ("oldest first, status few", ["sort=oldest&status=on_hold"]),
        ("expand=items,customer", ["expand=items,customer"]),
    ]


def lists(section, server, customers, numbers, seconds):
    now = datetime.datetime.now(datetime.timezone.utc)
    for name, queries in filters(customers, numbers, now):
        requests = Requests("GET", [f"/api/v1/orders?limit=20&{query}" for query in queries])
        wrk(server, requests, 1, connections=LIST_CONNECTIONS)
        result = wrk(server, requests, min(seconds, MOST_LIST_SECONDS),
                     connections=LIST_CONNECTIONS)
        section.add(f"GET /orders, {name}", result, bar=20, at_most="p99")
