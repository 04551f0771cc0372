"""HTTP/1.1 over kept-alive connections of the standard library, for several threads."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

KEPT = 16  # idle connections at most

# How it shows that the server closed a connection, or closes it.
GONE = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes | None = None


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Opened:
    """An answer that is still coming."""

    response: http.client.HTTPResponse
    line: socket.socket

    def close(self) -> None:
        self.response.close()
        self.line.close()

    def cut(self) -> None:
        """Wakes a thread that waits for bytes, which closing alone does not."""
        with contextlib.suppress(OSError):
            self.line.shutdown(socket.SHUT_RDWR)


class Headers(dict[str, str]):
    """By name, in whatever case."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        super().__init__((name.lower(), value) for name, value in response.getheaders())

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        return super().get(name.lower(), default)

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())


class Transport:
    def __init__(self, base_url: str, ssl_context: ssl.SSLContext | None) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"not the address of a server: {base_url}")
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port
        self._prefix = parts.path.rstrip("/")
        self._context = ssl_context
        self._idle: list[http.client.HTTPConnection] = []
        self._lock = threading.Lock()

    def send(self, request: Request, timeout: float, repeatable: bool) -> Answer:
        """One attempt, with all of its body.

        The server may have closed an idle connection: then it is one over a new connection, and
        what must not be sent twice goes over a new one at once.
        """
        idle = self._take(timeout) if repeatable else None
        if idle:
            try:
                return self._exchange(idle, request)
            except GONE:
                pass
        return self._exchange(self._connect(timeout), request)

    def _exchange(self, connection: http.client.HTTPConnection, request: Request) -> Answer:
        try:
            response = self._ask(connection, request)
            answer = Answer(response.status, Headers(response), response.read())
            if response.will_close:
                connection.close()
            else:
                self._keep(connection)
            return answer
        except BaseException:
            connection.close()
            raise

    def open(self, request: Request, timeout: float) -> Opened:
        """An answer to be read as it comes, over a connection of its own."""
        connection = self._connect(timeout)
        try:
            connection.connect()
            line = connection.sock  # the connection forgets it when the answer says "close"
            return Opened(self._ask(connection, request), line)
        except BaseException:
            connection.close()
            raise

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    __del__ = close

    def _ask(
        self, connection: http.client.HTTPConnection, request: Request
    ) -> http.client.HTTPResponse:
        connection.request(
            request.method, self._prefix + request.target, request.body, dict(request.headers)
        )
        return connection.getresponse()

    def _connect(self, timeout: float) -> http.client.HTTPConnection:
        if self._secure:
            return http.client.HTTPSConnection(
                self._host, self._port, timeout=timeout, context=self._context
            )
        return http.client.HTTPConnection(self._host, self._port, timeout=timeout)

    def _take(self, timeout: float) -> http.client.HTTPConnection | None:
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        if connection and connection.sock:
            connection.sock.settimeout(timeout)
        return connection

    def _keep(self, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            if len(self._idle) < KEPT:
                self._idle.append(connection)
                return
        connection.close()
