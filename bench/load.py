"""Load and what came of it. Our server gets it from wrk, PostgreSQL from pgbench; both share the
machine with what they measure."""
import dataclasses
import os
import pathlib
import re
import resource
import tempfile

from servers import output, program

CONNECTIONS, THREADS = 64, 2
PGBENCH_CLIENTS = 32
SCRIPT = pathlib.Path(__file__).resolve().parent / "load.lua"
SQL = SCRIPT.parent / "sql"


@dataclasses.dataclass
class Result:
    """Operations per second; milliseconds; answers that were no success."""
    rate: float
    p50: float = None
    p99: float = None
    errors: int = 0


class Requests:
    """What may be asked: a file that wrk's script reads."""

    def __init__(self, method, lines):
        self.method, self.first = method, lines[0]
        self.file = tempfile.NamedTemporaryFile("w", suffix=".requests")
        self.file.write("\n".join(lines) + "\n")
        self.file.flush()


def wrk(server, requests, seconds, connections=CONNECTIONS, pause_ms=0):
    out = output("wrk", f"-t{min(THREADS, connections)}", f"-c{connections}", f"-d{seconds}s",
                 "--timeout", "30s", "-s", SCRIPT, f"http://{server.address}", "--", server.key,
                 requests.method, requests.file.name, f"{pause_ms:.3f}")
    rate, p50, p99, errors = re.search(r"RESULT (\S+) (\S+) (\S+) (\d+)", out).groups()
    return Result(float(rate), float(p50), float(p99), int(errors))


def at_rate(server, requests, seconds, rate):
    """wrk at about that rate: its connections pause between requests, for random times. What the
    pauses must be is found by trying."""
    pause_ms = CONNECTIONS / rate * 1000
    for _ in range(3):
        tried = wrk(server, requests, 2, pause_ms=pause_ms)
        pause_ms += CONNECTIONS * 1000 * (1 / rate - 1 / tried.rate)
        pause_ms = max(pause_ms, 0.1)
    return wrk(server, requests, seconds, pause_ms=pause_ms)


def pgbench(postgres, script, seconds, **variables):
    given = [text for name, value in variables.items() for text in ("-D", f"{name}={value}")]
    out = output(program("pgbench"), "-n", "-M", "prepared", "-c", str(PGBENCH_CLIENTS), "-j",
                 str(THREADS), "-T", str(seconds), *given, "-f", SQL / script, "-h", "127.0.0.1",
                 "-p", str(postgres.port), "-U", "stateset", "stateset")
    rate = float(re.search(r"tps = (\S+)", out).group(1))
    failed = int(re.search(r"failed transactions: (\d+)", out).group(1))
    return Result(rate, float(re.search(r"latency average = (\S+)", out).group(1)), None, failed)


def cost(seconds, measure, *parts):
    """Microseconds of processor time of one operation: of each part, and of the load generator."""
    def spent():
        return resource.getrusage(resource.RUSAGE_CHILDREN), [ticks(part) for part in parts]
    own_before, before = spent()
    operations = measure(seconds).rate * seconds
    own, after = spent()
    parts_s = [sum(now - then.get(process, 0) for process, now in family.items())
               / os.sysconf("SC_CLK_TCK") for then, family in zip(before, after)]
    generator_s = own.ru_utime + own.ru_stime - own_before.ru_utime - own_before.ru_stime
    return [each / operations * 1e6 for each in (*parts_s, generator_s)]


def ticks(part):
    """What each of its processes has used."""
    found = {}
    for process in part.family():
        try:
            stat = pathlib.Path(f"/proc/{process}/stat").read_text()
        except OSError:
            continue  # it has ended
        fields = stat.rpartition(")")[2].split()
        found[process] = int(fields[11]) + int(fields[12])
    return found


def together(results):
    """One figure of several turns of the same length."""
    def mean(values):
        values = list(values)
        return None if None in values else sum(values) / len(values)
    return Result(mean(r.rate for r in results), mean(r.p50 for r in results),
                  None if results[0].p99 is None else max(r.p99 for r in results),
                  sum(r.errors for r in results))


def beside(seconds, *measurements, turns=2):
    """Each measurement (a function of seconds) in turns, so that a slow minute of the machine hits
    all alike; before the first turn a warm-up."""
    for measure in measurements:
        measure(max(1, seconds // 5))
    found = [[measure(max(1, seconds // turns)) for measure in measurements]
             for _ in range(turns)]
    return [together([turn[i] for turn in found]) for i in range(len(measurements))]
