#!/usr/bin/env python3
"""Measures StateSet on both databases, each figure beside an anchor measured in the same run, and
writes docs/benchmarks.md.

    ./dev bench                     the embedded store and PostgreSQL
    ./dev bench --large             also with 1,000,000 orders stored
    ./dev bench --quick             3 s a figure and few orders, to try out: writes no page
    ./dev bench --only postgres     one of them, writes its sections of the page
"""
import argparse
import datetime
import os
import pathlib
import platform
import re

import embedded
import large
import postgres
from load import CONNECTIONS, PGBENCH_CLIENTS, THREADS
from report import write_page
from servers import Place

TITLES = [postgres.TITLE, large.TITLE, embedded.TITLE, large.EMBEDDED_TITLE]


def machine():
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text()).group(1)
    return (f"{os.cpu_count()} cores of {cpu.group(1) if cpu else platform.machine()}, "
            f"{int(memory) // 1024 // 1024} GiB, Linux {platform.release().split('-')[0]}")


def introduction(options):
    return f"""# Benchmarks

    ./dev bench{' --large' if options.large else ''} --seconds {options.seconds}

Last run on {datetime.date.today()}: {machine()}.

Server, database, load generator and disk share the machine, so read ratios, not rates. Each figure
stands beside an anchor measured in the same minutes, in turns, with {options.seconds} s each after
a warm-up. Our server gets its load over HTTP from wrk ({THREADS} threads, {CONNECTIONS} connections
unless said otherwise), PostgreSQL its own from pgbench (`-M prepared`, {PGBENCH_CLIENTS} clients,
one server for both, Debian's settings). Everything is durable: PostgreSQL with fsync and
synchronous commit, SQLite in WAL with `synchronous=FULL`. Of several turns the worst p99 is shown;
pgbench's latency is its average. At the end of each part `stateset verify` finds nothing wrong:
what the anchors wrote is as whole as what the server wrote.
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--seconds", type=int, default=10, help="per figure")
    add("--quick", action="store_true")
    add("--large", action="store_true")
    add("--only", choices=["postgres", "embedded"])
    add("--orders", type=int, help="how many are stored for --large")
    options = parser.parse_args()
    options.seconds = 3 if options.quick else options.seconds
    options.orders = options.orders or (50_000 if options.quick else 1_000_000)
    place, sections = Place(), []
    if options.only != "embedded":
        sections += postgres.measure(place, options)
    if options.only != "postgres":
        sections += embedded.measure(place, options)
    if not options.quick:
        write_page(introduction(options), sections, TITLES)


if __name__ == "__main__":
    main()
