"""The servers that a cluster is made of, each a child process in a folder of its own."""
import ctypes
import http.client
import os
import pathlib
import pwd
import select
import shutil
import signal
import socket
import subprocess
import time

POLL_S = 0.02
START_S = 30  # until a part must be ready
STOP_S = 20   # until it must have ended; an instance gives its clients 10 s
PORTS_EACH = 50
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


class Refused(Exception):
    """What cannot be done, and why."""


def eventually(condition, within, why):
    """Asks until it is so."""
    end = time.monotonic() + within
    while not condition():
        if time.monotonic() > end:
            raise Refused(why)
        time.sleep(POLL_S)


def free_ports():
    """Ports below those that the kernel gives to clients, so that none takes one while its server
    is away; each cluster has a stretch of its own."""
    low = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    lowest = min(20_000, low - 2_000)
    stretches = (low - lowest) // PORTS_EACH
    first = lowest + os.getpid() % stretches * PORTS_EACH
    for port in range(first, low):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        yield port
    raise Refused("no port is free")


def program(name):
    """Debian keeps servers where only root looks, and PostgreSQL's by version."""
    newest_first = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    places = [*map(str, newest_first), os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"]
    found = shutil.which(name, path=os.pathsep.join(places))
    if not found:
        raise Refused(f"{name} is not installed; ./dev cluster installs what is needed")
    return found


def unprivileged():
    """The account for servers that refuse to be root; None when we are not root ourselves."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Refused("there is no account but root")


def inhabitants(folder):
    """The processes that work in this folder: all that were started there, and their children."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            at = os.readlink(entry / "cwd") if entry.name.isdigit() else ""
        except OSError:
            continue  # it has ended, or is none of ours
        if f"{at}/".startswith(f"{folder}/"):
            found.append(int(entry.name))
    return found


def signal_all(processes, number):
    for process in processes:
        try:
            os.kill(process, number)
        except ProcessLookupError:
            pass


def leave_to_the_janitor(folder):
    """Starts a process that waits for the end of this one, however that comes, then ends whatever
    still works in the folder, and removes it."""
    starter = os.pidfd_open(os.getpid())
    if os.fork() != 0:
        os.close(starter)
        return
    os.setsid()
    os.chdir("/")
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nothing, stream)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    select.select([starter], [], [])
    while left := inhabitants(folder):
        signal_all(left, signal.SIGKILL)
        time.sleep(POLL_S)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


class Part:
    """A server that can be started, stopped, killed and frozen."""
    stop_signal = signal.SIGTERM
    quick_end = [signal.SIGTERM]  # when nobody needs it any more

    def __init__(self, name, folder, port, account):
        self.name, self.port, self.account = name, port, account
        self.folder = folder / name.replace(" ", "-")
        self.folder.mkdir()
        if account:
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        self.log = folder / "logs" / f"{self.folder.name}.log"
        self.process = None
        self.wanted = False  # started, and neither stopped nor killed by us

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def running(self):
        return self.process is not None and self.process.poll() is None

    def launch(self):
        if self.running():
            raise Refused(f"{self.name} runs already")
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command(), env=self.environment(), stdout=log,
                                            stderr=log, **self.manners())
        self.wanted = True

    def await_ready(self):
        eventually(lambda: not self.running() or self.ready(), START_S,
                   f"{self.name} is not ready\n{self.last_words()}")
        if not self.running():
            raise Refused(f"{self.name} ended at its start\n{self.last_words()}")

    def start(self):
        self.launch()
        self.await_ready()

    def stop(self):
        """As an operator would."""
        self.must_run()
        self.wanted = False
        self.process.send_signal(self.stop_signal)
        try:
            return self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Refused(f"{self.name} did not stop within {STOP_S} s") from None

    def kill(self):
        """As a power cut would: it and all its children at once."""
        self.must_run()
        self.wanted = False
        signal_all(self.family(), signal.SIGKILL)
        self.process.wait()
        eventually(lambda: not inhabitants(self.folder), STOP_S, f"{self.name} lives on")

    def restart(self):
        self.stop()
        self.start()

    def freeze(self):
        self.must_run()
        signal_all([self.process.pid], signal.SIGSTOP)  # from here on it makes no further children
        signal_all(self.family(), signal.SIGSTOP)

    def thaw(self):
        self.must_run()
        signal_all(self.family(), signal.SIGCONT)

    def must_run(self):
        if not self.running():
            raise Refused(f"{self.name} does not run")

    def family(self):
        return {self.process.pid, *inhabitants(self.folder)}

    def run(self, *command):
        """Does something on behalf of this part; returns what was written."""
        done = subprocess.run(command, env=self.environment(), text=True, capture_output=True,
                              check=False, **self.manners())
        if done.returncode != 0:
            raise Refused(f"{pathlib.Path(command[0]).name}: {done.stderr or done.stdout}".strip())
        return done.stdout.strip()

    def manners(self):
        """Its processes end with this one, and hear nothing of our terminal."""
        starter = os.getpid()

        def in_child():
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != starter:
                os._exit(1)

        who = {}
        if self.account:
            who = {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}
        return {"cwd": self.folder, "stdin": subprocess.DEVNULL, "start_new_session": True,
                "preexec_fn": in_child} | who

    def environment(self):
        return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC",
                "HOME": str(self.folder)}

    def last_words(self):
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""


class Postgres(Part):
    stop_signal = signal.SIGINT  # "fast": clients are sent away, the rest is written
    quick_end = [signal.SIGQUIT]
    settings = """
listen_addresses = '127.0.0.1'
max_connections = 200
timezone = 'UTC'
wal_keep_size = 256MB
hot_standby_feedback = on
wal_retrieve_retry_interval = 100ms
recovery_init_sync_method = syncfs  # file by file takes seconds, at every start after a kill
log_line_prefix = '%m [%p] '
"""
    without_fsync = """
fsync = off
full_page_writes = off
"""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.data = self.folder / "data"

    def command(self):
        return [program("postgres"), "-D", self.data, f"--port={self.port}",
                f"--unix_socket_directories={self.folder}"]

    def create(self, fsync):
        self.run(program("initdb"), "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                 "--locale=C.UTF-8", "--no-sync", "--no-instructions")
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as settings:
            settings.write(self.settings + ("" if fsync else self.without_fsync))

    def follow(self, primary):
        """Becomes a replica of that one, whatever it was."""
        shutil.rmtree(self.data, ignore_errors=True)
        self.run(program("pg_basebackup"), "-D", self.data, "-h", "127.0.0.1", "-p",
                 str(primary.port), "-U", "postgres", "-R", "-c", "fast", "--no-sync")

    def follows(self):
        return (self.data / "standby.signal").exists()

    def sql(self, statement, database="postgres"):
        return self.run(program("psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p",
                        str(self.port), "-U", "postgres", "-d", database, "-c", statement)

    def ready(self):
        """As pg_ctl finds out: the last line of this file tells how far the server has come."""
        try:
            lines = (self.data / "postmaster.pid").read_text().split("\n")
        except OSError:
            return False
        return lines[0] == str(self.process.pid) and len(lines) > 7 and lines[7].strip() == "ready"


class Redis(Part):
    def __init__(self, *arguments, of=None):
        super().__init__(*arguments)
        self.of = of  # whose replica it is; None: nobody's

    def command(self):
        return [program("redis-server"), "--bind", "127.0.0.1", "--port", str(self.port), "--dir",
                str(self.folder), "--save", "", "--appendonly", "no", "--repl-diskless-sync-delay",
                "0", *(["--replicaof", "127.0.0.1", str(self.of.port)] if self.of else [])]

    def ask(self, command):
        """The first line of the answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(f"{command}\r\n".encode())
            line = connection.makefile("rb").readline().decode().strip()
        if line.startswith("-"):
            raise Refused(f"{self.name}: {line[1:]}")
        return line

    def ready(self):
        try:
            return self.ask("PING") == "+PONG" and (not self.of or self.follows())
        except (OSError, Refused):
            return False

    def follows(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(b"INFO replication\r\nQUIT\r\n")
            return b"master_link_status:up" in connection.makefile("rb").read()


class Instance(Part):
    """One `stateset serve`; it runs as we do, since its binary may lie where only we look."""
    quick_end = [signal.SIGTERM, signal.SIGINT]  # the second one ends its draining

    def __init__(self, name, folder, port, command, variables):
        super().__init__(name, folder, port, None)
        self.serve, self.variables = command, variables

    def command(self):
        return [*self.serve, "--http", self.address, "--grpc", "127.0.0.1:0", "--data", self.folder]

    def environment(self):
        return os.environ | self.variables

    def ready(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


BALANCER = """
global
    maxconn 4000
    stats socket {folder}/admin.sock mode 666 level admin
defaults
    timeout connect 1s
    timeout client 120s
    timeout server 120s
    timeout check 2s
    default-server check inter 200ms rise 1 fall 1
# A request is sent again only when it did not reach anybody: what was sent may have been done.
listen api
    mode http
    bind 127.0.0.1:{port}
    balance leastconn
    option forwardfor
    option redispatch 1
    retries 3
    retry-on conn-failure
    option httpchk
    http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host balancer
    http-check expect status 200
    http-error status 503 content-type application/problem+json string "{unavailable}" hdr Retry-After 1
{instances}
"""

UNAVAILABLE = ('{"type":"about:blank","title":"No instance is ready","status":503,'
               '"code":"unavailable","detail":"Try again in a second."}')


class Balancer(Part):
    instances = ()

    def command(self):
        lines = (f"    server {part.folder.name} {part.address}" for part in self.instances)
        file = self.folder / "haproxy.cfg"
        file.write_text(BALANCER.format(folder=self.folder, port=self.port,
                                        unavailable=UNAVAILABLE.replace('"', '\\"'),
                                        instances="\n".join(lines)))
        return [program("haproxy"), "-W", "-f", file]

    def sees(self, part):
        """Whether requests go to that instance."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.folder / "admin.sock"))
            connection.sendall(b"show stat -1 4 -1\n")
            table = connection.makefile().read().splitlines()
        names = table[0].removeprefix("# ").split(",")
        rows = [dict(zip(names, line.split(","))) for line in table[1:] if line]
        return any(row["svname"] == part.folder.name and row["status"] == "UP" for row in rows)

    def ready(self):
        try:
            return all(self.sees(part) for part in self.instances if part.wanted)
        except OSError:
            return False
