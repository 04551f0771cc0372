"""Writes embedded.cpp, embedded.hpp and sql.hpp from the text files of the source tree (see embed.cmake)."""
import pathlib
import re
import sys

source, out = map(pathlib.Path, sys.argv[1:3])
out.mkdir(parents=True, exist_ok=True)


def write_if_changed(path, text):
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def literal(text):
    # Raw strings have a length limit in some compilers; pieces are joined by the language.
    pieces = [text[i:i + 8000] for i in range(0, len(text), 8000)] or [""]
    return "\n".join(f'R"~~~({piece})~~~"' for piece in pieces)


def migrations_of(kind):
    lines = []
    for path in sorted((source / "migrations" / kind).glob("*.sql")):
        version = int(re.match(r"(\d{4})_", path.name).group(1))
        lines.append(f'    {{{version}, "{path.stem}", {literal(path.read_text())}}},')
    return f"""static const Migration {kind}_list[] = {{
""" + "\n".join(lines or ['    {0, "", ""},']) + f"""
}};
const std::span<const Migration> {kind}_migrations{{{kind}_list, {len(lines)}}};
"""

queries = {}
for path in sorted((source / "src").glob("**/sql/*.sql")):
    if path.name.endswith(".sqlite.sql"):
        if not path.with_name(path.name.replace(".sqlite.sql", ".sql")).exists():
            sys.exit(f"{path}: there is no statement of this name for PostgreSQL beside it")
        continue
    queries.setdefault(path.parent.parent.name, []).append(path)

declared, defined = [], []
for noun, paths in sorted(queries.items()):
    declared.append(f"namespace {noun} {{")
    defined.append(f"namespace {noun} {{")
    for path in paths:
        text = path.read_text()
        if not text.startswith("-- "):
            sys.exit(f"{path}: the first line must be a comment that says why the statement exists")
        sibling = path.with_name(path.stem + ".sqlite.sql")
        other = ", " + literal(sibling.read_text()) if sibling.exists() else ""
        declared.append(f"extern const Query {path.stem};")
        defined.append(f'const Query {path.stem}{{"{noun}.{path.stem}", {literal(text)}{other}}};')
    declared.append("}")
    defined.append("}")

write_if_changed(out / "sql.hpp", """#pragma once
// Generated from src/<noun>/sql/*.sql.
#include "platform/store/query.hpp"
namespace stateset::sql {
""" + "\n".join(declared) + """
extern const std::span<const Query* const> all;
}
""")
write_if_changed(out / "embedded.hpp", """#pragma once
// Generated: text files that are part of the binary.
#include <cstdint>
#include <span>
#include <string_view>
namespace stateset::embedded {
struct Migration { std::int64_t version; std::string_view name; std::string_view text; };
extern const std::span<const Migration> sqlite_migrations, postgres_migrations;
}
""")
every = [f"&{noun}::{path.stem}" for noun, paths in sorted(queries.items()) for path in paths]
(out / "embedded.cpp").write_text("""#include "embedded.hpp"
#include "sql.hpp"
namespace stateset::embedded {
""" + migrations_of("sqlite") + migrations_of("postgres") + """}
namespace stateset::sql {
""" + "\n".join(defined) + """
static const Query* const list[] = {""" + ", ".join(every or ["nullptr"]) + """};
const std::span<const Query* const> all{list, """ + str(len(every)) + """};
}
""")
