"""openapi.json as the three writers see it: enumerations, models and operations, with names people would choose.

The contract's schema names are those of the server's structs. Here they get the names that users of a library look for:
an `OrderView` is an `Order`, an `OrderRow` (what lists show) an `OrderSummary`. A name that is not mended here stays.
"""
import dataclasses
import json
import re

# Structs whose own name says too little outside of their folder in the server.
RENAMED = {
    "Account": "Tenant", "AccountChanges": "TenantChanges", "OnAccount": "TenantAction",
    "ActOnCount": "CountAction", "ActOnTransfer": "TransferAction", "OnDelivery": "WebhookDeliveryAction",
    "OnEndpoint": "WebhookEndpointAction", "OnMessage": "MessageAction",
    "AddItem": "AddOrderItem", "Address": "CustomerAddress",
    "AddressChanges": "CustomerAddressChanges", "NewAddress": "NewCustomerAddress",
    "Arrived": "ArrivedItem", "Assign": "AssignWorkOrder", "Attempt": "WebhookAttempt",
    "Adjust": "AdjustStock", "Receive": "ReceiveStock", "Reserve": "ReserveStock", "Quarantine": "QuarantineStock",
    "ChangeStatus": "ProductAction", "ChangeBomStatus": "BomAction", "ChangeWorkOrderStatus": "WorkOrderAction",
    "Completion": "WorkOrderCompletion", "Delivery": "WebhookDelivery", "Endpoint": "WebhookEndpoint",
    "EndpointChanges": "WebhookEndpointChanges", "EndpointWithSecret": "WebhookEndpointWithSecret",
    "NewEndpoint": "NewWebhookEndpoint", "Explanation": "StockExplanation",
    "FlowsItemChanges": "OrderItemChanges", "HeldBy": "StockHold", "Holding": "WarrantyHolding",
    "Item": "InventoryItemSummary", "ItemView": "InventoryItem", "ItemChanges": "InventoryItemChanges",
    "NewItem": "NewInventoryItem", "Line": "OrderItem", "NewLine": "NewOrderItem", "LineError": "ImportLineError",
    "LineProblem": "BulkProblem", "LineResult": "BulkLineResult", "Limits": "TenantLimits", "LimitsInput": "TenantLimitsInput",
    "ListedApiKey": "ApiKey", "Load": "TransferLoad", "Method": "PaymentMethod", "PayBy": "PaymentMethodInput",
    "OnItsWay": "TransferOnItsWay", "PiecesOfLine": "OrderItemPieces", "Preview": "TemplatePreview",
    "Progress": "ShipmentProgress", "Promise": "StockPromise", "Rate": "TaxRate", "RateChanges": "TaxRateChanges",
    "NewRate": "NewTaxRate", "Receipt": "WebhookReceipt", "Refresh": "RefreshTokens", "Replay": "WebhookReplay",
    "Reserved": "ReservationWithOthers", "RotateSecret": "CarrierAction",
    "SendAttempt": "MessageAttempt", "Shown": "Event", "Status": "ServerStatus", "Supply": "ExpectedSupply",
    "Template": "MessageTemplate", "TemplateChanges": "MessageTemplateChanges", "NewTemplate": "NewMessageTemplate",
    "Trace": "SerialTrace", "DecideReturn": "ReturnAction", "DecideClaim": "ClaimAction",
}

# Enumerations are named after the field they stand in; these would be named badly.
ENUM_NAMES = {
    "Tracking": ["none", "lot", "serial"],
    "DeliveryStatus": ["pending", "delivered", "dead"],
    "JobKind": ["products", "customers", "stock", "orders"],
    "JobStatus": ["pending", "running", "completed", "failed", "cancelled"],
    "FileFormat": ["csv", "jsonl"],
    "UnknownFields": ["refuse", "ignore"],
    "Disposition": ["restock", "quarantine", "scrap"],
    "MessageChannel": ["email", "sms"],
    "ProductStatus": ["draft", "active", "archived"],
    "BackorderPolicy": ["deny", "allow"],
    "PaymentTerms": ["prepaid", "on_account"],
    "ReturnStatus": ["requested", "approved", "received", "inspected", "completed", "rejected", "cancelled"],
    "ClaimResolution": ["repair", "replace", "refund"],
}

# What the contract leaves open though only this is ever there.
SAID_HERE = {("Shown", "data"): {"type": "object", "additionalProperties": {}},
             ("PreviewTemplate", "data"): {"type": "object", "additionalProperties": {}},
             ("NewImport", "content"): {"type": "string"}}

# A model is told by the plainest operation that shows it.
PLAIN = ("get", "create", "list", "update")


@dataclasses.dataclass(frozen=True)
class Type:
    """`kind`: string, integer, boolean, decimal, time, date, json; enum and model (by `name`), literal (by `values`);
    list and map (`of`)."""
    kind: str
    name: str = ""
    of: "Type | None" = None
    values: tuple = ()


@dataclasses.dataclass(frozen=True)
class Field:
    name: str
    type: Type
    required: bool
    nullable: bool
    description: str
    zero: bool = True  # whether 0, or the empty text, is a legal value


@dataclasses.dataclass
class Enum:
    name: str
    values: tuple
    description: str = ""


@dataclasses.dataclass
class Model:
    name: str
    fields: list
    use: str = "answer"  # or "input" or "patch": of what a PATCH takes, null clears
    base: "Model | None" = None  # a model whose fields it has as well
    operations: list = dataclasses.field(default_factory=list)  # that take or answer it, the plainest first
    part_of: list = dataclasses.field(default_factory=list)  # names of the models that hold it

    def own_fields(self):
        """Without what the base has in the same way."""
        if not self.base:
            return self.fields
        known = {(field.name, field.type, field.required, field.nullable) for field in self.base.fields}
        return [field for field in self.fields if (field.name, field.type, field.required, field.nullable) not in known]


@dataclasses.dataclass
class Operation:
    resource: tuple
    verb: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list  # of the path, in its order
    query: list
    body: "Model | None"
    body_required: bool
    takes_bytes: bool
    answer: "Type | None"
    answers: str  # "json", "page" (all of it at once), "list" (goes on with a cursor), "bytes", "stream" or "nothing"
    keyed: bool  # takes an Idempotency-Key


@dataclasses.dataclass
class Resource:
    words: tuple
    operations: list
    children: list

    @property
    def plain(self):
        return " ".join(word.replace("-", " ") for word in self.words)


@dataclasses.dataclass
class Contract:
    enums: list
    models: list
    operations: list
    resources: list  # those at the top; the others are their children
    codes: list

    def all_resources(self):
        """Children before parents."""
        def walk(resources):
            for resource in resources:
                yield from walk(resource.children)
                yield resource
        return list(walk(self.resources))


def words(name):
    """"OrderView", "order_view" and "order-view" are ("order", "view")."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name.replace(".", "_"))]


def pascal(name):
    return "".join(word.capitalize() for word in words(name))


def camel(name):
    text = pascal(name)
    return text[:1].lower() + text[1:]


def snake(name):
    return "_".join(words(name))


def singular(word):
    for end, instead in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("s", "")):
        if word.endswith(end):
            return word[:-len(end)] + instead
    return word


def read(path):
    return Reader(json.loads(path.read_text(encoding="utf-8"))).contract()


class Reader:
    def __init__(self, document):
        self.document = document
        self.schemas = document["components"]["schemas"]
        self.names = {name: self.name_of(name) for name in self.schemas}
        twice = [name for name in self.names.values() if list(self.names.values()).count(name) > 1]
        if twice:
            raise SystemExit(f"two schemas would be called {', '.join(sorted(set(twice)))}: mend RENAMED in {__file__}")
        self.enum_names = self.name_enums()
        self.models = {}
        self.enums = {}

    def contract(self):
        operations = [operation for path, methods in self.document["paths"].items() for method, operation in
                      self.of_path(path, methods) if operation]
        self.model(self.schemas["Problem"]["properties"]["errors"]["items"]["$ref"], "answer")  # what every error holds
        for name, model in self.models.items():
            model.base = self.base_of(name)
            for field in model.fields:
                held = field.type.of or field.type
                if held.kind == "model" and model.name not in self.models[held.name].part_of:
                    self.models[held.name].part_of.append(model.name)
        for operation in operations:
            taken = [operation.body] if operation.body else []
            answered = [self.models[operation.answer.name]] if operation.answer and operation.answer.kind == "model" else []
            for model in taken + answered:
                model.operations.append(operation)
        for model in self.models.values():
            model.operations.sort(key=lambda operation: PLAIN.index(operation.verb) if operation.verb in PLAIN else len(PLAIN))
        ordered = sorted(self.models.values(), key=lambda model: model.name)
        return Contract(enums=sorted(self.enums.values(), key=lambda enum: enum.name), models=ordered,
                        operations=operations, resources=tree(operations),
                        codes=sorted(self.document["x-codes"], key=lambda code: code["name"]))

    # ---- names

    def name_of(self, schema):
        if schema in RENAMED:
            return RENAMED[schema]
        if schema.endswith("Row"):
            return self.mended(schema[:-3]) + "Summary"
        if schema.endswith("View"):
            return self.mended(schema[:-4])
        return schema + "Summary" if schema + "View" in self.schemas else schema

    def mended(self, name):
        return RENAMED.get(name, name) if name not in self.schemas else name

    def name_enums(self):
        """By their values: the shortest of the names that the fields suggest."""
        suggested = {}
        for schema, name in self.names.items():
            for field, shape in self.schemas[schema].get("properties", {}).items():
                if "enum" in shape:
                    noun = name.removesuffix("Summary").removeprefix("New")
                    suggested.setdefault(values_of(shape), []).append(noun + pascal(field))
        names = {values: min(found, key=lambda name: (len(name), name)) for values, found in suggested.items()}
        names |= {tuple(values): name for name, values in ENUM_NAMES.items()}
        return names

    # ---- types

    def type_of(self, shape, field, use, literal=False):
        """The type, and whether it may be null."""
        if "$ref" in shape:
            return Type("model", self.model(shape["$ref"], use)), False
        if "anyOf" in shape:
            parts = [part for part in shape["anyOf"] if part.get("type") != "null"]
            return self.type_of(parts[0], field, use)[0], len(parts) < len(shape["anyOf"])
        kinds = shape.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else list(kinds)
        nullable = "null" in kinds
        kinds = [kind for kind in kinds if kind != "null"]
        if not kinds:
            return Type("json"), True
        if "enum" in shape:
            return self.enum(shape, field, literal), nullable
        if kinds[0] == "array":
            return Type("list", of=self.type_of(shape["items"], field, use, literal)[0]), nullable
        if kinds[0] == "object":
            return Type("map", of=self.type_of(shape.get("additionalProperties", {}), field, use)[0]), nullable
        if kinds[0] == "string":
            if "0-9" in shape.get("pattern", ""):
                return Type("decimal"), nullable
            return Type({"date-time": "time", "date": "date"}.get(shape.get("format"), "string")), nullable
        return Type(kinds[0]), nullable

    def enum(self, shape, field, literal):
        values = values_of(shape)
        if literal:
            return Type("literal", values=values)
        name = self.enum_names.get(values)
        if not name:
            return Type("literal", values=values)
        known = self.enums.setdefault(name, Enum(name, values))
        known.description = known.description or shape.get("description", "")
        return Type("enum", name)

    def model(self, reference, use):
        schema = reference.rsplit("/", 1)[1]
        name = self.names[schema]
        if name not in self.models:
            self.models[name] = model = Model(name, [], use)
            model.fields = self.fields_of(schema, "input" if use == "patch" else use)
        return name

    def fields_of(self, schema, use):
        required = self.schemas[schema].get("required", [])
        fields = []
        for name, shape in self.schemas[schema].get("properties", {}).items():
            if "type" not in shape:
                shape = shape | SAID_HERE.get((schema, name), {})
            type_, nullable = self.type_of(shape, name, use)
            fields.append(Field(name, type_, name in required, nullable, shape.get("description", "").strip(),
                                zero=shape.get("minimum", 0) <= 0))
        return fields

    def base_of(self, name):
        """What lists show of a noun is the base of what is shown of one; a thing with its secret is the thing."""
        for suffix in ("WithSecret", "WithOthers", "Trace", "Refunds", "Holding"):
            if name.endswith(suffix) and name[:-len(suffix)] in self.models:
                return self.checked_base(name, name[:-len(suffix)])
        return self.checked_base(name, name + "Summary") if name + "Summary" in self.models else None

    def checked_base(self, name, base):
        of = {field.name: field for field in self.models[name].fields}
        for field in self.models[base].fields:
            if field.name not in of or of[field.name].type != field.type or of[field.name].nullable != field.nullable:
                return None
        return self.models[base]

    # ---- operations

    def of_path(self, path, methods):
        for method, operation in methods.items():
            if isinstance(operation, dict) and operation["x-resource"][0] != "root":
                yield method, self.operation(method.upper(), path, operation)

    def operation(self, method, path, shape):
        good = [answer for status, answer in shape["responses"].items() if status.startswith("2")]
        if not good:
            return None  # a WebSocket
        parameters = [p for p in shape.get("parameters", []) if "$ref" not in p]
        shared = {p["$ref"].rsplit("/", 1)[1] for p in shape.get("parameters", []) if "$ref" in p}
        in_path = [self.parameter(p) for p in parameters if p["in"] == "path"]
        if len(shape["x-resource"]) > 1 or len(in_path) > 1:
            in_path = [dataclasses.replace(p, name=owner_of(path) + "_id") if p.name == "id" else p for p in in_path]
        query = [self.parameter(p) for p in parameters if p["in"] == "query" and p["name"] != "dry_run"]
        body, required, raw = self.body(shape, method)
        answer, answers = self.answer(good[0], {p.name for p in query})
        if answers == "list":  # the library follows the cursor
            query = [dataclasses.replace(p, description="The size of a page, 1 to 100.") if p.name == "limit" else p
                     for p in query if p.name != "cursor"]
        return Operation(tuple(shape["x-resource"]), shape["x-verb"], method, path, shape["summary"].rstrip("."),
                         shape.get("description", ""), in_path, query, body, required, raw, answer, answers,
                         "IdempotencyKey" in shared)

    def parameter(self, shape):
        type_, nullable = self.type_of(shape["schema"], shape["name"], "input", literal=shape["name"] in ("expand", "sort"))
        return Field(shape["name"], type_, shape["required"], nullable, shape.get("description", "").strip(),
                     zero=shape["schema"].get("minimum", 0) <= 0)

    def body(self, shape, method):
        request = shape.get("requestBody")
        if not request:
            return None, False, False
        content = request["content"].get("application/json")
        if not content:
            return None, True, True
        schema = content["schema"]
        if not self.schemas[schema["$ref"].rsplit("/", 1)[1]].get("properties"):
            return None, False, False
        name = self.model(schema["$ref"], "patch" if method == "PATCH" else "input")
        return self.models[name], request.get("required", False), False

    def answer(self, shape, query):
        content = shape.get("content")
        if not content:
            return None, "nothing"
        if "text/event-stream" in content:
            return Type("model", self.names["Shown"]), "stream"
        if "application/json" not in content:
            return None, "bytes"
        reference = content["application/json"]["schema"].get("$ref")
        if not reference:
            return Type("json"), "json"
        schema = self.schemas[reference.rsplit("/", 1)[1]]
        if set(schema.get("properties", {})) == {"data", "next_cursor"}:
            item, _ = self.type_of(schema["properties"]["data"]["items"], "data", "answer")
            return item, "list" if "cursor" in query else "page"
        return Type("model", self.model(reference, "answer")), "json"


def values_of(shape):
    return tuple(value for value in shape["enum"] if value is not None)


def owner_of(path):
    """The noun that `{id}` in the path is one of."""
    return snake(singular(path.split("/{id}")[0].rsplit("/", 1)[1]))


def tree(operations):
    """Each resource once, with its operations and the resources below it."""
    known = {}
    for operation in operations:
        for length in range(1, len(operation.resource) + 1):
            known.setdefault(operation.resource[:length], Resource(operation.resource[:length], [], []))
        known[operation.resource].operations.append(operation)
    for resource, it in known.items():
        if len(resource) > 1:
            known[resource[:-1]].children.append(it)
    for it in known.values():
        both = {camel(o.verb) for o in it.operations} & {camel(child.words[-1]) for child in it.children}
        if both:
            raise SystemExit(f"{it.plain}: {', '.join(both)} is a verb and a resource")
    return [it for resource, it in known.items() if len(resource) == 1]
