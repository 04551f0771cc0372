"""The figures on PostgreSQL."""
import time

import goods
import large
from load import at_rate, beside, cost, pgbench, wrk
from report import Section

TITLE = "PostgreSQL"
STORED = 20_000  # orders when fresh, and as many of them are read when there are more
CACHED = 2_000   # orders that are read again and again
LOADED_AGO_MS = 300 * 24 * 3600 * 1000
STORY = """What each side writes and reads:

- A reservation changes the row of its stock (`inventory_balances`) and writes a row of
  `inventory_reservations` and its event. pgbench (`bench/sql/reserve.sql`): one transaction of
  `select … for update`, the update, and one statement with both inserts.
- An order of two lines writes one row of `orders`, two of `order_items` and its event of 1.3 kB,
  after it looked up customer and prices by key. pgbench (`bench/sql/place.sql`): one statement that
  does it all. No `Idempotency-Key` on our side, so neither writes a record of one. Ids follow time
  on both sides.
- Our server writes one row more per batch, the marker by which a lost commit is found out about.
- An order is read as its row of `orders` and its lines. pgbench (`bench/sql/read_pipelined.sql`):
  both questions in one pipeline; and for comparison one after the other."""


class Bed:
    """A server on a PostgreSQL of its own, with goods, customers and orders."""

    def __init__(self, place):
        self.place = place
        self.postgres = place.postgres()
        self.server = place.stateset("--database", self.postgres.url)
        self.customers = goods.set_up(self.server)
        self.server.ask("POST", "/orders", goods.order(self.customers))
        self.server.ask("POST", f"/inventory/items/{goods.HOT}/reserve",
                        {"location_id": 1, "quantity": "1"})
        self.item = self.sql(
            f"select id from inventory_items where item_number = '{goods.HOT}'")
        self.first_ms = int(time.time() * 1000) - LOADED_AGO_MS
        self.postgres.script("prepare.sql", first_ms=self.first_ms)
        self.stored = 0
        self.load(STORED)

    def sql(self, statement):
        return self.postgres.sql(statement, "stateset")

    def load(self, orders):
        """So many are stored then."""
        self.postgres.script("load.sql", first=self.stored + 1, last=orders)
        self.stored = orders
        self.sql("vacuum analyze")
        self.postgres.sql("checkpoint")

    @property
    def stride(self):
        """Which of the loaded orders are read: STORED of them, all over the table."""
        return self.stored // STORED

    def read_ids(self):
        return self.sql(f"select bench.key(0, n * {self.stride}) "
                        f"from generate_series(1, {STORED}) n").split()


def measure(place, options):
    section = Section(TITLE, STORY)
    bed = Bed(place)
    ratios = compare(section, bed, options.seconds)
    half_load(section, bed, ratios, options.seconds)
    cached(section, bed, options.seconds)
    bed.server.verify()
    sections = [section]
    if options.large:
        sections.append(large.measure(bed, ratios, options, compare))
    bed.server.stop()
    bed.postgres.stop()
    return sections


def compare(section, bed, seconds, before=None):
    """The three ratios; `before` are those of the fresh database."""
    server, postgres = bed.server, bed.postgres
    reserve, place, read = (goods.reservation(), goods.orders(bed.customers),
                            goods.reads(bed.read_ids()))

    def bar(name, fresh):
        return 0.8 * before[name].ratio if before else fresh

    figures = {}
    ours, theirs = beside(seconds, lambda s: wrk(server, reserve, s),
                          lambda s: pgbench(postgres, "reserve.sql", s, item=bed.item))
    figures["reserve"] = section.add(
        "reserve one hot SKU", ours, "pgbench, one reservation per transaction", theirs,
        bar=bar("reserve", 20), goal=None if before else 50, why=WHY["reserve"])
    ours, theirs = beside(seconds, lambda s: wrk(server, place, s),
                          lambda s: pgbench(postgres, "place.sql", s))
    figures["place"] = section.add(
        "place an order of 2 lines, 10,000 SKUs", ours, "pgbench, one statement per order", theirs,
        bar=bar("place", 1), goal=None if before else 2, why=WHY["place"])
    picked = {"picks": len(bed.read_ids()), "stride": bed.stride}
    ours, theirs, plain = beside(
        seconds, lambda s: wrk(server, read, s),
        lambda s: pgbench(postgres, "read_pipelined.sql", s, **picked),
        lambda s: pgbench(postgres, "read.sql", s, **picked))
    figures["read"] = section.add(
        "GET /orders/{id}, not cached", ours, "pgbench, both questions in one pipeline", theirs,
        bar=bar("read", 0.6), why=WHY["read"])
    section.add("GET /orders/{id}, not cached", ours, "pgbench, one question after the other",
                plain)
    for name, requests in (("a reservation", reserve), ("an order", place), ("a read", read)):
        ours, theirs, load = cost(seconds, lambda s: wrk(server, requests, s), server, postgres)
        section.fact(f"processor time of {name}: {ours:.0f} µs in the server, {theirs:.0f} µs in "
                     f"PostgreSQL, {load:.0f} µs in the load generator")
    return figures


def half_load(section, bed, figures, seconds):
    for name, requests, what, most in (
            ("reserve", goods.reservation(), "reserve one hot SKU at half load", 20),
            ("place", goods.orders(bed.customers), "place an order at half load", 20),
            ("read", goods.reads(bed.read_ids()), "GET /orders/{id}, not cached, at half load", 5)):
        result = at_rate(bed.server, requests, seconds, figures[name].ours.rate / 2)
        section.add(what, result, bar=most, at_most="p99", why=WHY["latency"])


def cached(section, bed, seconds):
    """An instance of its own, which knows the other by Redis only."""
    redis = bed.place.redis()
    server = bed.place.stateset("--database", bed.postgres.url, "--redis",
                                f"redis://{redis.address}")
    ids = bed.read_ids()[:CACHED]
    beside_nginx(section, bed.place, server, ids, seconds, "GET /orders/{id}, cached, Redis")
    server.stop()
    redis.stop()


def beside_nginx(section, place, server, ids, seconds, what):
    nginx = place.nginx(server.request("GET", f"/api/v1/orders/{ids[0]}")[2].decode())
    requests = goods.reads(ids)
    wrk(server, requests, 2 * max(1, seconds // 3))
    ours, theirs = beside(seconds, lambda s: wrk(server, requests, s),
                          lambda s: wrk(nginx, requests, s))
    section.add(what, ours, "nginx, the same bytes from memory", theirs, bar=0.5,
                why=WHY["cached"])
    nginx.stop()


WHY = {
    "reserve": """Our side keeps the processors busy (their time is above), pgbench waits for its
        lock and the disk: the quicker the disk, the smaller the ratio.""",
    "place": "The processors are busy; most of the time is PostgreSQL's, writing the same rows.",
    "read": "The processors are busy, half of the time with HTTP and JSON, which pgbench is not.",
    "latency": "The load generator, the server and PostgreSQL share the processors and the disk.",
    "cached": """Each answer needs a word from Redis that it still counts, on a thread of its own,
        and a request id; the constant bytes of nginx need neither."""}
