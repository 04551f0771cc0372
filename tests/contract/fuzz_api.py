#!/usr/bin/env python3
"""Plays with every operation of a server of its own (Schemathesis), valid and invalid, alone and in sequences.

    fuzz_api.py --binary build/stateset --st build/contract/bin/st [--seed N] [--seconds 60] [--postgres URL] [-- FLAGS of `st run`]

Whatever the server answers otherwise than openapi.json says is a fault of one of the two. A seed says everything; the same
seed plays the same game. Leaves with 77, saying why, when Schemathesis is not installed.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77  # ctest's SKIP_RETURN_CODE
PATIENCE = 60  # seconds
LOGIN = {"email": "ops@example.com", "password": "a long enough password"}


class Server:
    """The real binary with an empty database, a key that may do all, and no limits that a player would run into."""

    def __init__(self, binary, database):
        self.folder = tempfile.TemporaryDirectory(prefix="stateset-fuzz-")
        folder = pathlib.Path(self.folder.name)
        address = folder / "address"
        self.log = open(folder / "log", "w+", encoding="utf-8")
        where = ["--database", database] if database else ["--data", str(folder / "data")]
        flags = ["--http", "127.0.0.1:0", "--address-file", str(address), "--rate-limit", "off", "--grpc", "off"]
        environment = os.environ | {"STATESET_ADMIN_EMAIL": LOGIN["email"], "STATESET_ADMIN_PASSWORD": LOGIN["password"]}
        self.process = subprocess.Popen([binary, "serve", *where, *flags], env=environment, stdout=self.log, stderr=self.log)
        end = time.monotonic() + PATIENCE
        while not (address.exists() and address.read_text().strip()):
            if self.process.poll() is not None or time.monotonic() > end:
                sys.exit("the server does not start:\n" + self.tail())
            time.sleep(0.05)
        self.url = "http://" + address.read_text().strip().removeprefix("http://")
        token = self.ask("POST", "/auth/login", {}, LOGIN)["access_token"]
        bearer = {"Authorization": "Bearer " + token}
        made = self.ask("POST", "/api-keys", bearer, {"name": "player", "scopes": ["*"]})
        self.key = made["key"]
        # Who takes away their own key, user, roles or tenant plays no longer.
        me = self.ask("GET", "/auth/me", bearer)
        own = [made["id"], *find_ids(me)] + [role["id"] for role in self.ask("GET", "/roles", bearer)["data"]]
        self.own = ",".join(own)

    def ask(self, method, path, headers, body=None):
        headers = headers | ({"Content-Type": "application/json"} if body is not None else {})
        request = urllib.request.Request(self.url + "/api/v1" + path, method=method, headers=headers,
                                         data=None if body is None else json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.loads(answer.read() or b"null")

    def still_knows_the_key(self):
        return self.ask("GET", "/auth/me", {"X-API-Key": self.key}) is not None

    def tail(self):
        self.log.seek(0)
        return self.log.read()[-4000:]

    def end(self):
        self.process.terminate()
        status = self.process.wait(PATIENCE)
        self.log.close()
        self.folder.cleanup()
        return status


def find_ids(value):
    if isinstance(value, list):
        return [one for each in value for one in find_ids(each)]
    if not isinstance(value, dict):
        return []
    own = [text for name, text in value.items() if (name == "id" or name.endswith("_id")) and isinstance(text, str)]
    return own + [one for each in value.values() for one in find_ids(each)]


def play(server, arguments):
    folder = pathlib.Path(server.folder.name)
    environment = os.environ | {"SCHEMATHESIS_HOOKS": str(HERE / "hooks.py"), "STATESET_OWN_IDS": server.own,
                                "PYTHONPATH": str(HERE)}
    command = [arguments.st, "--config-file", str(HERE / "schemathesis.toml"), "run",
               arguments.document or server.url + "/openapi.json", "--url", server.url,
               "--header", "X-API-Key: " + server.key, "--seed", str(arguments.seed), "--workers", "1",
               "--max-time", str(arguments.seconds), "--no-color", *arguments.flags]
    return subprocess.run(command, env=environment, cwd=folder, check=False).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--st", required=True, help="Schemathesis' program")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--postgres", help="a database of its own on PostgreSQL, instead of SQLite")
    parser.add_argument("--document", help="another openapi.json than the server's")
    parser.add_argument("flags", nargs="*")
    arguments = parser.parse_args()
    if not pathlib.Path(arguments.st).exists():
        print("skipped: Schemathesis is not installed (pip could not install tests/contract/requirements.txt)")
        sys.exit(SKIPPED)
    arguments.st = str(pathlib.Path(arguments.st).absolute())
    server = Server(str(pathlib.Path(arguments.binary).absolute()), arguments.postgres)
    print(f"seed {arguments.seed}, {arguments.seconds} seconds", flush=True)
    status = play(server, arguments)
    if server.process.poll() is not None:
        sys.exit("the server died:\n" + server.tail())
    server.still_knows_the_key()
    ended = server.end()
    sys.exit(status or (ended and f"the server ended with {ended}"))


if __name__ == "__main__":
    main()
