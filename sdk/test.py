#!/usr/bin/env python3
"""Runs the tests of one library of sdk/ in its language's own runner, against servers that they start themselves.

    sdk/test.py typescript|python|python.types|go --binary build/stateset [--tools build/tools]

Ends with 77 and a reason, which ctest shows as skipped, where the language is not installed.
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("library", choices=("typescript", "python", "python.types", "go"))
    arguments.add_argument("--binary", type=pathlib.Path, required=True)
    arguments.add_argument("--tools", type=pathlib.Path, default=HERE.parent / "build" / "tools")
    options = arguments.parse_args()
    os.environ["STATESET_BINARY"] = str(options.binary.resolve())
    for name in ("STATESET_URL", "STATESET_KEY"):  # the caller's own are none of the tests' business
        os.environ.pop(name, None)
    {"typescript": typescript, "python": python, "python.types": python_types, "go": golang}[options.library](options.tools)


def typescript(_):
    folder = HERE / "typescript"
    if version("node", "--version") < (18,):
        skip("there is no Node.js of version 18 or later")
    if not (folder / "node_modules" / "typescript").exists():
        skip("its packages are not installed: npm ci in sdk/typescript")
    run(folder, "node", "node_modules/typescript/bin/tsc")
    run(folder, "node", "--test", *sorted((folder / "dist" / "tests").glob("*.test.js")))


def python(_):
    if sys.version_info < (3, 10):
        skip("this Python is older than 3.10")
    os.environ |= {"PYTHONPATH": str(HERE / "python" / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    run(HERE / "python", sys.executable, "-W", "error::ResourceWarning", "-m", "unittest", "discover", "-t", ".", "tests")


def python_types(tools):
    mypy = tools / "python" / "bin" / "mypy"
    if not mypy.exists():
        skip("mypy is not installed")
    run(HERE / "python", mypy, "--cache-dir", tools / "mypy-cache")


def golang(_):
    folder = HERE / "go"
    if version("go", "version") < (1, 19):
        skip("there is no Go of version 1.19 or later")
    os.environ |= {"GOFLAGS": "-buildvcs=false", "GOTOOLCHAIN": "local"}
    crooked = subprocess.run(["gofmt", "-l", "."], cwd=folder, check=True, capture_output=True, text=True).stdout
    if crooked:
        sys.exit(f"not as gofmt has it:\n{crooked}")
    run(folder, "go", "vet", "./...")
    run(folder, "go", "test", "-count=1", "./...")


def version(program, question):
    """What it calls itself, as numbers; (0,) when there is none."""
    if not shutil.which(program):
        return (0,)
    said = subprocess.run([program, question], capture_output=True, text=True, check=False).stdout
    word = next((word for word in said.split() if word.lstrip("vgo")[:1].isdigit()), "0")
    return tuple(int(part) for part in word.lstrip("vgo").split(".")[:2] if part.isdigit())


def run(folder, *command):
    done = subprocess.run([str(part) for part in command], cwd=folder, check=False)
    if done.returncode:
        sys.exit(done.returncode if done.returncode != SKIPPED else 1)


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


if __name__ == "__main__":
    main()
