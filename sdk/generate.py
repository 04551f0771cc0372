#!/usr/bin/env python3
"""Writes what openapi.json decides in the libraries of sdk/: the models, the operations, the error codes; and puts the
examples into the pages that show them.

    sdk/generate.py [--check] [--openapi openapi.json]

`--check` writes nothing and fails where a committed file is not what the contract says today.
"""
import argparse
import difflib
import pathlib
import re
import sys

from generator import contract, golang, python, typescript

HERE = pathlib.Path(__file__).resolve().parent
WRITERS = (typescript, python, golang)
PAGES = [HERE / "typescript" / "README.md", HERE / "python" / "README.md", HERE / "go" / "README.md",
         HERE.parent / "docs" / "sdks.md"]
EXAMPLE = re.compile(r"(<!-- (\S+), as the tests run it -->\n```\w+\n).*?(```\n)", re.DOTALL)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--check", action="store_true")
    arguments.add_argument("--openapi", type=pathlib.Path, default=HERE.parent / "openapi.json")
    options = arguments.parse_args()
    read = contract.read(options.openapi)
    wanted = {HERE / name: text for writer in WRITERS for name, text in writer.files(read).items()}
    wanted |= {path: page(path) for path in PAGES}
    changed = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if options.check:
        for path in changed:
            show_difference(path, wanted[path])
        sys.exit(f"run sdk/generate.py: {len(changed)} files are not what openapi.json says" if changed else 0)
    for path in changed:
        path.write_text(wanted[path], encoding="utf-8")
    print(f"{len(wanted)} files, {len(changed)} of them changed")


def page(path):
    """With the example files in their places."""
    text = path.read_text(encoding="utf-8")
    return EXAMPLE.sub(lambda found: found[1] + (path.parent / found[2]).read_text(encoding="utf-8") + found[3], text)


def show_difference(path, wanted):
    now = path.read_text(encoding="utf-8") if path.exists() else ""
    name = str(path.relative_to(HERE.parent))
    lines = list(difflib.unified_diff(now.splitlines(), wanted.splitlines(), name, name + " (wanted)", lineterm="", n=1))
    print("\n".join(lines[:40]), file=sys.stderr)


if __name__ == "__main__":
    main()
