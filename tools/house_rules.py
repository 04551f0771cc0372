#!/usr/bin/env python3
"""The house rules a machine can check. Each has its reason; the message names what to do instead."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LONGEST_LINE = 100
LONGEST_FUNCTION = 70

# Heavy headers cost seconds per file that includes them; each stays behind one light header of ours.
HEAVY = {
    r"boost/asio|boost/beast": {"src/platform/http", "src/platform/net", "tests"},
    r"boost/json": {"src/platform/json", "tests"},
    r"boost/url": {"src/platform/net"},
    r"sqlite3\.h": {"src/platform/store", "bench", "tests"},
    r"openssl/": {"src/platform/auth", "src/platform/net", "tests"},
    r"curl/": {"src/platform/net", "tests"},
    r"hiredis/": {"src/platform/redis"},
    r"grpc/|grpcpp/|google/protobuf/": {"src/platform/grpc", "tests"},
    r"CLI/": {"src/main.cpp", "src/cli", "sim/main.cpp"},
}

# Banned call → what to use → why.
BANNED = [
    (r"\bstd::cout\b|\bprintf\s*\(", "spdlog, or stdout only in src/main.cpp and src/cli",
     "output goes to one place", {"src/main.cpp", "src/cli", "sim/main.cpp", "tests", "bench"}),
    (r"\bsystem_now\s*\(", "tx.now() in commands", "a command that reads a clock cannot be replayed",
     {"src/platform", "src/webhooks", "src/notifications", "src/inventory", "src/identity", "src/flows", "src/shipments",
      "src/payments/messages.cpp", "src/payments/stripe.cpp",
      "src/system", "src/ops", "tests"}),
    (r"\b(float|double)\s+\w*(price|amount|total|quantity)", "Money or Quantity",
     "floats lose cents", set()),
    (r"catch \(\.\.\.\)\s*\{\s*\}", "catch what you can answer for", "a swallowed error is a lie", set()),
    (r"\bTODO\b|\bFIXME\b|\bXXX\b", "an issue", "unfinished work hides in comments", set()),
]

faults = []


def fault(path, line, text):
    faults.append(f"{path.relative_to(ROOT)}:{line}: {text}")


def allowed(path, places):
    text = str(path.relative_to(ROOT))
    return any(text == place or text.startswith(place + "/") for place in places)


def files():
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                            capture_output=True, text=True, check=True).stdout.split("\n")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


def check_source(path, lines):
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST_LINE and "R\"" not in line and "http" not in line:
            fault(path, number, f"longer than {LONGEST_LINE} columns: it will not fit beside another file")
        for pattern, places in HEAVY.items():
            if re.match(rf'\s*#include\s*[<"]({pattern})', line) and not allowed(path, places):
                fault(path, number, f"heavy header; only {', '.join(sorted(places))} may include it")
        for pattern, instead, why, places in BANNED:
            if re.search(pattern, line) and not allowed(path, places) and not line.lstrip().startswith("//"):
                fault(path, number, f"use {instead}: {why}")
    check_functions(path, lines)


def check_functions(path, lines):
    """A function starts at an unindented line that opens a block and ends at an unindented brace."""
    start = None
    for number, line in enumerate(lines, 1):
        if start is None:
            opens = line and not line[0].isspace() and line.rstrip().endswith("{") and "(" in line
            if opens and not re.match(r"(namespace|struct|class|enum|TEST|template|extern)\b", line):
                start = number
        elif line.startswith("}"):
            if number - start > LONGEST_FUNCTION:
                fault(path, start, f"a function of {number - start} lines; split it at {LONGEST_FUNCTION}")
            start = None


def check_layers(path, lines):
    """flows → slices → platform, never back; a command knows no wire and no database. Jobs do what callers do, flows
    included."""
    parts = path.relative_to(ROOT / "src").parts
    if len(parts) < 2 or path.name.endswith("_test.cpp"):
        return
    layer = parts[0]
    for number, line in enumerate(lines, 1):
        match = re.match(r'\s*#include "([a-z_]+)/', line)
        if not match:
            continue
        target = match.group(1)
        if layer == "platform" and target != "platform" and (ROOT / "src" / target).is_dir():
            fault(path, number, "the platform knows no noun")
        if layer not in ("flows", "jobs", "cli", "system", "demo") and target == "flows":
            fault(path, number, "a slice knows no flow: the flow knows the slice")
        if path.name == "commands.cpp" and re.search(r"platform/http/|sql\.hpp", line):
            fault(path, number, "a command knows no HTTP and no SQL")


def check_sql(path, lines):
    if not lines or not lines[0].startswith("-- "):
        fault(path, 1, "the first line must be a comment that says why the statement exists")
    for number, line in enumerate(lines, 1):
        code = re.sub(r"""'[^']*'|"[^"]*\"""", "", line.split("--")[0])
        if re.search(r"[A-Z]", code):
            fault(path, number, "SQL is written in lower case")


def check_text(path, text):
    if re.search(r"https?://(registry|deb)\.|pypi\.org|proxy\.golang|crates\.io/", text):
        fault(path, 1, "names a registry host")


suites = {}  # name → file: googletest allows one fixture a suite, and finds out only at run time


def check_suites(path, lines):
    for number, line in enumerate(lines, 1):
        match = re.match(r"TEST(?:_F|_P)?\((\w+),", line)
        if match and suites.setdefault(match.group(1), path) != path:
            fault(path, number, f"suite {match.group(1)} stands in {suites[match.group(1)].name} too")


for path in files():
    try:
        text = path.read_text()
    except UnicodeDecodeError:
        continue
    lines = text.split("\n")
    if path != pathlib.Path(__file__).resolve():
        check_text(path, text)
    if path.suffix in (".cpp", ".hpp"):
        check_source(path, lines)
        check_suites(path, lines)
        if (ROOT / "src") in path.parents:
            check_layers(path, lines)
    if path.suffix == ".sql":
        check_sql(path, lines)

print("\n".join(faults))
sys.exit(1 if faults else 0)
