"""The figures on the embedded store, beside raw SQLite on a copy of its data."""
import json
import pathlib

import goods
import large
from load import Requests, Result, at_rate, beside, wrk
from report import Section
from servers import BINARY, output

TITLE = "Embedded"
RAW = str(pathlib.Path(BINARY).parent / "stateset_bench")
STORED = 100_000  # orders, when it is started again and read
READ = 2_000      # of them
STORY = """SQLite in the server's own process. Raw SQLite (`bench/raw_sqlite.cpp`) writes and reads
the same rows on a copy of the same file, on one thread, without HTTP, JSON or rules."""


def raw(file, *what):
    rate, p50, p99 = output(RAW, file, *map(str, what)).split()
    return Result(float(rate), float(p50) / 1000, float(p99) / 1000)


def measure(place, options):
    seconds = options.seconds
    section = Section(TITLE, STORY)
    hot_sku(section, place, seconds)
    server = place.stateset()
    idle_mb = server.resident_mb()
    customers = goods.set_up(server)
    orders = goods.orders(customers)
    placed = beside_raw_writes(section, place, server, orders, seconds)
    store(server, orders, seconds if options.quick else STORED / placed.rate)
    ids = newest(server)
    read = beside_raw_reads(section, place, server, ids, seconds)
    half_load(section, server, orders, placed, "place an order at half load", 20, seconds)
    half_load(section, server, goods.reads(ids), read, "GET /orders/{id} at half load", 5, seconds)
    section.fact(f"resident memory idle, fresh: {idle_mb:.0f} MB; after the load: "
                 f"{server.resident_mb():.0f} MB (bar: 128)")
    start_again(section, server)
    server.verify()
    sections = [section]
    if options.large:
        store(server, orders, seconds if options.quick else (options.orders - STORED) / placed.rate)
        sections.append(large.measure_embedded(server, customers, seconds))
    server.stop()
    return sections


def hot_sku(section, place, seconds):
    """What batches are worth."""
    single, server = (place.stateset("--batch-commands", "1"), place.stateset())
    for each in (single, server):
        goods.stock(each)
    reserve = goods.reservation()
    batched, alone = beside(seconds, lambda s: wrk(server, reserve, s),
                            lambda s: wrk(single, reserve, s))
    section.add("reserve one hot SKU", batched, "the same, one command per transaction", alone)
    for each in (single, server):
        each.verify()
        each.stop()


def store(server, orders, seconds):
    if seconds > 0:
        wrk(server, orders, int(seconds) + 1)


def newest(server):
    ids, cursor = [], ""
    while len(ids) < READ:
        page = server.ask("GET", "/orders?limit=100" + cursor)
        ids += [each["id"] for each in page["data"]]
        cursor = "&cursor=" + page["next_cursor"]
    return ids


def copy_of(place, server):
    """The server's file, together with what it has not yet taken over from its log."""
    file = str(place.folder / "raw.db")
    output("sqlite3", str(server.folder / "stateset.db"), f"vacuum into '{file}'")
    return file


def beside_raw_writes(section, place, server, orders, seconds):
    server.ask("POST", "/orders", json.loads(orders.first.split(" ", 1)[1]))
    file = copy_of(place, server)
    placed, batched, alone = beside(seconds, lambda s: wrk(server, orders, s),
                                    lambda s: raw(file, "place", 64, s),
                                    lambda s: raw(file, "place", 1, s))
    section.add("place an order of 2 lines, 10,000 SKUs", placed,
                "raw SQLite, 64 orders per transaction", batched)
    section.add("place an order of 2 lines, 10,000 SKUs", placed,
                "raw SQLite, one order per transaction", alone)
    pathlib.Path(file).unlink()
    return placed


def beside_raw_reads(section, place, server, ids, seconds):
    file = copy_of(place, server)
    requests = goods.reads(ids)
    nginx = place.nginx(server.request("GET", f"/api/v1/orders/{ids[0]}")[2].decode())
    read, constant, direct = beside(seconds, lambda s: wrk(server, requests, s),
                                    lambda s: wrk(nginx, requests, s),
                                    lambda s: raw(file, "read", s))
    nginx.stop()
    section.add("GET /orders/{id}, cached", read, "nginx, the same bytes from memory", constant,
                bar=0.5, why=WHY)
    section.add("GET /orders/{id}, cached", read, "raw SQLite, one thread", direct)
    lists = Requests("GET", ["/api/v1/orders?limit=20"])
    listed, direct = beside(seconds, lambda s: wrk(server, lists, s),
                            lambda s: raw(file, "list", s))
    section.add("GET /orders?limit=20", listed, "raw SQLite, one thread", direct)
    pathlib.Path(file).unlink()
    return read


def half_load(section, server, requests, full, what, most, seconds):
    result = at_rate(server, requests, seconds, full.rate / 2)
    section.add(what, result, bar=most, at_most="p99")


def start_again(section, server):
    orders = int(output("sqlite3", str(server.folder / "stateset.db"),
                        "select count(*) from orders"))
    server.stop()
    server.launch_and_enter()
    section.fact(f"start to first answer with {orders:,} orders stored: {server.start_ms:.0f} ms "
                 f"(bar: 300); resident memory then: {server.resident_mb():.0f} MB (bar: 32)")


WHY = ""
