"""The examples, which are the README's, do what they say."""

from __future__ import annotations

import os
import pathlib
import socket
import subprocess
import sys
import unittest
import urllib.error
import urllib.request

from .server import Server, until

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent / "examples"


class Examples(unittest.TestCase):
    server: Server

    @classmethod
    def setUpClass(cls) -> None:
        cls.server = Server()

    @classmethod
    def tearDownClass(cls) -> None:
        cls.server.end()

    def environment(self) -> dict[str, str]:
        return os.environ | {"STATESET_URL": self.server.url, "STATESET_KEY": self.server.key}

    def run_example(self, name: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, EXAMPLES / f"{name}.py"],
            env=self.environment(),
            capture_output=True,
            text=True,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.splitlines()

    def test_the_first_order_and_every_day_after_it(self) -> None:
        costs, then = self.run_example("first_order")
        self.assertRegex(costs, r"^SO-\S+ costs 99.98 USD$")
        self.assertEqual(then, "and is delivered")
        self.assertEqual(
            self.run_example("everyday")[1:],
            [
                "invalid ['/name', '/currency']",
                "1 False",
                "1 True",
                "1 True",
                "10.99 archived active",
            ],
        )

    def test_the_receiver_of_webhooks(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        address = f"http://127.0.0.1:{port}/"
        client = self.server.client()
        endpoint = client.webhooks.endpoints.create(url=address, events=["customer.*"])
        receiver = subprocess.Popen(
            [sys.executable, EXAMPLES / "webhooks.py"],
            env=self.environment() | {"PORT": str(port), "STATESET_WEBHOOK_SECRET": endpoint.secret},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            until(lambda: listens(port))
            client.customers.create(email="heard@example.com")
            assert receiver.stdout
            said = receiver.stdout.readline()
            self.assertIn("customer.created", said)
            self.assertIn("heard@example.com", said)
            with self.assertRaises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(address, b"{}")
            self.assertEqual(refused.exception.code, 400)
            refused.exception.close()
        finally:
            receiver.kill()
            receiver.wait()
            if receiver.stdout:
                receiver.stdout.close()


def listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    unittest.main()
