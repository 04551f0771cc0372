"""Server-sent events, one after the other, over as many connections as it takes."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Generic, TypeVar

from .errors import ApiError, ConnectionError
from .model import Model
from .transport import Opened

M = TypeVar("M", bound=Model)

# A silent stream says something every 15 s unless the operator chose otherwise.
SILENCE = 60.0

Open = Callable[["str | None"], Opened]


class EventStream(Generic[M]):
    """Events until `close` is called, also from another thread, or the `with` block is left.

    The first connection is tried `most` times more; later ones until they stand, each from the last
    event on. A refusal, as when the credentials ended, is raised.
    """

    def __init__(
        self, model: type[M], open: Open, delay: Callable[[int], float], most: int
    ) -> None:
        self._model, self._open, self._delay, self._most = model, open, delay, most
        self._closed = threading.Event()
        self._opened: Opened | None = None
        self._last: str | None = None
        self._events = self._run()

    def __iter__(self) -> Iterator[M]:
        return self._events

    def __next__(self) -> M:
        return next(self._events)

    def close(self) -> None:
        self._closed.set()
        if self._opened:
            self._opened.cut()

    def __enter__(self) -> EventStream[M]:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _run(self) -> Iterator[M]:
        connected, failures = False, 0
        while not self._closed.is_set():
            try:
                self._opened = self._open(self._last)
                connected = True
                for message in self._messages(self._opened.response):
                    failures = 0
                    yield self._model(message)
            except (OSError, http.client.HTTPException) as error:
                if not connected and failures >= self._most:
                    raise ConnectionError(f"the stream cannot be opened: {error}") from error
            except ApiError as refusal:
                if refusal.status not in (429, 502, 503, 504):
                    raise
                if not connected and failures >= self._most:
                    raise
            finally:
                if self._opened:
                    self._opened.close()
            self._closed.wait(self._delay(failures))
            failures += 1

    def _messages(self, response: http.client.HTTPResponse) -> Iterator[Any]:
        data: list[str] = []
        position = ""
        for raw in iter(response.readline, b""):
            if self._closed.is_set():
                return
            line = raw.decode().rstrip("\r\n")
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if line == "" and data:
                self._last = position or self._last
                yield json.loads("\n".join(data))
                data = []
            elif name == "id":
                position = value
            elif name == "data":
                data.append(value)
