"""What every operation does alike: credentials, retries with the same idempotency key, refusals."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import ssl
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypedDict, TypeVar
from urllib.parse import quote, urlencode

from .errors import ApiError, ConnectionError
from .lists import Page, Pager
from .model import Model, Response, Unset, to_json
from .stream import SILENCE, EventStream
from .transport import Answer, Headers, Opened, Request, Transport

M = TypeVar("M", bound=Model)
Members = Mapping[str, Any]


class RequestOptions(TypedDict, total=False):
    """How one request is sent; every method takes it as `request`."""

    idempotency_key: str
    """A key of your own, for a write that shall happen once however often your program runs."""
    if_match: int | str
    """Refuse (412 `precondition_failed`) unless it still has this version or ETag."""
    dry_run: bool
    """The same answer, and nothing is stored."""
    request_id: str
    """An id of your own for this request; it is kept and answered."""
    timeout: float
    max_retries: int
    headers: Mapping[str, str]


def path(template: str, *parameters: str | int) -> str:
    """A path with its parameters encoded: `path("/orders/{}", order_id)`."""
    return template.format(*(quote(str(parameter), safe="") for parameter in parameters))


class Core:
    def __init__(
        self,
        base_url: str | None,
        api_key: str | None,
        token: str | Callable[[], str] | None,
        timeout: float,
        max_retries: int,
        max_delay: float,
        headers: Mapping[str, str],
        ssl_context: ssl.SSLContext | None,
    ) -> None:
        address = base_url or os.environ.get("STATESET_URL") or "http://127.0.0.1:8080"
        self._transport = Transport(address, ssl_context)
        self._credential: str | Callable[[], str] | None = api_key or token
        if self._credential is None:
            self._credential = os.environ.get("STATESET_KEY")
        self._timeout, self._max_retries, self._max_delay = timeout, max_retries, max_delay
        self._headers = headers

    def close(self) -> None:
        self._transport.close()

    def get(
        self, answer: type[M], path: str, query: Members | None, options: RequestOptions | None
    ) -> M:
        got, response = self._send("GET", path, query, None, options, repeatable=True)
        return answer(json.loads(got.body), response)

    def pager(
        self, item: type[M], path: str, query: Members | None, options: RequestOptions | None
    ) -> Pager[M]:
        def fetch(cursor: str | None) -> Page[M]:
            asked = {**(query or {}), "cursor": cursor}
            got, response = self._send("GET", path, asked, None, options, repeatable=True)
            page = json.loads(got.body)
            return Page([item(one) for one in page["data"]], page["next_cursor"], response)

        return Pager(fetch)

    def all(
        self, item: type[M], path: str, query: Members | None, options: RequestOptions | None
    ) -> list[M]:
        """A list that comes whole."""
        return self.pager(item, path, query, options).first_page().data

    def get_bytes(self, path: str, query: Members | None, options: RequestOptions | None) -> bytes:
        asked: RequestOptions = {**(options or {})}
        asked["headers"] = {"Accept": "*/*", **asked.get("headers", {})}
        return self._send("GET", path, query, None, asked, repeatable=True)[0].body

    def send(
        self,
        answer: type[M],
        method: str,
        path: str,
        body: Members | bytes | None,
        options: RequestOptions | None,
    ) -> M:
        """A write: the idempotency key makes it safe to send it again."""
        got, response = self._send(method, path, None, body, _with_key(options), repeatable=True)
        return answer(json.loads(got.body), response)

    def send_for_nothing(
        self, method: str, path: str, body: Members | bytes | None, options: RequestOptions | None
    ) -> None:
        self._send(method, path, None, body, _with_key(options), repeatable=True)

    def send_once(
        self,
        answer: type[M],
        method: str,
        path: str,
        body: Members | bytes | None,
        options: RequestOptions | None,
    ) -> M:
        """A request that takes no idempotency key, such as a login. To PUT twice is to PUT once."""
        again = method == "PUT"
        got, response = self._send(method, path, None, body, options, repeatable=again)
        return answer(json.loads(got.body), response)

    def send_once_for_nothing(
        self, method: str, path: str, body: Members | bytes | None, options: RequestOptions | None
    ) -> None:
        self._send(method, path, None, body, options, repeatable=False)

    def stream(
        self, model: type[M], path: str, query: Members | None, options: RequestOptions | None
    ) -> EventStream[M]:
        """Server-sent events; comes back after the last one whenever the connection ends."""
        asked = options or {}

        def open(last: str | None) -> Opened:
            headers = {"Accept": "text/event-stream", **asked.get("headers", {})}
            if last is not None:
                headers["Last-Event-ID"] = last
            request = self._request("GET", path, query, None, {**asked, "headers": headers})
            opened = self._transport.open(request, SILENCE)
            response = opened.response
            if response.status == 200:
                return opened
            with contextlib.closing(opened):
                raise _refusal(Answer(response.status, Headers(response), response.read()))

        most = asked.get("max_retries", self._max_retries)
        return EventStream(model, open, self._delay, most)

    def _send(
        self,
        method: str,
        path: str,
        query: Members | None,
        body: Members | bytes | None,
        options: RequestOptions | None,
        repeatable: bool,
    ) -> tuple[Answer, Response]:
        asked = options or {}
        most = asked.get("max_retries", self._max_retries)
        timeout = asked.get("timeout", self._timeout)
        key = asked.get("idempotency_key")
        attempt = 0
        while True:
            request = self._request(method, path, query, body, asked)
            failure: ApiError | ConnectionError
            try:
                answer = self._transport.send(request, timeout, repeatable)
                if 200 <= answer.status < 300:
                    return answer, Response(answer.status, answer.headers, attempt + 1)
                failure = _refusal(answer)
                again, wait = _may_pass(failure, repeatable), failure.retry_after
            except (OSError, http.client.HTTPException) as error:
                reason = str(error) or type(error).__name__
                failure = ConnectionError(f"{method} {path}: {reason}", key)
                failure.__cause__ = error
                again, wait = repeatable, None
            pause = self._delay(attempt) if wait is None else wait
            if not again or attempt >= most or pause > self._max_delay:
                raise failure
            time.sleep(pause)
            attempt += 1

    def _request(
        self,
        method: str,
        path: str,
        query: Members | None,
        body: Members | bytes | None,
        options: RequestOptions,
    ) -> Request:
        headers = {"Accept": "application/json", **self._headers}
        token = self._credential() if callable(self._credential) else self._credential
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if "idempotency_key" in options:
            headers["Idempotency-Key"] = options["idempotency_key"]
        if "request_id" in options:
            headers["Request-Id"] = options["request_id"]
        if "if_match" in options:
            given = options["if_match"]
            headers["If-Match"] = f'"{given}"' if isinstance(given, int) else given
        content = body if isinstance(body, bytes) else None
        if isinstance(body, Mapping):
            headers["Content-Type"] = "application/json"
            content = json.dumps(to_json(body), ensure_ascii=False).encode()
        elif content is not None:
            headers["Content-Type"] = "application/octet-stream"
        headers.update(options.get("headers", {}))
        asked = dict(query or {})
        if options.get("dry_run"):
            asked["dry_run"] = True
        return Request(method, path + _query(asked), headers, content)

    def _delay(self, attempt: int) -> float:
        """At random up to a bound that doubles, so that many clients do not come back at once."""
        return random.uniform(0, min(self._max_delay, 0.25 * 2**attempt))


def given(**members: Any) -> Members:
    """Without what is None: for everything but an update, that says no more than absence."""
    return {name: value for name, value in members.items() if value is not None}


def changes(**members: Any) -> Members:
    """Without what an update leaves as it is; None clears."""
    return {name: value for name, value in members.items() if not isinstance(value, Unset)}


def _with_key(options: RequestOptions | None) -> RequestOptions:
    return {"idempotency_key": str(uuid.uuid4()), **(options or {})}


def _query(members: Members) -> str:
    def text(value: Any) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        value = to_json(value)
        return ",".join(value) if isinstance(value, list) else str(value)

    asked = {name: text(value) for name, value in members.items() if value is not None}
    return f"?{urlencode(asked)}" if asked else ""


def _refusal(answer: Answer) -> ApiError:
    try:
        problem = json.loads(answer.body)
    except ValueError:
        problem = None  # a proxy's page, not a problem of ours: the status says it all
    return ApiError(answer.status, answer.headers, problem if isinstance(problem, dict) else {})


def _may_pass(failure: ApiError, repeatable: bool) -> bool:
    """Whether the same request may fare better later.

    What a proxy says (502, 504) leaves open what happened.
    """
    if failure.status == 409:
        return failure.code == "request_in_progress"
    return failure.status == 429 or (failure.status in (502, 503, 504) and repeatable)
