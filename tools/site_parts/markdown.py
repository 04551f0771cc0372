"""Markdown as GitHub shows it, as HTML of the site: headings with anchors, code with colours, lifecycles as drawings."""
import html
import os
import re
import urllib.parse

import pygments
import pygments.lexers
from markdown_it import MarkdownIt
from pygments.formatters import HtmlFormatter
from pygments.util import ClassNotFound

from site_parts import diagrams

ANSWERS = {"json", "text"}
SEARCHED_CHARACTERS = 500  # of a section: what is searched, not what is shown
PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
FORMATTER = HtmlFormatter(nowrap=True)


def escape(text):
    return html.escape(text, quote=True)


def slug(title, taken):
    """As GitHub makes them, so that a link works there and here."""
    base = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
    name, number = base, 1
    while name in taken:
        name, number = f"{base}-{number}", number + 1
    taken.add(name)
    return name


def coloured(text, language):
    try:
        lexer = pygments.lexers.get_lexer_by_name({"sh": "bash", "http": "text"}.get(language, language or "text"))
    except ClassNotFound:
        return escape(text)
    return pygments.highlight(text, lexer, FORMATTER).rstrip("\n")


def code_block(text, language="", label=""):
    shown = f'<span class="label">{escape(label)}</span>' if label else ""
    kind = "answer" if label else language
    # Focusable, since what is wide scrolls: the keyboard must reach it.
    return f'<div class="code {escape(kind)}">{shown}<pre tabindex="0"><code>{coloured(text, language)}</code></pre></div>'


class Rendered:
    def __init__(self):
        self.title, self.summary, self.body = "", "", ""
        self.sections, self.headings = [], []


def plain(token):
    words = (" " if child.type == "softbreak" else child.content for child in token.children or []
             if child.type in ("text", "code_inline", "softbreak"))
    return "".join(words)


def resolved(link, path, docs, root):
    """The link as the site has it; None when it leads to what is no part of the site."""
    parsed = urllib.parse.urlsplit(link)
    if parsed.scheme or not parsed.path:
        return link
    target = os.path.normpath(path.parent / parsed.path)
    if target == str(root / "openapi.json"):
        return "/openapi.json"
    if not os.path.exists(target):
        raise SystemExit(f"{path}: {link} leads nowhere")
    if not target.startswith(str(docs)):
        return None
    if os.path.isdir(target):
        if not os.path.exists(target + "/README.md"):
            return None
        target += "/README.md"
    own = os.path.relpath(target, path.parent)
    own = re.sub(r"README\.md$", "index.html", re.sub(r"(?<!README)\.md$", ".html", own))
    return own + ("#" + parsed.fragment if parsed.fragment else "")


def mend_links(inline, path, docs, root):
    outside = []
    for child in inline.children or []:
        if child.type == "link_open":
            link = resolved(child.attrs["href"], path, docs, root)
            outside.append(link is None)
            if link is None:
                child.tag, child.attrs = "span", {"class": "file"}
            else:
                child.attrs["href"] = link
        elif child.type == "link_close" and outside.pop():
            child.tag = "span"


def fence(token, before):
    words = token.info.split()
    language = words[0] if words else ""
    if language == "mermaid":
        return diagrams.svg(token.content)
    label = ""
    if language in ANSWERS and before in ("sh", "http"):
        label = "Answer" + (" " + words[1] if len(words) > 1 else "")
    return code_block(token.content, language, label)


def own_addresses(body, path, docs):
    """`/docs/api/orders` in a text is a link in the site; on GitHub, where there is no such page, it is only named."""
    def link(found):
        target = found.group(1) + ("index" if found.group(1).endswith("/") else "") + ".html"
        return f'<a href="{os.path.relpath(docs / target, path.parent)}"><code>/docs/{found.group(1)}</code></a>'

    return re.sub(r"<code>/docs/([\w/-]+)</code>", link, body)


def status_rows(body):
    """Each row of a table of codes has its code as anchor: /docs/status-codes#not_found."""
    body = body.replace("<table>", '<table class="codes">')
    return re.sub(r"<tr>\s*(<td>\d+</td>)\s*<td><code>(\w+)</code></td>", r'<tr id="\2">\1<td><code>\2</code></td>', body)


def render(text, path, docs, root):
    page, taken, searched = Rendered(), set(), []
    tokens = PARSER.parse(text)
    parts, before, anchor, title = [], "", "", ""

    def close_section():
        page.sections.append((anchor, title, " ".join(searched)[:SEARCHED_CHARACTERS]))
        searched.clear()

    for at, token in enumerate(tokens):
        if token.type == "inline":
            mend_links(token, path, docs, root)
        if token.type == "heading_open":
            name = plain(tokens[at + 1])
            if token.tag == "h1":
                page.title = title = name
            else:
                close_section()
                anchor, title = slug(name, taken), name
                token.attrs["id"] = anchor
                if token.tag == "h2":
                    page.headings.append((anchor, escape(name)))
        elif token.type == "inline" and tokens[at - 1].type != "heading_open":
            words = plain(token)
            searched.append(words)
            page.summary = page.summary or words[:200]
        if token.type == "fence":
            drawn = fence(token, before)
            before = token.info.split()[0] if token.info else ""
            token.type, token.content = "html_block", drawn + "\n"
        elif token.type == "html_block" and token.content.startswith("<!--"):
            token.content = ""  # for the tool that runs the page
        parts.append(token)
    close_section()
    body = PARSER.renderer.render(parts, PARSER.options, {})
    body = body.replace("<table>", '<div class="table" tabindex="0"><table>').replace("</table>", "</table></div>")
    body = re.sub(r'<h([2-4]) id="([^"]+)">(.*?)</h\1>',
                  r'<h\1 id="\2">\3 <a class="anchor" href="#\2" aria-label="Link to this section">#</a></h\1>', body)
    body = own_addresses(body, path, docs)
    page.body = status_rows(body) if path.name == "status-codes.md" else body
    if not page.title:
        raise SystemExit(f"{path}: the first line must be a heading")
    return page
