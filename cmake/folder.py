"""Packs a folder into the binary (see folder.cmake): NAME FOLDER OUT writes folder_NAME.{pack,cpp,hpp} to OUT."""
import gzip
import hashlib
import pathlib
import sys

name, folder, out = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
TYPES = {
    ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
    ".json": "application/json", ".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon",
    ".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8", ".webmanifest": "application/manifest+json",
}

pack, lines = bytearray(), []
for path in sorted(folder.rglob("*")):
    if not path.is_file():
        continue
    if path.suffix not in TYPES:
        sys.exit(f"{path}: cmake/folder.py does not know the content type of {path.suffix}")
    content = path.read_bytes()
    packed = gzip.compress(content, 9, mtime=0)
    tag = hashlib.sha256(content).hexdigest()[:16]
    lines.append(f'    {{"{path.relative_to(folder).as_posix()}", "{TYPES[path.suffix]}", R"("{tag}")",\n'
                 f'     {{stateset_folder_{name} + {len(pack)}, {len(packed)}}}, {len(content)}}},')
    pack += packed
if not lines:
    sys.exit(f"{folder}: there is nothing to embed")

(out / f"folder_{name}.pack").write_bytes(pack)
(out / f"folder_{name}.hpp").write_text(f"""#pragma once
// Generated: the folder {name}, which is part of the binary.
#include "platform/http/folder.hpp"
namespace stateset::embedded {{
extern const std::span<const http::File> {name};
}}
""")
# The digest makes the text another one whenever the pack is, so that no compiler cache mixes them up.
(out / f"folder_{name}.cpp").write_text(f"""// {hashlib.sha256(pack).hexdigest()}
#include "folder_{name}.hpp"
asm(".pushsection .rodata\\n"
    "stateset_folder_{name}: .incbin \\"{out}/folder_{name}.pack\\"\\n"
    ".popsection\\n");
extern "C" const char stateset_folder_{name}[];
namespace stateset::embedded {{
static const http::File files[] = {{
""" + "\n".join(lines) + f"""
}};
const std::span<const http::File> {name}{{files}};
}}
""")
