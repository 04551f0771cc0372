"""Builds the console (see console.cmake): SOURCE OUT leaves OUT/dist and touches OUT/stamp.

The source is copied, so that the checkout stays as it is and each build folder has its own packages. They are installed
when the lock file changed, exactly as it says. A console that cannot be built does not stop the server from being built:
a page says what is missing, here and at /console. STATESET_CONSOLE=required makes it an error."""
import os
import pathlib
import shutil
import subprocess
import sys

source, out = map(pathlib.Path, sys.argv[1:3])
PARTS = ["index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts", "src"]
PATIENCE_S = 300

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>StateSet</title></head>
<body><h1>This server was built without its console</h1>
<p>{reason} Everything the console does is also in the API, <a href="/docs/">described here</a>.</p></body></html>
"""


def copy_source():
    out.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        target = out / part
        if target.is_dir():
            shutil.rmtree(target)
        if (source / part).is_dir():
            shutil.copytree(source / part, target)
        else:
            shutil.copy(source / part, target)


def run(*command):
    done = subprocess.run(command, cwd=out, capture_output=True, text=True, timeout=PATIENCE_S)
    if done.returncode != 0:
        raise RuntimeError(f"`{' '.join(command)}` failed:\n{done.stdout}{done.stderr}")


def install():
    installed = out / "node_modules" / ".installed"
    lock = (out / "package-lock.json").read_text()
    if installed.exists() and installed.read_text() == lock:
        return
    run("npm", "ci", "--no-audit", "--no-fund")
    installed.write_text(lock)


def leave_out(reason, detail=""):
    if os.environ.get("STATESET_CONSOLE") == "required":
        sys.exit(f"the console cannot be built. {reason}\n{detail}")
    print(f"WARNING: the server is built WITHOUT ITS CONSOLE. {reason}\n{detail}", file=sys.stderr)
    shutil.rmtree(out / "dist", ignore_errors=True)
    (out / "dist").mkdir(parents=True)
    (out / "dist" / "index.html").write_text(PAGE.format(reason=reason))


def build():
    if not shutil.which("npm"):
        return leave_out("There was no npm (Debian: nodejs, npm).")
    copy_source()
    try:
        install()
    except (RuntimeError, subprocess.TimeoutExpired) as fault:
        return leave_out("Its packages could not be installed by npm.", fault)
    # From here on, what fails is a mistake in the source.
    run("node", "node_modules/vite/bin/vite.js", "build", "--emptyOutDir", "--logLevel", "warn")


build()
(out / "stamp").touch()
