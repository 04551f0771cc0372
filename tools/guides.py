#!/usr/bin/env python3
"""Runs what the pages show: every command of README.md, docs/guides, docs/concepts and the pages in PAGES.

    tools/guides.py [--binary build/stateset] [--check] [--only docs/guides/returns.md]

A page is run from top to bottom in one bash, in a folder of its own where `build/stateset` and `examples/` are, with
STATESET_KEY of a server that it asks for in a comment:

    <!-- server -->               a server with empty data; flags of `serve` may follow
    <!-- stop -->                 that server has been stopped, as the text says
    <!-- postgres -->             PostgreSQL, and Redis, at the addresses that the page names
    <!-- run: COMMAND -->         a command that is not shown; what follows is its answer

```sh blocks run; each command must succeed. A ```json, ```text or ```mermaid block right after one is what it printed:
written anew without --check, compared with it. `json 409` says that the command is refused, and must be. `sh aside` is
shown only. Ids, times, keys and addresses are the page's: 127.0.0.1:8080 is the server's wherever that listens.
"""
import argparse
import contextlib
import json
import os
import pathlib
import re
import select
import signal
import subprocess
import sys
import tempfile

import cluster_parts
import real_runs
from real_runs import PATIENCE, ROOT, pretty

PAGES = ["README.md", "docs/getting-started.md", "docs/operations.md", "docs/upgrading.md"]
FOLDERS = ["docs/guides", "docs/concepts"]
FENCE = re.compile(r"^```(\w+)(.*)$")
DIRECTIVE = re.compile(r"^<!-- (server|stop|postgres|run:)(.*?)-->$")
ANSWERS = {"json", "text", "mermaid"}
REFUSED_BY_CURL = 22
PORT = re.compile(r"127\.0\.0\.1:(\d{4,5})")
SECRETS = [(re.compile(r"sk_live_\w{10,}"), "sk_live_…"), (re.compile(r"whsec_[\w+/=]{10,}"), "whsec_…"),
           (re.compile(r"v1,[\w+/=]{40,}"), "v1,…"), (re.compile(r"\b0{6,}\d+\b"), "0000000000000000042")]
POSTGRES, REDIS = "postgres://stateset@db/stateset", "redis://cache:6379"


class Wrong(Exception):
    """The page does not do what it says."""


class Shell:
    """One bash for the whole page. A command that fails anywhere in a block is noticed, as `set -e` would."""

    def __init__(self, folder, environment):
        self.folder, self.count = folder, 0
        told, self.answer = os.pipe()
        self.told = told
        self.process = subprocess.Popen(["bash", "--norc", "--noprofile"], stdin=subprocess.PIPE, cwd=folder, env=environment,
                                        pass_fds=[self.answer], text=True, start_new_session=True)
        os.close(self.answer)
        self.say("set -o pipefail -o errtrace; trap 'failed=$?' ERR")

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def run(self, text, patience=4 * PATIENCE):
        """(exit status of what failed last, or 0; standard output)"""
        self.count += 1
        block, out, err = (self.folder / f".{kind}-{self.count}" for kind in ("block", "out", "err"))
        block.write_text(text, encoding="utf-8")
        self.say(f"failed=0; . {block} >{out} 2>{err} </dev/null; echo $failed >&{self.answer}")
        if not select.select([self.told], [], [], patience)[0]:
            raise Wrong(f"this takes longer than {patience} s:\n{text}")
        status = os.read(self.told, 100).decode().strip()
        if not status:
            raise Wrong(f"this ends the shell:\n{text}\n{err.read_text()}")
        return int(status), out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8")

    def end(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(PATIENCE)
        os.close(self.told)


class Run:
    """One page on its way: what it needs, what it asks, what it becomes."""

    def __init__(self, path, binary):
        self.path, self.binary = path, pathlib.Path(binary).resolve()
        self.names, self.ports, self.values = real_runs.Names(), {}, {}
        self.server = self.shell = self.cluster = None
        self.folder = tempfile.TemporaryDirectory(prefix="stateset-guide-")
        self.place = pathlib.Path(self.folder.name)
        (self.place / "build").mkdir()
        (self.place / "build" / "stateset").symlink_to(self.binary)
        for name in ("examples", "tools"):
            (self.place / name).symlink_to(ROOT / name)
        self.free_ports = cluster_parts.free_ports()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.shell:
            self.shell.end()
        if self.server:
            self.server.end()
        if self.cluster:
            subprocess.run([sys.executable, ROOT / "tools" / "cluster.py", "--end", self.cluster], check=False)
        self.folder.cleanup()

    # ---- what a page asks for

    def start_server(self, flags):
        self.server = real_runs.Server(self.binary, *flags.split(), folder=self.place)
        self.ports["8080"] = self.server.address.rpartition(":")[2]
        self.values["STATESET_URL"] = self.server.url
        key = subprocess.run([self.binary, "admin", "keys", "create", "--data", self.place / "data"], capture_output=True,
                             text=True, check=True)
        self.values["STATESET_KEY"] = key.stdout.strip()

    def start_postgres(self):
        self.cluster = self.place / "cluster.json"
        subprocess.run([sys.executable, ROOT / "tools" / "cluster.py", "--instances", "0", "--no-replica", "--no-fsync",
                        "--binary", self.binary, "--background", self.cluster], check=True)
        addresses = json.loads(self.cluster.read_text())
        self.addresses = {POSTGRES: addresses["database"], REDIS: addresses["redis"]}

    addresses = {}

    # ---- commands and answers

    def here(self, text):
        """What the page says, at the addresses of this run."""
        text = PORT.sub(lambda found: "127.0.0.1:" + self.port(found.group(1)), text)
        for said, meant in self.addresses.items():
            text = text.replace(said, meant)
        return text

    def port(self, said):
        if said not in self.ports:
            self.ports[said] = str(next(self.free_ports))
        return self.ports[said]

    def as_said(self, text):
        """What came, with the page's addresses, ids and times."""
        for said, meant in self.addresses.items():
            text = text.replace(meant, said)
        for said, meant in self.ports.items():
            text = re.sub(rf":{meant}\b", f":{said}", text)
        for secret, instead in SECRETS:
            text = secret.sub(instead, text)
        return self.names.normalised(text)

    def execute(self, text, refused):
        if not self.shell:
            self.shell = Shell(self.place, os.environ | self.values)
        status, out, err = self.shell.run(self.here(text))
        if refused and status != REFUSED_BY_CURL:
            raise Wrong(f"this should be refused, but ended with {status}:\n{text}\n{out}{err}")
        if status and not refused:
            raise Wrong(f"this failed with {status}:\n{text}\n{out}{err}")
        return out

    def answer(self, kind, out):
        if kind != "json":
            return self.as_said(out).rstrip("\n").split("\n")
        decoder, values, rest = json.JSONDecoder(), [], out.strip()
        while rest:
            try:
                value, end = decoder.raw_decode(rest)
            except json.JSONDecodeError as fault:
                raise Wrong(f"the answer is not JSON: {fault}\n{out}") from fault
            values.append(pretty(value))
            rest = rest[end:].strip()
        return self.as_said("\n".join(values)).split("\n")

    # ---- the page

    def text(self):
        """The page as it should be."""
        lines, made, pending = self.path.read_text(encoding="utf-8").split("\n"), [], None
        at = 0

        def run_pending(kind=None, refused=False):
            nonlocal pending
            block, pending = pending, None
            out = self.execute(block, refused) if block is not None else ""
            return self.answer(kind, out) if kind else None

        while at < len(lines):
            line = lines[at]
            directive, fence = DIRECTIVE.match(line), FENCE.match(line)
            end = at
            if fence:
                end = next((to for to in range(at + 1, len(lines)) if lines[to] == "```"), None)
                if end is None:
                    raise Wrong(f"line {at + 1}: a block without an end")
            if directive:
                run_pending()
                pending = self.obey(*directive.groups())
                made.append(line)
            elif fence and fence.group(1) in ANSWERS and pending is not None:
                made += [line, *run_pending(fence.group(1), refused=bool(re.match(r" [45]\d\d", fence.group(2)))), "```"]
            elif fence:
                run_pending()
                if fence.group(1) == "sh" and "aside" not in fence.group(2):
                    pending = "\n".join(lines[at + 1:end])
                made += lines[at:end + 1]
            else:
                if line.strip():
                    run_pending()  # an answer stands right after its command
                made.append(line)
            at = end + 1
        run_pending()
        return "\n".join(made)

    def obey(self, word, rest):
        if word == "server":
            self.start_server(rest)
        elif word == "stop":
            self.server.end()
            self.server = None
        elif word == "postgres":
            self.start_postgres()
        else:
            return rest.strip()
        return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", default=str(ROOT / "build" / "stateset"))
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a page is not what happens")
    parser.add_argument("--only", action="append", help="one page; may be repeated")
    options = parser.parse_args()
    chosen = options.only or PAGES + sorted(str(path.relative_to(ROOT)) for folder in FOLDERS for path in (ROOT / folder).glob("*.md"))
    texts = {}
    for name in chosen:
        with Run(ROOT / name, options.binary) as run:
            try:
                texts[run.path] = run.text()
            except (Wrong, subprocess.CalledProcessError) as wrong:
                sys.exit(f"{name}: {wrong}")
    real_runs.settle(texts, options.check, "tools/guides.py")


if __name__ == "__main__":
    main()
