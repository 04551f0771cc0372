"""The API's reference from openapi.json: a page for each tag, with every operation and every type it answers first."""
import json
import re

from site_parts.markdown import code_block, escape

METHODS = ("get", "post", "put", "patch", "delete")
BASE = "http://127.0.0.1:8080"
DEEPEST = 5  # of nested fields; deeper ones are left to the type's own entry
SECRET = {"bearer": "Authorization: Bearer $STATESET_KEY"}
FORMATS = {"uuid": "0198c9f2-6b7a-7c31-9d0e-3f5a8b1c2d4e", "date-time": "2026-11-22T10:15:30Z", "date": "2026-11-22",
           "email": "ada@example.com", "uri": "https://example.com/hook"}


def slug(tag):
    return re.sub(r"[^a-z0-9]+", "-", tag.lower()).strip("-")


def prose(text):
    """Paragraphs with `code`; nothing else of Markdown is in the document's texts."""
    paragraphs = [part for part in re.split(r"\n\n+", text or "") if part.strip()]
    return "".join("<p>" + inline(part) + "</p>" for part in paragraphs)


def inline(text):
    pieces = escape(text or "").split("`")
    return "".join(f"<code>{piece}</code>" if at % 2 else piece for at, piece in enumerate(pieces))


class Reference:
    def __init__(self, document):
        self.document = document
        self.schemas = document["components"]["schemas"]
        self.home = {}  # type → the page that shows it
        self.page = ""

    def resolve(self, thing):
        while isinstance(thing, dict) and "$ref" in thing:
            at = self.document
            for key in thing["$ref"].removeprefix("#/").split("/"):
                at = at[key.replace("~1", "/").replace("~0", "~")]
            thing = at
        return thing or {}

    def bare(self, schema):
        """The schema without "or null", and whether null is possible."""
        choices = schema.get("anyOf") or schema.get("oneOf") or []
        kinds = schema.get("type", [])
        nullable = "null" in kinds if isinstance(kinds, list) else kinds == "null"
        some = [one for one in choices if one.get("type") != "null"]
        if some:
            return some[0], nullable or len(some) < len(choices)
        return schema, nullable

    @staticmethod
    def name_of(schema):
        return schema["$ref"].rpartition("/")[2] if "$ref" in schema else None

    # ---- types

    def link(self, name):
        page = self.home.get(name)
        if not page:
            return f"<code>{escape(name)}</code>"
        target = "" if page == self.page else page.rpartition("/")[2] + ".html"
        return f'<a href="{target}#{name}"><code>{escape(name)}</code></a>'

    def type_text(self, schema):
        own, nullable = self.bare(schema)
        name = self.name_of(own)
        own = self.resolve(own)
        kinds = own.get("type", "object" if "properties" in own else "any")
        kinds = [kinds] if isinstance(kinds, str) else [kind for kind in kinds if kind != "null"]
        if name:
            text = self.link(name)
        elif "array" in kinds:
            text = "list of " + self.type_text(own.get("items", {}))
        elif isinstance(own.get("additionalProperties"), dict) and "properties" not in own:
            text = "map of " + self.type_text(own["additionalProperties"])
        elif own.get("enum"):
            text = " · ".join(f"<code>{escape(str(word))}</code>" for word in own["enum"] if word is not None)
        else:
            text = escape(" or ".join(kinds))
            if own.get("format") and own["format"] != "int64":
                text += ", " + escape(own["format"])
        return text + self.range_text(own) + (", or null" if nullable else "")

    @staticmethod
    def range_text(own):
        for low, high, unit in (("minLength", "maxLength", " characters"), ("minimum", "maximum", ""),
                                ("minItems", "maxItems", "")):
            if own.get(high) is not None:
                return f", {own.get(low, 0)} to {own[high]}{unit}"
            if own.get(low):
                return f", from {own[low]}{unit}"
        return ""

    def fields(self, schema, nested=True, depth=0):
        """The members of an object, or of a list's objects, as a list of terms."""
        own = self.resolve(self.bare(schema)[0])
        if own.get("type") == "array":
            return self.fields(own.get("items", {}), nested, depth)
        if not own.get("properties") or depth > DEEPEST:
            return ""
        rows = []
        for name, member in own["properties"].items():
            meaning = member.get("description") or self.resolve(self.bare(member)[0]).get("description", "")
            needed = ' <span class="needed">required</span>' if nested and name in own.get("required", []) else ""
            inner = self.fields(member, nested, depth + 1) if nested else ""
            rows.append(f'<dt><code>{escape(name)}</code>{needed} <span class="type">{self.type_text(member)}</span></dt>'
                        f"<dd>{inline(meaning)}{inner}</dd>")
        return '<dl class="fields">' + "".join(rows) + "</dl>"

    # ---- examples

    def example(self, schema, only_needed=False, seen=()):
        own = self.bare(schema)[0]
        name = self.name_of(own)
        if name in seen or len(seen) > DEEPEST:
            return None
        seen = seen + (name,) if name else seen
        meaning, own = own, self.resolve(own)
        for source in (schema, meaning, own):
            if source.get("examples"):
                return source["examples"][0]
        words = [word for word in own.get("enum", []) if word is not None]
        if words:
            return words[0]
        kinds = own.get("type", "object")
        kind = kinds if isinstance(kinds, str) else next((one for one in kinds if one != "null"), "null")
        if kind == "object":
            members = own.get("properties", {})
            needed = own.get("required", [])
            if only_needed:
                # What is ordered or stocked is named by its sku, though its id would do.
                shown = {key: member for key, member in members.items() if key in needed or key == "sku"}
                members = shown or dict(list(members.items())[:2])
            return {key: self.example(member, only_needed, seen) for key, member in members.items()}
        if kind == "array":
            one = self.example(own.get("items", {}), only_needed, seen)
            return [] if one is None else [one]
        if kind == "string":
            return FORMATS.get(own.get("format"), "text")
        return {"integer": own.get("minimum", 1), "number": 1, "boolean": True}.get(kind)

    def example_of(self, media, only_needed=False):
        if "example" in media:
            return media["example"]
        for one in (media.get("examples") or {}).values():
            if "value" in self.resolve(one):
                return self.resolve(one)["value"]
        return self.example(media.get("schema", {}), only_needed)

    # ---- operations

    def curl(self, method, path, operation):
        lines = ["curl" + ("" if method == "get" else f" -X {method.upper()}")
                 + f' "{BASE}{re.sub(r"[{](.*?)[}]", lambda found: "$" + found.group(1).replace("-", "_"), path)}"']
        if operation.get("security") != []:
            lines.append('-H "Authorization: Bearer $STATESET_KEY"')
        names = [self.resolve(one).get("name") for one in operation.get("parameters", [])]
        if "Idempotency-Key" in names:
            lines.append('-H "Idempotency-Key: $(uuidgen)"')
        body = self.resolve(operation.get("requestBody"))
        media = body.get("content", {}).get("application/json")
        if media and (body.get("required") or "example" in media or "examples" in media):
            text = json.dumps(self.example_of(media, only_needed=True), ensure_ascii=False, indent=2)
            lines.append("--json '" + text.replace("'", "'\\''") + "'")
        return " \\\n  ".join(lines)

    def parameters(self, operation, place):
        rows = []
        for one in map(self.resolve, operation.get("parameters", [])):
            if one.get("in") != place:
                continue
            needed = ' <span class="needed">required</span>' if one.get("required") and place != "path" else ""
            rows.append(f'<dt><code>{escape(one["name"])}</code>{needed} <span class="type">'
                        f'{self.type_text(one.get("schema", {}))}</span></dt><dd>{inline(one.get("description", ""))}</dd>')
        return '<dl class="fields">' + "".join(rows) + "</dl>" if rows else ""

    def part(self, title, inside, open_=True):
        if not inside:
            return ""
        return f'<details{" open" if open_ else ""}><summary>{title}</summary>{inside}</details>'

    def body(self, operation):
        body = self.resolve(operation.get("requestBody"))
        parts = []
        for kind, media in body.get("content", {}).items():
            if kind == "application/merge-patch+json":
                continue  # the same body under another name
            title = "Body" + ("" if kind == "application/json" else f", <code>{escape(kind)}</code>")
            title += "" if body.get("required") else ' <span class="quiet">may be left out</span>'
            parts.append(self.part(title, self.fields(media.get("schema", {})) or f"<p>{self.type_text(media.get('schema', {}))}</p>"))
        return "".join(parts)

    def good_answers(self, operation):
        parts = []
        for status, answer in operation["responses"].items():
            answer = self.resolve(answer)
            if not status.startswith("2") and status != "101":
                continue
            text = f'<p><span class="status good">{status}</span> {inline(answer.get("description", ""))}'
            example = ""
            for kind, media in answer.get("content", {}).items():
                text += (" " + self.type_text(media["schema"])) if "schema" in media and kind == "application/json" else f" <code>{escape(kind)}</code>"
                if kind == "application/json" and not example:
                    shown = json.dumps(self.example_of(media), ensure_ascii=False, indent=2)
                    example = code_block(shown, "json", f"Answer {status}")
            parts.append(text + "</p>" + example)
        return "".join(parts)

    def refusals(self, operation):
        rows = []
        for status, answer in sorted(operation["responses"].items()):
            if status < "400":
                continue
            answer = self.resolve(answer)
            reference = operation["responses"][status].get("$ref", "")
            codes = self.codes_of(answer, reference)
            links = " ".join(f'<a href="../status-codes.html#{code}"><code>{code}</code></a>' for code in codes)
            rows.append(f'<li><span class="status bad">{status}</span> {links or inline(answer.get("description", ""))}</li>')
        return '<ul class="refusals">' + "".join(rows) + "</ul>" if rows else ""

    def codes_of(self, answer, reference):
        known = {code["name"] for code in self.document.get("x-codes", [])}
        found = [word for word in re.findall(r"\w+", json.dumps(answer)) if word in known]
        named = [word for word in reference.rpartition("/")[2].split(".") if word in known]
        return list(dict.fromkeys(named or found))

    def operation(self, path, method, operation):
        name = operation["operationId"]
        permission = operation.get("x-permission")
        description = re.sub(r"\n*Needs the permission `[^`]*`\.", "", operation.get("description", ""))
        needs = f'<p class="permission">Permission <code>{escape(permission)}</code></p>' if permission else ""
        return (f'<section class="operation" id="{name}"><h2>{escape(operation.get("summary", name))} '
                f'<a class="anchor" href="#{name}" aria-label="Link to this operation">#</a></h2>'
                f'<p class="route"><span class="method {method}">{method.upper()}</span> <code>{escape(path)}</code></p>'
                + prose(description) + needs
                + '<div class="columns"><div>'
                + self.part("Path", self.parameters(operation, "path")) + self.part("Query", self.parameters(operation, "query"))
                + self.part("Headers", self.parameters(operation, "header"), open_=False)
                + self.body(operation)
                + self.part("Refusals", self.refusals(operation), open_=False) + "</div><div>"
                + code_block(self.curl(method, path, operation), "sh") + self.good_answers(operation)
                + "</div></div></section>")

    # ---- pages

    def operations(self):
        for path, methods in self.document["paths"].items():
            for method in METHODS:
                if method in methods:
                    yield path, method, methods[method]

    def outputs(self, operation):
        """The names of the types that are answered, outer ones first."""
        found, queue = [], []
        for answer in operation["responses"].values():
            for media in self.resolve(answer).get("content", {}).values():
                queue.append(media.get("schema", {}))
        while queue:
            at = queue.pop(0)
            if isinstance(at, dict):
                name = self.name_of(at) if isinstance(at.get("$ref"), str) else None
                if name and name in self.schemas and name not in found:
                    found.append(name)
                    queue.append(self.schemas[name])
                queue += [value for key, value in at.items() if key not in ("$ref", "examples", "example")]
            elif isinstance(at, list):
                queue += at
        return found

    def pages(self):
        by_tag, types = {}, {}
        for path, method, operation in self.operations():
            tag = operation["tags"][0]
            by_tag.setdefault(tag, []).append((path, method, operation))
            for name in self.outputs(operation):
                if self.home.setdefault(name, "api/" + slug(tag)) == "api/" + slug(tag):
                    types.setdefault(tag, {})[name] = True
        made = {"api/index": self.overview(by_tag)}
        for tag, operations in sorted(by_tag.items()):
            self.page = "api/" + slug(tag)
            made[self.page] = self.tag_page(tag, operations, types.get(tag, {}))
        return made

    def tag_page(self, tag, operations, types):
        rows = "".join(f'<tr><td><span class="method {method}">{method.upper()}</span></td><td><a href="#{one["operationId"]}">'
                       f'{escape(one.get("summary", ""))}</a></td><td><code>{escape(path)}</code></td></tr>'
                       for path, method, one in operations)
        body = (f"<h1>{escape(tag)}</h1><div class=\"table\" tabindex=\"0\"><table class=\"routes\"><thead><tr><th>Method</th><th>What it does</th>"
                f"<th>Path</th></tr></thead><tbody>{rows}</tbody></table></div>")
        body += "".join(self.operation(*one) for one in operations)
        headings = [(one["operationId"], escape(one.get("summary", ""))) for _, _, one in operations]
        if types:
            body += '<section><h2 id="types">Types <a class="anchor" href="#types" aria-label="Link to this section">#</a></h2>'
            for name in types:
                body += f'<h3 id="{name}">{escape(name)}</h3>' + (self.fields(self.schemas[name], nested=False) or self.leaf(name))
            body += "</section>"
            headings.append(("types", "Types"))
        sections = [("", tag, f"API reference of {tag}")]
        sections += [(one["operationId"], one.get("summary", ""), f'{method.upper()} {path} {one["operationId"]}')
                     for path, method, one in operations]
        return tag, body, sections, headings, f"API reference: {tag}"

    def leaf(self, name):
        schema = self.schemas[name]
        return f'<p class="type">{self.type_text(schema)} {inline(schema.get("description", ""))}</p>'

    def overview(self, by_tag):
        info = self.document["info"]
        count = sum(len(operations) for operations in by_tag.values())
        body = (f"<h1>API reference</h1>{prose(info.get('description', ''))}"
                f"<p>{count} operations, derived from the server's table of endpoints; the same as a document for programs is "
                f'<a href="/openapi.json">/openapi.json</a> (OpenAPI {escape(self.document["openapi"])}).</p>'
                '<p>Every path begins with <code>/api/v1</code> unless it is shown otherwise. Credentials go into '
                "<code>Authorization: Bearer …</code> (an API key or an access token) or <code>X-API-Key</code>. Lists answer "
                "<code>{\"data\": […], \"next_cursor\": …}</code>; send <code>cursor=</code> to go on. Errors are "
                '<a href="../status-codes.html">application/problem+json</a> with a <code>code</code>.</p>')
        for tag, operations in sorted(by_tag.items()):
            rows = "".join(f'<tr><td><span class="method {method}">{method.upper()}</span></td><td>'
                           f'<a href="{slug(tag)}.html#{one["operationId"]}">{escape(one.get("summary", ""))}</a></td>'
                           f"<td><code>{escape(path)}</code></td></tr>" for path, method, one in operations)
            body += (f'<h2 id="{slug(tag)}"><a href="{slug(tag)}.html">{escape(tag)}</a></h2>'
                     f'<div class="table" tabindex="0"><table class="routes"><thead><tr><th>Method</th><th>What it does</th><th>Path</th>'
                     f"</tr></thead><tbody>{rows}</tbody></table></div>")
        headings = [(slug(tag), escape(tag)) for tag in sorted(by_tag)]
        return "API reference", body, [("", "API reference", info.get("description", ""))], headings, "Every operation of the API"


def pages(document):
    return Reference(document).pages()
