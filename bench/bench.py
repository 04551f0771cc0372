#!/usr/bin/env python3
"""Measures StateSet on its embedded store and writes docs/benchmarks.md: ratios of figures taken in one run.

    ./dev bench [--seconds 10] [--orders 100000]

The load generator (wrk, 64 connections) shares the machine with the server, so read the figures as ratios. Every write
is durable: SQLite in WAL with synchronous=FULL.
"""
import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = os.environ["STATESET_BINARY"]
RAW = str(pathlib.Path(BINARY).parent / "stateset_bench")
CONNECTIONS, THREADS = 64, 2


class Server:
    """The real binary on a folder of its own."""

    def __init__(self, folder, *flags):
        self.folder = folder
        environment = dict(os.environ, STATESET_RATE_LIMIT="off", STATESET_ADMIN_EMAIL="bench@example.com",
                           STATESET_ADMIN_PASSWORD="a long password", STATESET_LOG="warn")
        begun = time.monotonic()
        self.process = subprocess.Popen([BINARY, "serve", "--data", folder, "--http", "127.0.0.1:18080", *flags],
                                        env=environment, stdout=subprocess.DEVNULL)
        self.url = "http://127.0.0.1:18080"
        while True:
            try:
                urllib.request.urlopen(self.url + "/livez", timeout=1).read()
                break
            except OSError:
                if time.monotonic() - begun > 30:
                    raise
                time.sleep(0.002)
        self.start_ms = (time.monotonic() - begun) * 1000
        tokens = self.ask("POST", "/auth/login", {"email": "bench@example.com", "password": "a long password"}, None)
        self.key = self.ask("POST", "/api-keys", {"name": "bench", "scopes": ["*"]}, tokens["access_token"])["key"]

    def ask(self, method, path, body=None, token=""):
        headers = {"Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = "Bearer " + (token or self.key)
        request = urllib.request.Request(self.url + "/api/v1" + path, method=method, headers=headers,
                                         data=json.dumps(body or {}).encode() if method != "GET" else None)
        return json.load(urllib.request.urlopen(request, timeout=30))

    def resident_mb(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


def wrk(server, seconds, path, method="GET", body=None, paths=None):
    """Runs wrk; answers requests per second, p50 and p99 in milliseconds, and how many answers were errors."""
    script = tempfile.NamedTemporaryFile("w", suffix=".lua")
    lines = [f'wrk.method = "{method}"', f'wrk.headers["Authorization"] = "Bearer {server.key}"']
    if body is not None:
        lines += [f"wrk.body = [[{json.dumps(body)}]]", 'wrk.headers["Content-Type"] = "application/json"']
    if paths:
        listed = ", ".join(f'"{p}"' for p in paths)
        lines += [f"local paths = {{{listed}}}", "local at = 0",
                  "request = function() at = at % #paths + 1; return wrk.format(nil, paths[at]) end"]
    lines += ['done = function(s, l, r) io.write(string.format("RESULT %f %f %f %d %d\\n", s.requests / s.duration * 1e6,'
              ' l:percentile(50) / 1000, l:percentile(99) / 1000, s.errors.status, s.errors.timeout)) end']
    script.write("\n".join(lines))
    script.flush()
    out = subprocess.run(["wrk", f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", script.name,
                          server.url + path], capture_output=True, text=True, check=True).stdout
    rate, p50, p99, errors, timeouts = re.search(r"RESULT (\S+) (\S+) (\S+) (\d+) (\d+)", out).groups()
    return {"rate": float(rate), "p50": float(p50), "p99": float(p99), "errors": int(errors) + int(timeouts)}


def raw(database, *what):
    rate, p50, p99 = subprocess.run([RAW, database, *map(str, what)], capture_output=True, text=True,
                                    check=True).stdout.split()
    return {"rate": float(rate), "p50": float(p50) / 1000, "p99": float(p99) / 1000, "errors": 0}


def set_up(server):
    for sku in ("HOT", "CUP"):
        server.ask("POST", "/products", {"name": sku, "sku": sku, "price": "49.99", "currency": "USD",
                                         "track_inventory": True})
        server.ask("POST", f"/inventory/items/{sku}/receive", {"location_id": 1, "quantity": "100000000"})
    return server.ask("POST", "/customers", {"email": "buyer@example.com"})["id"]


def hot_sku(folder, seconds, *flags):
    server = Server(folder, *flags)
    set_up(server)
    reserve = ("/api/v1/inventory/items/HOT/reserve", "POST", {"location_id": 1, "quantity": "1"})
    wrk(server, 2, *reserve)
    result = wrk(server, seconds, *reserve)
    server.stop()
    return result


def machine():
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text()).group(1)) // 1024 // 1024
    return f"{os.cpu_count()} cores of {cpu.group(1) if cpu else platform.machine()}, {memory} GiB, Linux {platform.release().split('-')[0]}"


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=int, default=10)
    options.add_argument("--orders", type=int, default=100_000)
    chosen = options.parse_args()
    top = pathlib.Path(tempfile.mkdtemp(prefix="stateset-bench-"))
    rows = []

    def row(name, result, beside="", ratio=""):
        rows.append((name, f"{result['rate']:,.0f}", f"{result['p50']:.2f}", f"{result['p99']:.2f}",
                     f"{result['errors']}", beside + (f" **{ratio:.2f} ×**" if ratio else "")))
        print("  ".join(rows[-1]), flush=True)

    single = hot_sku(str(top / "single"), chosen.seconds, "--batch-commands", "1")
    batched = hot_sku(str(top / "batched"), chosen.seconds)
    row("reserve one hot SKU, one command per transaction", single)
    row("reserve one hot SKU", batched, "of one command per transaction:", batched["rate"] / single["rate"])

    folder = str(top / "orders")
    server = Server(folder)
    customer = set_up(server)
    idle_mb = server.resident_mb()
    order = {"customer_id": customer, "items": [{"sku": "HOT", "quantity": 1}, {"sku": "CUP", "quantity": 2}]}
    placed = wrk(server, chosen.seconds, "/api/v1/orders", "POST", order)
    total = placed["rate"] * chosen.seconds
    while total < chosen.orders:
        total += wrk(server, 5, "/api/v1/orders", "POST", order)["rate"] * 5
    ids, cursor = [], ""
    for _ in range(20):
        page = server.ask("GET", "/orders?limit=100" + cursor)
        ids += [each["id"] for each in page["data"]]
        cursor = "&cursor=" + page["next_cursor"]
    constant = wrk(server, chosen.seconds, "/livez")
    one = wrk(server, chosen.seconds, "/", paths=[f"/api/v1/orders/{i}" for i in ids])
    listed = wrk(server, chosen.seconds, "/api/v1/orders?limit=20")
    loaded_mb = server.resident_mb()
    server.stop()
    server = Server(folder)
    start_ms, restarted_mb = server.start_ms, server.resident_mb()
    server.stop()

    copy = str(top / "raw.db")
    shutil.copy(pathlib.Path(folder) / "stateset.db", copy)
    raw_placed, raw_batched = raw(copy, "place", 1, 5), raw(copy, "place", 64, 5)
    raw_one, raw_listed = raw(copy, "read", 5), raw(copy, "list", 5)
    row("raw SQLite: rows of an order, one order per transaction", raw_placed)
    row("raw SQLite: the same, 64 orders per transaction (per transaction below)", raw_batched)
    row("place an order of 2 lines", placed, "of raw, 64 per transaction:", placed["rate"] / raw_batched["rate"])
    row("raw SQLite: read an order and its lines", raw_one)
    row("constant bytes over HTTP (/livez)", constant)
    row("GET /orders/{id}", one, "of constant bytes:", one["rate"] / constant["rate"])
    row("raw SQLite: newest 20 orders", raw_listed)
    row("GET /orders?limit=20", listed, "of constant bytes:", listed["rate"] / constant["rate"])
    facts = [f"start to first answer with {total:,.0f} orders stored: {start_ms:.0f} ms (bar: 300)",
             f"resident memory idle, fresh: {idle_mb:.0f} MB; after a restart with the orders stored:"
             f" {restarted_mb:.0f} MB (bar: 32)",
             f"resident memory after the load: {loaded_mb:.0f} MB (bar: 128)"]
    print("\n".join(facts))
    write_page(rows, facts, chosen)
    shutil.rmtree(top)


def write_page(rows, facts, chosen):
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    (ROOT / "docs" / "benchmarks.md").write_text(f"""# Benchmarks

Made by `./dev bench --seconds {chosen.seconds} --orders {chosen.orders}` on {datetime.date.today()}: {machine()}.
Server, load generator (wrk, {THREADS} threads, {CONNECTIONS} connections) and disk share the machine: read ratios, not rates.
Everything is durable (SQLite, WAL, `synchronous=FULL`). Latencies are in milliseconds.

| What | per second | p50 | p99 | errors | beside, in the same run |
|---|---|---|---|---|---|
{table}

""" + "\n".join(f"- {fact}" for fact in facts) + "\n")


main()
