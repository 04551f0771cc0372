#!/usr/bin/env python3
"""Makes the documentation's pages of docs/*.md and openapi.json: small static HTML that needs no server and asks nobody.

    tools/site.py --out build/docs            then open build/docs/index.html
    tools/site.py --out build/docs --check    also follows every link, to its anchor, and fails on one that leads nowhere
    tools/site.py --out build/docs --valid    also asks tidy whether it is HTML

The build embeds the folder; the server shows it at /docs. The order of the pages is the table CONTENTS; a page that is
not in it stands at the end of its folder's part, or under "More".
"""
import argparse
import html.parser
import json
import os
import pathlib
import shutil
import subprocess
import sys
import urllib.parse

DEBIAN_PYTHON = "/usr/bin/python3"
try:
    from site_parts import markdown, reference
except ModuleNotFoundError as missing:
    # Debian's packages belong to Debian's Python; another may come first in the path.
    if sys.executable != DEBIAN_PYTHON and os.path.exists(DEBIAN_PYTHON):
        os.execv(DEBIAN_PYTHON, [DEBIAN_PYTHON, *sys.argv])
    sys.exit(f"{missing.name} is missing: apt-get install python3-markdown-it python3-pygments")

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PARTS = pathlib.Path(__file__).resolve().parent / "site_parts"

# The parts of the navigation, and the pages of each in order; "x/*" is what else lies in that folder.
CONTENTS = [
    ("Start", ["README", "getting-started"]),
    ("Guides", ["guides/first-order", "guides/returns", "guides/builds", "guides/webhooks", "guides/idempotency",
                "guides/import-and-export", "guides/postgresql", "guides/*"]),
    ("Concepts", ["concepts/orders", "concepts/stock", "concepts/payments", "concepts/returns", "concepts/builds",
                  "concepts/events", "concepts/*"]),
    ("Reference", ["api/index", "status-codes", "cli", "sdks", "grpc", "streams", "payments"]),
    ("Running it", ["operations", "upgrading", "security", "benchmarks"]),
    ("Real runs", ["journeys/README", "journeys/*"]),
    ("How it is made", ["architecture", "adding-a-command", "testing", "adr/*"]),
]


class Page:
    """One page on its way: `name` is its path without suffix; `body` its HTML, `sections` what search finds in it."""

    def __init__(self, name, title, body, sections, headings, summary=""):
        self.name, self.title, self.body = name, title, body
        self.sections, self.headings, self.summary = sections, headings, summary

    @property
    def path(self):
        folder, _, last = self.name.rpartition("/")
        return (folder + "/" if folder else "") + ("index" if last in ("README", "index") else last) + ".html"


def written_pages():
    """What people wrote, by name."""
    pages = {}
    for path in sorted(DOCS.rglob("*.md")):
        name = path.relative_to(DOCS).with_suffix("").as_posix()
        text = markdown.render(path.read_text(encoding="utf-8"), path, DOCS, ROOT)
        pages[name] = Page(name, text.title, text.body, text.sections, text.headings, text.summary)
    return pages


def api_pages():
    document = json.loads((ROOT / "openapi.json").read_text(encoding="utf-8"))
    return {name: Page(name, *parts) for name, parts in reference.pages(document).items()}


def arranged(pages):
    """[(part, [page, …]), …]; every page is in it once."""
    left, parts = dict(pages), []
    for title, names in CONTENTS:
        chosen = []
        for name in names:
            if name.endswith("/*"):
                chosen += [left.pop(each) for each in sorted(left) if each.startswith(name[:-1])]
            elif name in left:
                chosen.append(left.pop(name))
        if chosen:
            parts.append((title, chosen))
    api = [left.pop(name) for name in sorted(left) if name.startswith("api/")]
    if left:
        parts.append(("More", [left[name] for name in sorted(left)]))
    parts.insert(4, ("API", api))
    return parts


def relative(target, page, root):
    if root is not None:
        return root + target
    return os.path.relpath(target or ".", os.path.dirname(page.path) or ".")


def navigation(parts, page, root):
    lines = []
    for title, pages in parts:
        inside = page in pages or (title == "API" and page.name == "api/index")
        lines.append(f'<details{" open" if inside or title in ("Start", "Guides", "Concepts", "Reference") else ""}>'
                     f"<summary>{markdown.escape(title)}</summary><ul>")
        for one in pages:
            here = ' aria-current="page"' if one is page else ""
            lines.append(f'<li><a href="{relative(one.path, page, root)}"{here}>{markdown.escape(one.title)}</a></li>')
        lines.append("</ul></details>")
    return "\n".join(lines)


def on_this_page(page):
    if len(page.headings) < 3:
        return ""
    items = "".join(f'<li><a href="#{anchor}">{title}</a></li>' for anchor, title in page.headings)
    return f'<aside class="toc" aria-labelledby="toc-title"><p id="toc-title">On this page</p><ul>{items}</ul></aside>'


def neighbours(parts, page, root):
    row = [one for _, pages in parts for one in pages]
    if page not in row:
        return ""
    at = row.index(page)
    links = []
    if at > 0:
        links.append(f'<a rel="prev" href="{relative(row[at - 1].path, page, root)}">'
                     f"<span>Before</span> {markdown.escape(row[at - 1].title)}</a>")
    if at + 1 < len(row):
        links.append(f'<a rel="next" href="{relative(row[at + 1].path, page, root)}">'
                     f"<span>Next</span> {markdown.escape(row[at + 1].title)}</a>")
    return '<div class="neighbours">' + "".join(links) + "</div>"


def whole(template, page, parts, root=None):
    part = " · API" if page.name.startswith("api/") and page.name != "api/index" else ""
    title = page.title if page.name == "README" else f"{page.title}{part} · StateSet"
    values = {
        "title": markdown.escape(title), "summary": markdown.escape(page.summary),
        "root": relative("", page, root).rstrip("/") + "/", "navigation": navigation(parts, page, root),
        "toc": on_this_page(page), "body": page.body, "neighbours": neighbours(parts, page, root),
    }
    for name, value in values.items():
        template = template.replace("{{" + name + "}}", value)
    return template


def search_index(parts):
    """A script, not JSON: a page that was opened from a disk may load the one but not the other."""
    entries = [[page.path + ("#" + anchor if anchor else ""), page.title, title, text]
               for _, pages in parts for page in pages for anchor, title, text in page.sections]
    return "window.searchIndex=" + json.dumps(entries, ensure_ascii=False, separators=(",", ":")) + ";\n"


def write(out):
    pages = written_pages() | api_pages()
    parts = arranged(pages)
    template = (PARTS / "page.html").read_text(encoding="utf-8")
    if out.exists():
        shutil.rmtree(out)
    for page in pages.values():
        path = out / page.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(whole(template, page, parts), encoding="utf-8")
    lost = Page("404", "There is no such page", '<h1>There is no such page</h1><p>It may have moved. Search for it above, or '
                'begin at the <a href="/docs/">first page</a>.</p>', [], [])
    # Shown at any depth, so its links begin at the top.
    (out / "404.html").write_text(whole(template, lost, parts, root="/docs/"), encoding="utf-8")
    (out / "search-index.js").write_text(search_index(parts), encoding="utf-8")
    for name in ("style.css", "script.js"):
        shutil.copyfile(PARTS / name, out / name)
    return pages


class Links(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.links, self.ids, self.asks, self.title = [], set(), [], ""
        self.in_title = False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if "id" in values:
            if values["id"] in self.ids:
                self.asks.append(f"the id {values['id']} twice")
            self.ids.add(values["id"])
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif "src" in values or (tag == "link" and "href" in values):
            target = values.get("src") or values["href"]
            self.links.append(target)
            if ":" in target and not target.startswith("data:"):
                self.asks.append(target)
        self.in_title = self.in_title or tag == "title"

    def handle_endtag(self, tag):
        if tag == "title":
            self.in_title = False

    def handle_data(self, data):
        if self.in_title:
            self.title += data


def faults(out):
    """Every link that leads nowhere, every page without a title of its own, everything asked of somebody else."""
    read = {path.relative_to(out).as_posix(): Links(path.read_text(encoding="utf-8")) for path in sorted(out.rglob("*.html"))}
    found, titles = [], {}
    for name, page in read.items():
        found += [f"{name}: has or asks {what}" for what in page.asks]
        if not page.title.strip():
            found.append(f"{name}: has no title")
        if titles.setdefault(page.title, name) != name:
            found.append(f"{name}: has the title of {titles[page.title]}")
        for link in page.links:
            parsed = urllib.parse.urlsplit(link)
            if parsed.scheme or link == "/openapi.json":
                continue
            path = parsed.path
            if path.startswith("/docs/"):
                target = path.removeprefix("/docs/")
            else:
                target = os.path.normpath(os.path.join(os.path.dirname(name), path)) if path else name
            if target == "." or target.endswith("/") or target == "":
                target = (target.strip("./") + "/index.html").lstrip("/")
            if target not in read and not (out / target).is_file():
                found.append(f"{name}: {link} leads nowhere")
            elif parsed.fragment and parsed.fragment not in read[target].ids:
                found.append(f"{name}: {link}: there is no such anchor")
    return found


def invalid(out):
    """What tidy says of the pages. It is older than one attribute of ARIA."""
    pages = [str(path) for path in sorted(out.rglob("*.html"))]
    told = subprocess.run(["tidy", "-quiet", "-errors", "--mute", "PROPRIETARY_ATTRIBUTE", "--gnu-emacs", "yes", *pages],
                          stderr=subprocess.PIPE, text=True, check=False).stderr
    return told.splitlines()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--check", action="store_true", help="follow every link")
    parser.add_argument("--valid", action="store_true", help="ask tidy whether it is HTML; ends with 77 where there is none")
    options = parser.parse_args()
    pages = write(options.out)
    if options.valid and not shutil.which("tidy"):
        print("tidy is missing: whether the pages are HTML was not checked")
        sys.exit(77)
    if options.check or options.valid:
        wrong = (faults(options.out) if options.check else []) + (invalid(options.out) if options.valid else [])
        print("\n".join(wrong))
        if wrong:
            sys.exit(f"{len(wrong)} faults in {len(pages)} pages")
        print(f"{len(pages)} pages: nothing to mend")


if __name__ == "__main__":
    main()
