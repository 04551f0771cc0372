"""What is measured and what it stands beside: our server, PostgreSQL, Redis and nginx, each on
free loopback ports with temporary data that is gone afterwards. The starters are the cluster's."""
import concurrent.futures
import http.client
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

from cluster_parts import (Part, Postgres, Redis, eventually, free_ports,  # noqa: E402
                           leave_to_the_janitor, program, unprivileged)

BINARY = os.environ["STATESET_BINARY"]
EMAIL, PASSWORD = "bench@example.com", "a long password"
START_S = 30
CLIENTS = 32  # that set up


def output(*command):
    """What it writes; it runs as we do."""
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: {done.stderr or done.stdout}")
    return done.stdout


class Place:
    """A folder and ports for the servers of one run."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stateset-bench-"))
        leave_to_the_janitor(self.folder)
        self.folder.chmod(0o755)
        (self.folder / "logs").mkdir()
        self.ports, self.account = free_ports(), unprivileged()
        self.made = 0

    def new(self, kind, name, *more, account=None, **named):
        self.made += 1
        return kind(f"{name} {self.made}", self.folder, next(self.ports), account, *more, **named)

    def postgres(self):
        server = self.new(BenchPostgres, "postgres", account=self.account)
        server.create(fsync=True)
        server.start()
        server.sql("create role stateset login createdb")
        server.sql("create database stateset owner stateset")
        server.sql("create extension pg_stat_statements", "stateset")
        return server

    def redis(self):
        server = self.new(Redis, "redis", account=self.account)
        server.start()
        return server

    def stateset(self, *flags):
        server = self.new(Stateset, "stateset", flags)
        server.launch_and_enter()
        return server

    def nginx(self, answer):
        server = self.new(Nginx, "nginx", answer)
        server.start()
        return server


class BenchPostgres(Postgres):
    settings = Postgres.settings + """
shared_preload_libraries = pg_stat_statements
"""

    @property
    def url(self):
        return f"postgres://stateset@{self.address}/stateset"

    def script(self, name, **variables):
        """Runs one of our files as the administrator."""
        given = [text for name, value in variables.items() for text in ("-v", f"{name}={value}")]
        return output(program("psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", *given, "-h", "127.0.0.1",
                      "-p", str(self.port), "-U", "postgres", "-d", "stateset", "-f",
                      ROOT / "bench" / "sql" / name)


class Stateset(Part):
    """The real binary; it runs as we do, since it may lie where only we look."""

    def __init__(self, name, folder, port, account, flags):
        super().__init__(name, folder, port, account)
        self.flags = flags
        self.key, self.start_ms = None, None

    def command(self):
        return [BINARY, "serve", "--data", self.folder, "--http", self.address, "--grpc", "off", *self.flags]

    def environment(self):
        return os.environ | {"STATESET_RATE_LIMIT": "off", "STATESET_ADMIN_EMAIL": EMAIL,
                             "STATESET_ADMIN_PASSWORD": PASSWORD, "STATESET_LOG": "warn"}

    def ready(self):
        try:
            return self.request("GET", "/livez")[0] == 200
        except OSError:
            return False

    def launch_and_enter(self):
        begun = time.monotonic()
        self.launch()
        while self.running() and not self.ready():
            if time.monotonic() - begun > START_S:
                break
            time.sleep(0.002)
        self.await_ready()
        self.start_ms = (time.monotonic() - begun) * 1000
        if self.key:
            return
        tokens = self.ask("POST", "/auth/login", {"email": EMAIL, "password": PASSWORD})
        self.key = tokens["access_token"]
        self.key = self.ask("POST", "/api-keys", {"name": "bench", "scopes": ["*"]})["key"]

    def request(self, method, path, body=None):
        """One request; status, headers and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            headers = {"Content-Type": "application/json"}
            if self.key:
                headers["Authorization"] = f"Bearer {self.key}"
            connection.request(method, path, body=json.dumps(body) if body is not None else None,
                               headers=headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def ask(self, method, path, body=None):
        status, _, answer = self.request(method, "/api/v1" + path, body)
        if status >= 300:
            raise RuntimeError(f"{method} {path}: {status} {answer.decode()}")
        return json.loads(answer)

    def ask_many(self, method, path, bodies):
        """All of them, many at once; the answers in the order of the bodies."""
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            return list(pool.map(lambda body: self.ask(method, path, body), bodies))

    def resident_mb(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024

    def verify(self):
        """Ends with what is wrong, if anything is."""
        where = self.flags[:2] if "--database" in self.flags else ("--data", self.folder)
        return self.run(BINARY, "verify", *where)


NGINX = """
daemon off;
worker_processes auto;
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    default_type application/json;
    client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
    uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
    server {{
        listen 127.0.0.1:{port};
        add_header ETag '"1"';
        location / {{ return 200 '{answer}'; }}
    }}
}}
"""


class Nginx(Part):
    """Answers everything with the same bytes, from memory."""

    def __init__(self, name, folder, port, account, answer):
        super().__init__(name, folder, port, account)
        self.answer = answer
        self.key = "none"

    def command(self):
        file = self.folder / "nginx.conf"
        file.write_text(NGINX.format(folder=self.folder, port=self.port, answer=self.answer))
        return [program("nginx"), "-p", self.folder, "-e", "stderr", "-c", file]

    def ready(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/")
            return connection.getresponse().read() == self.answer.encode()
        except OSError:
            return False
        finally:
            connection.close()
