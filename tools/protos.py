#!/usr/bin/env python3
"""Writes proto/stateset/v1/*.proto from openapi.json, which is written from the endpoint table.

    tools/protos.py                     writes them; stops where a client of the committed ones would break
    tools/protos.py --check             only looks: fails when they are not what openapi.json says, and names each break
    tools/protos.py --accept-breaking   writes them all the same

Numbers are for ever: a field or enumerator keeps the number that the files before gave it, new ones are appended, and
the numbers and names of what is gone are reserved. docs/grpc.md tells callers what follows from that.
"""
import argparse
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
COLUMNS = 100

# What has no place in gRPC, and why.
LEFT_OUT = {
    "events_ws_get": "StreamEvents is the same without a protocol of its own",
    "carriers_webhook": "carriers sign the bytes of an HTTP request",
    "payments_gateways_webhook": "gateways sign the bytes of an HTTP request",
}
# Beside these, what is not below /api/v1: probes and pages (grpc.health.v1 and reflection stand for them).

# Where the tag is no plural of the slice's noun.
SERVICES = {"Auth": "Auth", "System": "System", "Inventory": "Inventory", "Manufacturing": "Manufacturing",
            "Imports and exports": "Job", "Taxes": "Tax"}
# Where verb and noun do not make the name.
METHODS = {"auth_login": "Login", "auth_refresh": "Refresh", "auth_logout": "Logout", "auth_me": "GetMe",
           "status_get": "GetStatus", "inventory_plan": "PlanInventory",
           "inventory_bulk_adjust": "BulkAdjustInventory", "inventory_bulk_receive": "BulkReceiveInventory",
           "events_stream": "StreamEvents", "ops_activity": "GetActivity", "ops_attention": "GetAttention"}
# GETs whose last word is a verb; the others are things that one gets.
READ_VERBS = {"get", "list", "track", "lookup", "explode", "explain", "export", "trace"}
IRREGULAR = {"addresses": "address", "statuses": "status", "boms": "bom", "taxes": "tax", "inventory": "inventory",
             "status": "status", "series": "series", "made-of": "made-of"}
# Messages are named for people who do not know our structs.
MESSAGES = {"Shown": "Event", "Status": "SystemStatus", "Rate": "TaxRate", "Account": "Tenant", "Line": "OrderItem",
            "Template": "NotificationTemplate", "MessageView": "NotificationMessage", "Endpoint": "WebhookEndpoint",
            "EndpointWithSecret": "WebhookEndpointWithSecret", "Delivery": "WebhookDelivery",
            "Item": "InventoryItem", "ItemView": "InventoryItemWithStock", "Row": "Summary",
            "FlowsItemChanges": "OrderItemChanges", "Load": "OrderLoad", "Kind": "AttentionKind",
            "Case": "AttentionCase", "Links": "AttentionLinks", "Hour": "ActivityHour"}

HEAD = """\
// Written by tools/protos.py from openapi.json. {about}
syntax = "proto3";

package stateset.v1;
"""
GO_PACKAGE = 'option go_package = "stateset/v1;statesetv1";\n'
OPTIONS = HEAD.format(about="What ties a method to its line in the endpoint table.") + """
import "google/protobuf/descriptor.proto";

""" + GO_PACKAGE + """
extend google.protobuf.MethodOptions {
  // The operationId in openapi.json: the same function behind another door.
  string operation = 51234;
}

extend google.protobuf.FieldOptions {
  // Part of the body although a parameter of the query has this name.
  bool in_body = 51235;
}
"""


def camel(text):
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", text) if word)


def snake(text):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text).lower()


def singular(word):
    if word in IRREGULAR:
        return IRREGULAR[word]
    head, _, last = word.rpartition("-")
    if last.endswith("ies"):
        last = last[:-3] + "y"
    elif last.endswith(("sses", "xes", "ches")):
        last = last[:-2]
    elif last.endswith("s") and not last.endswith(("ss", "us")):
        last = last[:-1]
    return head + "-" + last if head else last


def method_name(operation):
    if operation["operationId"] in METHODS:
        return METHODS[operation["operationId"]]
    resource, verb = operation["x-resource"], operation["x-verb"].split("-")
    noun = "".join(camel(singular(word)) for word in resource)
    if operation["x-verb"] == "list":
        return "List" + "".join(camel(singular(word)) for word in resource[:-1]) + camel(resource[-1])
    if operation["method"] == "get" and verb[0] not in READ_VERBS:
        return "Get" + noun + camel("-".join(verb))
    return camel(verb[0]) + noun + camel("-".join(verb[1:]))


def service_name(tag):
    return SERVICES.get(tag) or camel("-".join(singular(word) for word in tag.lower().split()))


# ── the files as they are ────────────────────────────────────────────────────────────────────────────────────────────

class Known:
    """Numbers, types and reserved ones of what was written before; our own format is all it understands."""

    def __init__(self, folder):
        self.fields = {}    # message or enum → {name: (number, type)}
        self.reserved = {}  # message or enum → {number: name}
        self.methods = {}   # service.method → (request, reply)
        for path in sorted(folder.glob("*.proto")):
            self.read(path.read_text())

    def read(self, text):
        scope = []
        for line in re.sub(r"//.*", "", text).split("\n"):
            line = line.strip()
            if match := re.match(r"(message|enum|service|extend) ([\w.]+) \{(\})?$", line):
                scope.append(match.group(2))
                self.fields.setdefault(".".join(scope), {})
                if match.group(3):
                    scope.pop()
            elif match := re.match(r"rpc (\w+)\(([\w.]+)\) returns \((?:stream )?([\w.]+)\)", line):
                self.methods[scope[-1] + "." + match.group(1)] = match.groups()[1:]
                scope.append(match.group(1))
            elif match := re.match(r"reserved (\d.*);", line):
                numbers = [int(each) for each in match.group(1).split(",")]
                self.reserved.setdefault(".".join(scope), {}).update(dict.fromkeys(numbers))
            elif match := re.match(r'reserved (".*);', line):
                names = re.findall(r'"(\w+)"', match.group(1))
                held = self.reserved.setdefault(".".join(scope), {})
                held.update(zip([number for number in held if held[number] is None], names))
            elif match := re.match(r"(?:optional )?((?:repeated )?[\w.]+(?:<.*>)?) (\w+) = (\d+)(?: \[.*\])?;$", line):
                self.fields[".".join(scope)][match.group(2)] = (int(match.group(3)), match.group(1))
            elif match := re.match(r"(\w+) = (\d+);$", line):
                self.fields[".".join(scope)][match.group(1)] = (int(match.group(2)), "")
            elif line == "}":
                scope.pop()


class Numbers:
    """Gives numbers to the members of one message or enum, and notes what a client would miss."""

    def __init__(self, known, name, breaks, first=1):
        self.before, self.name, self.breaks, self.first = known.fields.get(name, {}), name, breaks, first
        self.reserved = dict(known.reserved.get(name, {}))

    def give(self, wanted):
        """[(name, type)] → {name: number}"""
        types = dict(wanted)
        for name, (number, kind) in self.before.items():
            if name not in types:
                self.breaks.append(f"{self.name}.{name} is gone")
                self.reserved[number] = name
            elif types[name] != kind:
                self.breaks.append(f"{self.name}.{name} was {kind} and is {types[name]}")
                self.reserved[number] = None
        for number, name in self.reserved.items():
            if name in types:
                self.reserved[number] = None  # it is back, under another number
        kept = {name: number for name, (number, kind) in self.before.items() if types.get(name) == kind}
        free = max([self.first - 1, *kept.values(), *self.reserved]) + 1
        for name in types:
            if name not in kept:
                kept[name], free = free, free + 1
        return kept

    def lines(self):
        if not self.reserved:
            return []
        names = [name for name in self.reserved.values() if name]
        lines = ["reserved " + ", ".join(map(str, self.reserved)) + ";"]
        return lines + (["reserved " + ", ".join(f'"{name}"' for name in names) + ";"] if names else [])


# ── the document as messages ─────────────────────────────────────────────────────────────────────────────────────────

class Field:
    def __init__(self, name, schema, required, direction, writer):
        self.name, self.comment, self.option = name, schema.get("description", ""), ""
        self.enum, self.message, self.label = None, None, ""
        bare, nullable = without_null(schema)
        if bare.get("type") == "array":
            self.label, bare = "repeated ", without_null(bare["items"])[0]
        elif isinstance(bare.get("additionalProperties"), dict):
            value = Field(name, bare["additionalProperties"], True, "output", writer)
            self.type, self.message, self.enum = f"map<string, {value.type}>", value.message, value.enum
            return
        self.type = self.type_of(bare, writer)
        scalar = not self.label and not self.message and not self.type.startswith("google.")
        # Unset must not look like a value that is legal.
        if direction == "output":
            unset_is_legal = nullable or not required
        else:
            unset_is_legal = not required or default_is_legal(bare, self.type)
        if scalar and unset_is_legal:
            self.label = "optional "
        if direction == "input" and required:
            self.comment += " Required."
        if name == "data" and not self.label:
            self.comment = ""  # the glossary speaks of pages

    def type_of(self, schema, writer):
        if "$ref" in schema:
            self.message = writer.message_for(schema["$ref"].rsplit("/", 1)[1])
            return self.message
        if "enum" in schema:
            self.enum = [word for word in schema["enum"] if word is not None]
            for word in self.enum:
                if not re.fullmatch("[a-z][a-z0-9_]*", word):
                    sys.exit(f"{self.name}: {word} would not come back from an enumerator's name")
            return camel(singular(self.name) if self.label else self.name)
        kinds = schema.get("type", [])
        kinds = kinds if isinstance(kinds, list) else [kinds]
        if schema.get("format") == "date-time":
            return "google.protobuf.Timestamp"
        for kind, name in (("string", "string"), ("integer", "int64"), ("boolean", "bool"), ("number", "double")):
            if kind in kinds:
                return name
        if not kinds:
            return "google.protobuf.Value"
        if schema.get("additionalProperties") is True:
            return "google.protobuf.Struct"
        sys.exit(f"{self.name}: proto has no type for {schema}")


def answers_json(operation):
    return any("application/json" in answer.get("content", {}) for answer in operation["responses"].values())


def without_null(schema):
    """The schema without what says that it may be null, and whether it does."""
    if "anyOf" in schema:
        others = [each for each in schema["anyOf"] if each.get("type") != "null"]
        return others[0], len(others) < len(schema["anyOf"])
    kinds = schema.get("type")
    if isinstance(kinds, list) and "null" in kinds:
        kinds = [kind for kind in kinds if kind != "null"]
        return {**schema, "type": kinds[0] if len(kinds) == 1 else kinds}, True
    return schema, False


def default_is_legal(schema, kind):
    if kind == "int64":
        return schema.get("minimum", -1) <= 0
    if kind == "string":
        return not (schema.get("minLength") or schema.get("format")) and bool(re.search(schema.get("pattern", ""), ""))
    return kind in ("bool", "double")


class Message:
    def __init__(self, name, comment, fields):
        self.name, self.comment, self.fields, self.users = name, comment, fields, set()


class Method:
    def __init__(self, operation, writer):
        self.name = method_name(operation)
        self.operation, self.comment = operation["operationId"], operation["summary"] + "."
        if operation.get("x-permission"):
            self.comment += f" Needs {operation['x-permission']}."
        self.reads = operation["method"] == "get"
        self.request, self.streams = writer.request(operation, self.name), False
        self.reply = self.reply_of(operation, writer)

    def reply_of(self, operation, writer):
        content = [answer.get("content", {}) for status, answer in sorted(operation["responses"].items())
                   if status[0] == "2"]
        media = next((each for each in content if each), None)
        if not media:
            return "google.protobuf.Empty"
        if "text/event-stream" in media:
            self.streams = True
            return writer.message_for("Shown")
        if "application/json" not in media:
            return writer.content()
        return writer.message_for(media["application/json"]["schema"]["$ref"].rsplit("/", 1)[1])


class Writer:
    def __init__(self, document, known):
        self.document, self.known, self.breaks = document, known, []
        self.schemas = document["components"]["schemas"]
        self.messages, self.services = {}, {}
        for operation in self.operations():
            method = Method(operation, self)
            tag = operation["tags"][0]
            methods = self.services.setdefault(service_name(tag), {})
            if method.name in methods:
                sys.exit(f"two methods {method.name} of {tag}: see METHODS in tools/protos.py")
            methods[method.name] = method
        self.note_users()

    def operations(self):
        for path, methods in self.document["paths"].items():
            if not path.startswith("/api/v1/"):
                continue
            for method in ("get", "post", "put", "patch", "delete"):
                if method in methods and methods[method]["operationId"] not in LEFT_OUT:
                    yield {**methods[method], "method": method, "path": path}

    def proto_name(self, component):
        if component in MESSAGES:
            return MESSAGES[component]
        if component.endswith("Page"):
            return self.proto_name(component[:-4]) + "Page"
        if component.endswith("View") and component[:-4] not in self.schemas:
            return component[:-4]
        if component.endswith("Row"):
            return component[:-3] + ("Summary" if component[:-3] + "View" in self.schemas else "")
        return component

    def message_for(self, component):
        name = self.proto_name(component)
        if name not in self.messages:
            schema = self.schemas[component]
            self.messages[name] = made = Message(name, "", [])
            made.component = component
            direction = "input" if schema.get("additionalProperties") is False else "output"
            required = set(schema.get("required", []))
            made.fields = [Field(field, each, field in required, direction, self)
                           for field, each in schema.get("properties", {}).items()]
        elif getattr(self.messages[name], "component", component) != component:
            sys.exit(f"{component} and {self.messages[name].component} would both be {name}: see MESSAGES")
        return name

    def content(self):
        if "Content" not in self.messages:
            body = {"description": "The bytes as HTTP would carry them."}
            kind = {"type": "string", "description": "Their media type: application/pdf, application/octet-stream."}
            fields = [Field("content", {"type": "string", **body}, True, "output", self),
                      Field("content_type", kind, True, "output", self)]
            fields[0].type = "bytes"
            self.messages["Content"] = Message("Content", "Bytes that are no JSON.", fields)
        return "Content"

    def request(self, operation, name):
        fields = []
        for given in operation.get("parameters", []):
            if "$ref" in given:
                given = self.document["components"]["parameters"][given["$ref"].rsplit("/", 1)[1]]
            if given["in"] == "header" or (given["name"] == "fields" and not answers_json(operation)):
                continue
            schema = {"description": given.get("description", ""), **given["schema"]}
            fields.append(Field(given["name"], schema, given.get("required", False), "input", self))
        media = operation.get("requestBody", {}).get("content", {})
        if "application/json" in media:
            schema = media["application/json"]["schema"]
            schema = self.schemas[schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
            required = set(schema.get("required", []))
            for field, each in schema.get("properties", {}).items():
                for other in [other for other in fields if other.name == field]:
                    fields.remove(other)
                    each = {**each, "in_body": True}
                fields.append(Field(field, each, field in required, "input", self))
                fields[-1].option = " [(in_body) = true]" if each.get("in_body") else ""
        elif media:
            fields.append(Field("content", {"type": "string", "description": "The bytes."}, True, "input", self))
            fields[-1].type, fields[-1].label = "bytes", ""
        if operation["method"] == "patch":
            about = ("The fields to change. One that is named and not set is cleared. Without a mask, "
                     "those that are set are changed.")
            fields.append(Field("update_mask", {"description": about}, False, "input", self))
            fields[-1].type = "google.protobuf.FieldMask"
        self.messages[name + "Request"] = Message(name + "Request", "", fields)
        return name + "Request"

    def note_users(self):
        def note(name, service):
            if name in self.messages and service not in self.messages[name].users:
                self.messages[name].users.add(service)
                for field in self.messages[name].fields:
                    note(field.message, service)
        for service, methods in self.services.items():
            for method in methods.values():
                note(method.request, service)
                note(method.reply, service)

    # ── as text ──

    def files(self):
        """File name → text. What several services use stands in shared.proto, what one uses beside it."""
        files = {"options.proto": OPTIONS}
        for service, methods in sorted(self.services.items()):
            own = [message for message in self.messages.values() if message.users == {service}]
            files[snake(service) + ".proto"] = self.file(
                f"{service}Service and the messages that only it uses.", own, self.service(service, methods),
                {method.reply for method in methods.values()} | {method.request for method in methods.values()})
        shared = [message for message in self.messages.values() if len(message.users) > 1]
        files["shared.proto"] = self.file("Messages that several services use.", shared)
        for name in self.known.fields:
            gone = name.split(".")[0] not in self.messages and not name.endswith("Service") and "google." not in name
            if gone and "." not in name:
                self.breaks.append(f"message {name} is gone")
        return files

    def file(self, about, messages, service="", used=frozenset()):
        requests = [message for message in messages if message.name.endswith("Request")]
        others = sorted((message for message in messages if message not in requests), key=lambda each: each.name)
        text = "\n".join([service] * bool(service) + [self.message(each) for each in requests + others])
        imports = [f"google/protobuf/{name.lower()}.proto" for name in ("Empty", "Timestamp")
                   if f"google.protobuf.{name}" in text]
        imports += ["google/protobuf/field_mask.proto"] * ("protobuf.FieldMask" in text)
        imports += ["google/protobuf/struct.proto"] * bool(re.search(r"protobuf\.(Value|Struct)", text))
        imports += ["stateset/v1/options.proto"] * bool(re.search(r"\((operation|in_body)\)", text))
        used = (used | {field.message for message in messages for field in message.fields}) & set(self.messages)
        imports += ["stateset/v1/shared.proto"] * bool(service and used - {message.name for message in messages})
        lines = "".join(f'import "{each}";\n' for each in sorted(imports))
        return HEAD.format(about=about) + "\n" + lines + "\n" * bool(lines) + GO_PACKAGE + "\n" + text

    def service(self, name, methods):
        lines = ["service " + name + "Service {"]
        for method in methods.values():
            lines += comment(method.comment, 2)
            reply = ("stream " if method.streams else "") + method.reply
            lines.append(f"  rpc {method.name}({method.request}) returns ({reply}) {{")
            if method.reads:
                lines.append("    option idempotency_level = NO_SIDE_EFFECTS;")
            lines += [f'    option (operation) = "{method.operation}";', "  }"]
        for full, types in self.known.methods.items():
            service, method = full.split(".")
            if service == name + "Service" and method not in methods:
                self.breaks.append(f"{full} is gone")
            elif service == name + "Service" and types != (methods[method].request, methods[method].reply):
                self.breaks.append(f"{full} takes or answers another message")
        return "\n".join(lines + ["}", ""])

    def message(self, message):
        lines = comment(message.comment, 0) + [f"message {message.name} {{"]
        for field in message.fields:
            if field.enum:
                lines += self.enum(message, field)
                if field.type in {other.message for other in message.fields}:
                    sys.exit(f"{message.name}.{field.name}: the name of its enumeration hides a message")
        wanted = [(field.name, ("repeated " if field.label == "repeated " else "") + field.type)
                  for field in message.fields]
        numbers = Numbers(self.known, message.name, self.breaks)
        given = numbers.give(wanted)
        lines += ["  " + line for line in numbers.lines()]
        for field in message.fields:
            lines += comment(field.comment, 2)
            lines.append(f"  {field.label}{field.type} {field.name} = {given[field.name]}{field.option};")
        return "\n".join(lines + ["}", ""]).replace(" {\n}\n", " {}\n")

    def enum(self, message, field):
        name = re.sub(r"map<string, (.*)>", r"\1", field.type)
        prefix = snake(name).upper() + "_"
        words = [(prefix + "UNSPECIFIED", "")] + [(prefix + re.sub(r"\W", "_", word).upper(), "")
                                                  for word in field.enum]
        numbers = Numbers(self.known, f"{message.name}.{name}", self.breaks, first=0)
        given = numbers.give(words)
        return ([f"  enum {name} {{"] + ["    " + line for line in numbers.lines()] +
                [f"    {word} = {given[word]};" for word, _ in words] + ["  }"])


def comment(text, indent):
    lines, line = [], " " * indent + "//"
    for word in text.split():
        if len(line) + 1 + len(word) > COLUMNS:
            lines.append(line)
            line = " " * indent + "//"
        line += " " + word
    return lines + [line] if text else []


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--accept-breaking", action="store_true")
    parser.add_argument("--openapi", type=pathlib.Path, default=ROOT / "openapi.json")
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "proto/stateset/v1")
    chosen = parser.parse_args()
    writer = Writer(json.loads(chosen.openapi.read_text()), Known(chosen.folder))
    files = writer.files()
    before = {path.name: path.read_text() for path in chosen.folder.glob("*.proto")}
    stale = sorted(name for name in files.keys() | before.keys() if files.get(name) != before.get(name))
    for each in writer.breaks:
        print("would break a client: " + each, file=sys.stderr)
    if chosen.check:
        for name in stale:
            print(f"{name} is not what openapi.json says; run tools/protos.py and commit it", file=sys.stderr)
        return 1 if stale or writer.breaks else 0
    if writer.breaks and not chosen.accept_breaking:
        print("nothing was written; --accept-breaking writes all the same", file=sys.stderr)
        return 1
    for name in before.keys() - files.keys():
        (chosen.folder / name).unlink()
    for name, text in files.items():
        (chosen.folder / name).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
