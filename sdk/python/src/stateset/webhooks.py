"""Checks that webhooks come from your server, as Standard Webhooks says."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .errors import WebhookVerificationError
from .model import to_time


@dataclass(frozen=True)
class WebhookEvent:
    """What a webhook says: an event, with the noun as a GET would show it."""

    type: str
    """Such as `order.shipped`."""
    timestamp: datetime
    """When it happened."""
    data: Mapping[str, Any]


class Webhook:
    """`secret` as shown when the endpoint was made (`whsec_…`); several while you move on.

    `tolerance`: how many seconds old, or ahead, a message may be.
    """

    def __init__(self, secret: str | Sequence[str], *, tolerance: float = 300) -> None:
        secrets = [secret] if isinstance(secret, str) else secret
        if not secrets:
            raise ValueError("a webhook needs a secret")
        self._keys = [base64.b64decode(one.removeprefix("whsec_")) for one in secrets]
        self._tolerance = tolerance

    def verify(self, body: bytes | str, headers: Mapping[str, str]) -> WebhookEvent:
        """The event, once the signature and the time hold; else raises WebhookVerificationError.

        `body` are the bytes as they came: parsed and printed again, they are others.
        """
        given = {name.lower(): value for name, value in headers.items()}
        message, timestamp, signatures = (
            _header(given, f"webhook-{name}") for name in ("id", "timestamp", "signature")
        )
        self._check_time(timestamp)
        content = body.encode() if isinstance(body, str) else body
        signed = f"{message}.{timestamp}.".encode() + content
        if not self._any_holds(signed, signatures):
            raise WebhookVerificationError("no signature fits the message")
        event = json.loads(content)
        return WebhookEvent(event["type"], to_time(event["timestamp"]), event["data"])

    def _check_time(self, timestamp: str) -> None:
        if not (timestamp.isascii() and timestamp.isdigit()):
            raise WebhookVerificationError("webhook-timestamp is no time")
        age = time.time() - int(timestamp)
        if age > self._tolerance:
            raise WebhookVerificationError("the message is too old")
        if -age > self._tolerance:
            raise WebhookVerificationError("the message comes from the future")

    def _any_holds(self, signed: bytes, signatures: str) -> bool:
        wanted = [hmac.new(key, signed, hashlib.sha256).digest() for key in self._keys]
        given = [_decoded(one[3:]) for one in signatures.split(" ") if one.startswith("v1,")]
        # Every comparison is made, and each takes the same time.
        held = [hmac.compare_digest(one, other) for one in wanted for other in given]
        return any(held)


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name)
    if not value:
        raise WebhookVerificationError(f"the header {name} is missing")
    return value


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
