from __future__ import annotations

import base64
import hashlib
import hmac
import threading
import time
import unittest
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer

from stateset import Webhook, WebhookVerificationError

from .server import Server, until

OTHER = "whsec_" + base64.b64encode(b"another secret").decode()


class Receiver(BaseHTTPRequestHandler):
    delivered: list[tuple[bytes, Mapping[str, str]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.delivered.append((body, dict(self.headers)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


class Webhooks(unittest.TestCase):
    server: Server
    secret: str
    endpoint_id: str
    receiver: HTTPServer

    @classmethod
    def setUpClass(cls) -> None:
        cls.receiver = HTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=cls.receiver.serve_forever, daemon=True).start()
        cls.server = Server()
        client = cls.server.client()
        endpoint = client.webhooks.endpoints.create(
            url=f"http://127.0.0.1:{cls.receiver.server_port}/", events=["customer.*"]
        )
        cls.endpoint_id, cls.secret = endpoint.id, endpoint.secret
        client.customers.create(email="zoe@example.com", first_name="Zoë")
        until(lambda: len(Receiver.delivered) > 0)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.receiver.shutdown()
        cls.receiver.server_close()
        cls.server.end()

    def refuses(
        self,
        body: bytes,
        headers: Mapping[str, str],
        message: str,
        using: Webhook | None = None,
    ) -> None:
        with self.assertRaisesRegex(WebhookVerificationError, message):
            (using or Webhook(self.secret)).verify(body, headers)

    def test_what_the_server_delivers_verifies(self) -> None:
        body, headers = Receiver.delivered[0]
        event = Webhook(self.secret).verify(body, headers)
        self.assertEqual(event.type, "customer.created")
        self.assertEqual(event.data["first_name"], "Zoë")
        self.assertIsNotNone(event.timestamp.tzinfo)
        Webhook([OTHER, self.secret]).verify(body.decode(), headers)

    def test_what_was_changed_or_signed_by_another_does_not(self) -> None:
        body, headers = Receiver.delivered[0]
        lower = {name.lower(): value for name, value in headers.items()}
        self.refuses(body + b" ", lower, "no signature fits")
        self.refuses(body, lower | {"webhook-id": "msg_other"}, "no signature fits")
        self.refuses(body, lower, "no signature fits", Webhook(OTHER))
        self.refuses(body, lower | {"webhook-signature": "v2,abc v1, v1,!"}, "no signature fits")
        del lower["webhook-signature"]
        self.refuses(body, lower, "webhook-signature is missing")

    def test_what_is_too_old_or_from_the_future_does_not(self) -> None:
        now = int(time.time())
        self.assertRaises(KeyError, Webhook(self.secret).verify, b"{}", self.signed(now - 290))
        self.refuses(b"{}", self.signed(now - 310), "too old")
        self.refuses(b"{}", self.signed(now + 310), "from the future")
        yesterday = self.signed(now) | {"webhook-timestamp": "yesterday"}
        self.refuses(b"{}", yesterday, "is no time")
        self.refuses(b"{}", self.signed(now - 20), "too old", Webhook(self.secret, tolerance=10))

    def test_while_a_secret_rotates_both_count(self) -> None:
        before = len(Receiver.delivered)
        client = self.server.client()
        after = client.webhooks.endpoints.rotate_secret(self.endpoint_id).secret
        client.customers.create(email="rotated@example.com")
        until(lambda: len(Receiver.delivered) > before)
        body, headers = Receiver.delivered[-1]
        for secret in (self.secret, after):
            self.assertEqual(Webhook(secret).verify(body, headers).type, "customer.created")

    def signed(self, at: int) -> dict[str, str]:
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        digest = hmac.new(key, f"msg_1.{at}.{{}}".encode(), hashlib.sha256).digest()
        return {
            "webhook-id": "msg_1",
            "webhook-timestamp": str(at),
            "webhook-signature": "v1," + base64.b64encode(digest).decode(),
        }


if __name__ == "__main__":
    unittest.main()
