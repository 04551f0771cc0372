"""What pages that are written from a real run need: a server of their own, answers laid out, and a comparison.

tools/journeys.py and tools/guides.py are two ways to say what to ask; both write what the server answered.
"""
import difflib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PATIENCE = 30  # seconds
LOGIN = {"email": "ops@example.com", "password": "a long enough password"}

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


class Server:
    """The real binary on SQLite, with data that goes when it ends. `folder`: where `data` is, else a temporary one."""

    def __init__(self, binary, *flags, folder=None):
        self.folder = None if folder else tempfile.TemporaryDirectory(prefix="stateset-run-")
        self.place = pathlib.Path(folder or self.folder.name)
        address = self.place / "address"
        environment = os.environ | {"STATESET_ADMIN_EMAIL": LOGIN["email"], "STATESET_ADMIN_PASSWORD": LOGIN["password"]}
        self.log = open(self.place / "log", "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [binary, "serve", "--data", str(self.place / "data"), "--http", "127.0.0.1:0", "--grpc", "off",
             "--address-file", str(address), *flags],
            env=environment, stdout=self.log, stderr=self.log, cwd=self.place)
        end = time.monotonic() + PATIENCE
        while not (address.exists() and address.read_text().strip()):
            if self.process.poll() is not None or time.monotonic() > end:
                self.log.seek(0)
                sys.exit("the server does not start:\n" + self.log.read())
            time.sleep(0.02)
        self.address = address.read_text().strip().removeprefix("http://")
        self.url = "http://" + self.address

    def end(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.log.close()
        if self.folder:
            self.folder.cleanup()


def pretty(value):
    """JSON as people write it: what is short stays on one line."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) <= 100 or not isinstance(value, (dict, list)):
        return flat
    if isinstance(value, list):
        inner = ",\n".join(pretty(one) for one in value)
        return "[\n" + indented(inner) + "\n]"
    inner = ",\n".join(f"{json.dumps(key)}: {pretty(one)}" for key, one in value.items())
    return "{\n" + indented(inner) + "\n}"


def indented(text):
    return "\n".join("  " + line for line in text.split("\n"))


class Names:
    """Ids by order of appearance, times as an hour of one day: a page changes only when an answer does."""

    def __init__(self):
        self.known = {}

    def normalised(self, text):
        def number(found):
            return "019ab000-0000-7000-8000-{:012x}".format(self.known.setdefault(found.group(), len(self.known) + 1))

        return TIME.sub("2026-11-23T09:00:00Z", UUID.sub(number, text))


def settle(texts, check, again):
    """Writes {path: text}, or with `check` fails where a file is not its text. `again`: who writes them anew."""
    wrong = 0
    for path, text in texts.items():
        now = path.read_text(encoding="utf-8") if path.exists() else ""
        if now == text:
            continue
        wrong += 1
        if check:
            sys.stdout.writelines(difflib.unified_diff(now.splitlines(True), text.splitlines(True),
                                                       str(path.relative_to(ROOT)), "what the server says"))
        else:
            path.write_text(text, encoding="utf-8")
    if check and wrong:
        sys.exit(f"{wrong} pages are not what the server says: {again} writes them anew")
    print(f"{len(texts)} pages, {'all as written' if check else f'{wrong} written'}")
