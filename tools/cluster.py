#!/usr/bin/env python3
"""A whole installation of StateSet on loopback, with temporary data, for trying out and for tests.

    tools/cluster.py                         PostgreSQL with a synchronous replica, Redis with a
                                             replica, three instances, HAProxy before them
    tools/cluster.py --only-postgres         one PostgreSQL server and nothing else
    tools/cluster.py -- --rate-limit off     what follows the dashes goes to `stateset serve`

It prints the addresses and takes commands on standard input, one a line; `help` lists them. Each is
answered by one line that begins with `ok` or `error`. With --json the addresses are one line too,
and the end of standard input is the end of the cluster. With --background FILE that line is written
to FILE, and the cluster goes on in the background until `--end FILE`, or until the process that
started it has ended.

The programs are Debian's, the data is in a temporary folder, everybody may log in: for nothing but
loopback. Nothing survives it, not even when it is killed.
"""
import argparse
import json
import os
import pathlib
import secrets
import select
import signal
import subprocess
import sys
import tempfile

from cluster_parts import (START_S, STOP_S, Balancer, Instance, Postgres, Redis, Refused,
                           eventually, free_ports, leave_to_the_janitor, unprivileged)

ROOT = pathlib.Path(__file__).resolve().parent.parent
ADMIN_EMAIL = "admin@example.com"
DRAIN_S = "1"  # longer than the balancer takes to notice


class Cluster:
    def __init__(self, options):
        self.options = options
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stateset-cluster-"))
        leave_to_the_janitor(self.folder)
        self.folder.chmod(0o755)
        (self.folder / "logs").mkdir()
        self.ports, self.account = free_ports(), unprivileged()
        self.password = secrets.token_urlsafe(15)
        self.primary = self.replica = self.redis = self.redis_replica = self.balancer = None
        self.instances, self.key = [], None

    def start(self):
        options = self.options
        self.start_postgres()
        if options.only_postgres:
            return
        if options.redis:
            self.start_redis()
        self.balancer = Balancer("balancer", self.folder, options.port or next(self.ports),
                                 self.account)
        # All at once: they must not be in each other's way, not even at the very first start.
        for number in range(1, options.instances + 1):
            self.instances.append(Instance(f"instance {number}", self.folder, next(self.ports),
                                           self.serve_command(), self.serve_variables()))
            self.instances[-1].launch()
        for instance in self.instances:
            instance.await_ready()
        self.balancer.instances = self.instances
        self.balancer.start()
        if self.instances:
            self.key = self.instances[0].run(options.binary, "admin", "keys", "create", "--name",
                                             "cluster", "--database", self.writable())

    def start_postgres(self):
        def server(name):
            return Postgres(name, self.folder, next(self.ports), self.account)

        self.primary = server("primary")
        self.primary.create(self.options.fsync)
        self.primary.start()
        self.primary.sql("create role stateset login createdb")
        self.primary.sql("create database stateset owner stateset")
        if self.options.replica:
            self.replica = server("replica")
            self.follow_primary()

    def follow_primary(self):
        self.replica.follow(self.primary)
        self.replica.start()
        streams = "select count(*) from pg_stat_replication where state = 'streaming'"
        eventually(lambda: self.primary.sql(streams) == "1", START_S, "the replica does not stream")
        self.synchronous("*")

    def synchronous(self, names):
        self.primary.sql(f"alter system set synchronous_standby_names = '{names}'")
        self.primary.sql("select pg_reload_conf()")

    def start_redis(self):
        self.redis = Redis("redis", self.folder, next(self.ports), self.account)
        self.redis.start()
        self.redis_replica = Redis("redis replica", self.folder, next(self.ports), self.account,
                                   of=self.redis)
        self.redis_replica.start()

    # Where things are

    def database(self, *servers, name="stateset", more=""):
        hosts = ",".join(server.address for server in servers)
        return f"postgres://stateset@{hosts}/{name}{more}"

    def writable(self):
        if not self.replica:
            return self.database(self.primary)
        return self.database(self.primary, self.replica, more="?target_session_attrs=read-write")

    def redis_url(self):
        return f"redis://{self.redis.address},{self.redis_replica.address}/0"

    def serve_command(self):
        command = [self.options.binary, "serve", "--database", self.writable(),
                   "--trusted-proxies", "127.0.0.1/32", "--drain-s", DRAIN_S]
        if self.replica:
            command += ["--database-read", self.database(self.replica)]
        if self.redis:
            command += ["--redis", self.redis_url()]
        return command + self.options.serve

    def serve_variables(self):
        return {"STATESET_ADMIN_EMAIL": ADMIN_EMAIL, "STATESET_ADMIN_PASSWORD": self.password}

    def addresses(self):
        known = {"process": os.getpid(), "folder": str(self.folder),
                 "postgres": self.database(self.primary, name="postgres"),
                 "database": self.writable(), "primary": self.database(self.primary)}
        if self.replica:
            known["replica"] = self.database(self.replica)
        if self.redis:
            known["redis"] = self.redis_url()
        if self.balancer:
            known |= {"balancer": self.balancer.address,
                      "instances": [instance.address for instance in self.instances],
                      "email": ADMIN_EMAIL, "password": self.password, "key": self.key}
        return known

    # What can be asked of it

    def parts(self):
        every = [*self.instances, self.balancer, self.redis_replica, self.redis, self.replica,
                 self.primary]
        return {part.name: part for part in every if part}

    def part(self, name):
        if name not in self.parts():
            raise Refused(f"there is no {name}; there are {', '.join(self.parts())}")
        return self.parts()[name]

    def obey(self, line):
        """Carries out one command; returns what there is to tell."""
        special = {"promote replica": self.promote, "promote redis replica": self.promote_redis,
                   "start replica": self.start_replica,
                   "flush redis": lambda: self.redis.ask("FLUSHALL"),
                   "terminate backends": self.terminate_backends, "roll": self.roll,
                   "await": self.await_balance, "check": self.check, "help": self.help,
                   "addresses": lambda: json.dumps(self.addresses())}
        if line in special:
            return special[line]()
        verb, _, name = line.partition(" ")
        if verb not in ("start", "stop", "kill", "restart", "freeze", "thaw"):
            raise Refused(f"cannot {line}; help lists what can be done")
        return getattr(self.part(name), verb)()

    @staticmethod
    def help():
        return ("start, stop, kill, restart, freeze or thaw PART (instance 1, primary, replica, "
                "redis, redis replica, balancer); promote replica; promote redis replica; flush "
                "redis; terminate backends; roll: restart the instances one after the other; await: until "
                "the balancer uses all instances that run; check: whether all that should run do; "
                "addresses")

    def promote(self):
        """The replica takes over from a primary that has gone; the two change names, and `start
        replica` lets the former primary follow."""
        if self.primary.running():
            self.primary.kill()
        self.replica.sql("select pg_promote(true, 30)")
        self.primary, self.replica = self.replica, self.primary
        self.primary.name, self.replica.name = "primary", "replica"

    def start_replica(self):
        if self.replica.follows():
            return self.replica.start()
        self.follow_primary()

    def promote_redis(self):
        if self.redis.running():
            self.redis.kill()
        self.redis_replica.ask("REPLICAOF NO ONE")
        self.redis, self.redis_replica = self.redis_replica, self.redis
        self.redis.name, self.redis_replica.name = "redis", "redis replica"
        self.redis.of, self.redis_replica.of = None, self.redis

    def terminate_backends(self):
        return self.primary.sql("select count(pg_terminate_backend(pid)) from pg_stat_activity "
                                "where usename = 'stateset'")

    def roll(self):
        """What a new release does: each instance is told to stop, and the next one's turn comes
        when the balancer uses it again."""
        for instance in self.instances:
            instance.restart()
            self.await_balance()

    def await_balance(self):
        eventually(self.balancer.ready, START_S, "the balancer does not use all instances")

    def check(self):
        dead = [part.name for part in self.parts().values() if part.wanted and not part.running()]
        if dead:
            raise Refused(f"ended by themselves: {', '.join(dead)}")

    def stop(self):
        """Instances first, then what they work with; what is slow is left to the janitor."""
        others = [part for part in self.parts().values() if part not in self.instances]
        for group in (self.instances, others):
            running = [part for part in group if part.running()]
            for part in running:
                part.thaw()
                for number in part.quick_end:
                    part.process.send_signal(number)
            for part in running:
                try:
                    part.process.wait(STOP_S)
                except subprocess.TimeoutExpired:
                    print(f"{part.name} does not stop", file=sys.stderr)


def options_from(arguments):
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--only-postgres", action="store_true")
    add("--instances", type=int, default=3)
    add("--replica", action=argparse.BooleanOptionalAction, help="also with --only-postgres")
    add("--no-redis", dest="redis", action="store_false")
    add("--no-fsync", dest="fsync", action="store_false", help="quicker, and unsafe in a power cut")
    add("--port", type=int, help="of the balancer; otherwise any free one")
    add("--binary", default=ROOT / "build" / "stateset", type=pathlib.Path)
    add("--json", action="store_true")
    add("--background", metavar="FILE", type=pathlib.Path)
    add("--end", metavar="FILE", type=pathlib.Path)
    add("serve", nargs="*", help="further arguments of `stateset serve`, after --")
    options = parser.parse_args(arguments)
    if options.replica is None:
        options.replica = not options.only_postgres
    options.binary = options.binary.resolve()  # instances run elsewhere
    if not options.binary.exists() and not (options.only_postgres or options.end):
        parser.error(f"there is no {options.binary}; ./dev build makes it")
    return options


def show(addresses):
    """For people."""
    print()
    for name, value in addresses.items():
        for each in value if isinstance(value, list) else [value]:
            web = "http://" if name in ("balancer", "instances") else ""
            print(f"  {name:10} {web}{each}")
    if "balancer" in addresses:
        print(f"\n  The API is described at http://{addresses['balancer']}/docs")
    print("  Ctrl-C stops it all. Commands may be typed here: help lists them.\n", flush=True)


def serve_until_the_end(cluster, options, until):
    """That of the process behind the descriptor `until`, or of standard input."""
    if until is not None:
        return select.select([until], [], [])
    for line in sys.stdin:
        try:
            told = cluster.obey(line.strip())
            print("ok" if told is None else f"ok {told}", flush=True)
        except Refused as refused:
            print("error", str(refused).replace("\n", " | "), flush=True)
    if not options.json:
        signal.pause()  # there is no terminal; a signal will come


def go_to_the_background(file):
    """The foreground waits until the file is written. Returns, in the background only, a descriptor
    of the process that started us."""
    file.unlink(missing_ok=True)
    starter = os.pidfd_open(os.getppid())
    child = os.fork()
    if child:
        gone = os.pidfd_open(child)
        while not file.exists():
            if select.select([gone], [], [], 0.05)[0]:
                sys.exit(f"the cluster did not start; see {file}.log")
        sys.exit(0)
    os.setsid()
    log = os.open(f"{file}.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for stream, to in ((0, nothing), (1, log), (2, log)):
        os.dup2(to, stream)
    return starter


def end(file):
    if not file.exists():
        return
    process = json.loads(file.read_text())["process"]
    try:
        descriptor = os.pidfd_open(process)
        os.kill(process, signal.SIGTERM)
        select.select([descriptor], [], [], 2 * STOP_S)
    except ProcessLookupError:
        pass
    file.unlink(missing_ok=True)


def main():
    options = options_from(sys.argv[1:])
    if options.end:
        return end(options.end)
    until = go_to_the_background(options.background) if options.background else None
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    cluster = None
    try:
        cluster = Cluster(options)
        cluster.start()
        text = json.dumps(cluster.addresses())
        if options.background:
            part = options.background.with_suffix(".part")
            part.write_text(text)
            part.rename(options.background)
        elif options.json:
            print(text, flush=True)
        else:
            show(cluster.addresses())
        serve_until_the_end(cluster, options, until)
    except Refused as refused:
        sys.exit(f"{refused}")
    finally:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        if cluster:
            cluster.stop()
        if options.background:
            options.background.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
