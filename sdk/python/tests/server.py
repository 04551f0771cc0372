"""A real server with data that goes when it ends, and a proxy before it that misbehaves on demand."""

from __future__ import annotations

import os
import pathlib
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from typing import Literal

from stateset import StateSet

EMAIL, PASSWORD = "ops@example.com", "a long enough password"
PATIENCE = 30.0
Mischief = Literal["drop", "busy"]
BUSY = b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Server:
    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="stateset-sdk-")
        folder = pathlib.Path(self._folder.name)
        address = folder / "address"
        self._log = open(folder / "log", "w+", encoding="utf-8")
        command = [os.environ["STATESET_BINARY"], "serve", "--data", str(folder / "data")]
        self._process = subprocess.Popen(
            [*command, "--http", "127.0.0.1:0", "--address-file", str(address)],
            env={
                **os.environ,
                "STATESET_ADMIN_EMAIL": EMAIL,
                "STATESET_ADMIN_PASSWORD": PASSWORD,
                "STATESET_WEBHOOK_ALLOW_PRIVATE": "true",
                "STATESET_GRPC": "off",
            },
            stdout=self._log,
            stderr=self._log,
        )
        until(lambda: address.exists() and address.read_text().strip() != "", self._check)
        self.url = "http://" + address.read_text().strip().removeprefix("http://")
        tokens = StateSet(base_url=self.url).auth.login(email=EMAIL, password=PASSWORD)
        with StateSet(base_url=self.url, token=lambda: tokens.access_token) as client:
            self.key = client.api_keys.create(name="sdk", scopes=["*"]).key

    def _check(self) -> None:
        if self._process.poll() is not None:
            self._log.seek(0)
            raise RuntimeError("the server does not start:\n" + self._log.read())

    def client(self, base_url: str | None = None, max_retries: int = 5, max_delay: float = 30) -> StateSet:
        return StateSet(
            base_url=base_url or self.url,
            api_key=self.key,
            max_retries=max_retries,
            max_delay=max_delay,
        )

    def end(self) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE)
        self._log.close()
        self._folder.cleanup()


def until(holds: Callable[[], bool], check: Callable[[], None] = lambda: None) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        check()
        if time.monotonic() > end:
            raise AssertionError("waited in vain")
        time.sleep(0.01)


class Proxy:
    """`drop`: the request arrives, the answer does not. `busy`: the server hears nothing of it."""

    def __init__(self, server: Server) -> None:
        self.plan: list[Mischief] = []
        self.requests = 0
        self._port = int(server.url.rsplit(":", 1)[1])
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Every connection breaks."""
        sockets, self._sockets = self._sockets, []
        for one in sockets:
            _break(one)

    def end(self) -> None:
        _break(self._listener)
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            upstream = socket.create_connection(("127.0.0.1", self._port))
            self._sockets += [client, upstream]
            now: list[Mischief | None] = [None]
            threading.Thread(target=self._ask, args=(client, upstream, now), daemon=True).start()
            threading.Thread(target=self._answer, args=(upstream, client, now), daemon=True).start()

    def _ask(
        self, client: socket.socket, upstream: socket.socket, now: list[Mischief | None]
    ) -> None:
        try:
            while data := client.recv(65536):
                while not _whole(data):
                    data += client.recv(65536)
                self.requests += 1
                now[0] = self.plan.pop(0) if self.plan else None
                if now[0] == "busy":
                    client.sendall(BUSY)
                    break
                upstream.sendall(data)
        except OSError:
            pass
        _break(upstream)
        _break(client)
        client.close()

    def _answer(
        self, upstream: socket.socket, client: socket.socket, now: list[Mischief | None]
    ) -> None:
        try:
            while data := upstream.recv(65536):
                if now[0] == "drop":
                    break
                client.sendall(data)
        except OSError:
            pass
        _break(client)
        _break(upstream)
        upstream.close()


def _whole(data: bytes) -> bool:
    head, _, body = data.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return len(body) >= int(value)
    return True


def _break(one: socket.socket) -> None:
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
