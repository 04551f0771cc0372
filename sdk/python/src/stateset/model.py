"""How JSON becomes objects with Decimals and datetimes in them, and the other way round."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, TypeVar, Union

M = TypeVar("M", bound="Model")
Decoder = Callable[[Any], Any]


class Unset:
    """What an `update` leaves as it is. None is something else: it clears."""

    def __repr__(self) -> str:
        return "UNSET"


UNSET = Unset()


@dataclass(frozen=True)
class Response:
    """What came with an answer besides its body."""

    status: int
    headers: Mapping[str, str]
    attempts: int
    """How many attempts it took."""

    @property
    def accepted(self) -> bool:
        """Accepted (202): the outcome is not known yet, and it goes on by itself."""
        return self.status == 202

    @property
    def replayed(self) -> bool:
        """The stored answer of an earlier request with the same idempotency key."""
        return self.headers.get("Idempotent-Replayed") == "true"

    @property
    def dry_run(self) -> bool:
        """Nothing was stored."""
        return self.headers.get("Dry-Run") == "true"

    @property
    def etag(self) -> str | None:
        """For `if_match`."""
        return self.headers.get("ETag")

    @property
    def request_id(self) -> str | None:
        return self.headers.get("Request-Id")


class Model:
    """What the API shows of a noun. Members that the server does not send are None."""

    _json: Mapping[str, Any]
    _response: Response | None

    def __init__(self, json: Mapping[str, Any], response: Response | None = None) -> None:
        for name, decode in _decoders(type(self)).items():
            value = json.get(name)
            self.__dict__[name] = None if value is None else decode(value)
        self.__dict__["_json"] = json
        self.__dict__["_response"] = response

    @property
    def response(self) -> Response:
        """What came with it; only what an operation answered has it, not its parts."""
        if self._response is None:
            raise AttributeError("a part of an answer has no response of its own")
        return self._response

    def to_dict(self) -> Mapping[str, Any]:
        """As the server sent it, also with what this version of the library does not know."""
        return self._json

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._json == typing.cast(Model, other)._json

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={self.__dict__[name]!r}" for name in _decoders(type(self)))
        return f"{type(self).__name__}({shown})"


_known: dict[type[Model], dict[str, Decoder]] = {}


def _decoders(model: type[Model]) -> dict[str, Decoder]:
    if model not in _known:
        hints = typing.get_type_hints(model)
        _known[model] = {name: _decoder(hint) for name, hint in hints.items() if name[0] != "_"}
    return _known[model]


def _decoder(hint: Any) -> Decoder:
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Union, types.UnionType):
        return _decoder(next(part for part in parts if part is not type(None)))
    if origin is list:
        one = _decoder(parts[0])
        return lambda values: [one(value) for value in values]
    if origin is dict:
        one = _decoder(parts[1])
        return lambda values: {key: one(value) for key, value in values.items()}
    if isinstance(hint, type) and issubclass(hint, Model):
        return hint
    known: dict[Any, Decoder] = {Decimal: Decimal, datetime: to_time, date: date.fromisoformat}
    return known.get(hint, lambda value: value)


_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?(Z|[+-]\d\d:\d\d)")


def to_time(text: str) -> datetime:
    """RFC 3339 with as many digits after the second as there are; Python 3.10 reads only some."""
    parts = _TIME.fullmatch(text)
    if not parts:
        raise ValueError(f"not a time: {text}")
    second, fraction, zone = parts.groups()
    offset = "+00:00" if zone == "Z" else zone
    whole = datetime.fromisoformat(second + offset)
    moment = whole + timedelta(microseconds=int((fraction or "").ljust(6, "0")))
    return moment.astimezone(timezone.utc)


def to_json(value: Any) -> Any:
    """What is sent for a value; exact decimals, times with their zone."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a time needs its zone: datetime.now(timezone.utc)")
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: to_json(one) for key, one in value.items() if not isinstance(one, Unset)}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [to_json(one) for one in value]
    return value
