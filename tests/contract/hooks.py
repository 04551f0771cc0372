"""What Schemathesis cannot know of this API by itself."""
import json
import os
import re

import schemathesis
from schemathesis.checks import CheckContext

# What the decoder says of a value's form. A schema that told the form truly leaves nothing of this to be said.
FORM = re.compile(
    r"must be (an id: |a time such|a date such|one of: |at (most|least) -?\d|a decimal such|true or false|a whole number"
    r"|an e-mail|valid UTF-8|a currency code|null|an array|an object|a string|a number|names of members)"
    r"|must have at (most|least) \d|must not contain control|is not a (field|parameter) here|is given twice|is (too large|too small)$")
FORM_CODES = {"wrong_type", "not_nullable", "unknown_field", "duplicate_key", "control_character"}


def faults_of_form(body):
    return [fault for fault in body.get("errors", [])
            if fault["code"] in FORM_CODES or FORM.search(fault["message"])]


@schemathesis.check
def valid_is_understood(ctx: CheckContext, response, case):
    """Who keeps to the schema is never told that it is malformed."""
    meta = case.meta
    if meta is None or not meta.generation.mode.is_positive or response.status_code not in (400, 415):
        return
    # What is in a file is no matter of the schema: an import's `content` is read as it is, line ends and all.
    if case.operation.definition.raw["operationId"] == "imports_create":
        return
    # What carriers and gateways send is told by them, not by us.
    if "*/*" in case.operation.definition.raw.get("requestBody", {}).get("content", {}):
        return
    try:
        body = response.json()
    except json.JSONDecodeError:
        raise AssertionError(f"{response.status_code} without a problem") from None
    if body.get("code") in ("unreadable", "unsupported_media_type", "malformed_request"):
        raise AssertionError(f"valid, and yet {body['code']}: {body.get('errors') or body.get('detail')}")
    found = faults_of_form(body)
    if found:
        raise AssertionError(f"valid, and yet: {found}")


# Who takes away their own key, user, role or tenant plays no longer.
OWN = set(filter(None, os.environ.get("STATESET_OWN_IDS", "").split(",")))


@schemathesis.hook
def map_path_parameters(ctx, path_parameters):
    return {name: "0198c9f2-0000-7000-8000-00000000dead" if value in OWN else value
            for name, value in (path_parameters or {}).items()} or path_parameters


# A stream of events ends when somebody hangs up; tests/stream_test.cpp plays with these.
STREAMS = ("/api/v1/events/stream", "/api/v1/events/ws")
# `fields` leaves members out that the schema requires: no schema can say "all of these, unless the query names fewer".
# tests/fields_test.cpp keeps it.
FIELDS = {"$ref": "#/components/parameters/Fields"}


@schemathesis.hook
def before_load_schema(ctx, raw_schema):
    for path in STREAMS:
        raw_schema["paths"].pop(path, None)
    for operations in raw_schema["paths"].values():
        for operation in operations.values():
            operation["parameters"] = [one for one in operation["parameters"] if one != FIELDS]
            # The first of an empty list cannot be followed, which Schemathesis takes for a fault of the link.
            if operation["x-verb"] == "list":
                for response in operation["responses"].values():
                    response.pop("links", None)
