#!/usr/bin/env python3
"""Receives webhooks, checks their signatures as Standard Webhooks says, and prints what came. Nothing but Python.

    WEBHOOK_SECRET=whsec_… examples/webhook_receiver.py 127.0.0.1:9000
"""
import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE_S = 5 * 60  # an older message may be one that somebody recorded and sends again
SECRET = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))
seen = set()  # a real receiver keeps these ids in its database, in the transaction that does the work


def verified(headers, body):
    """Whether one of the signatures is ours and the message is fresh."""
    sent_at = headers["webhook-timestamp"]
    if abs(time.time() - int(sent_at)) > TOLERANCE_S:
        return False
    signed = f"{headers['webhook-id']}.{sent_at}.".encode() + body
    expected = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
    given = [one.removeprefix("v1,") for one in headers["webhook-signature"].split() if one.startswith("v1,")]
    return any(hmac.compare_digest(expected, one) for one in given)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if not verified(self.headers, body):
            print("refused: the signature does not hold", flush=True)
            return self.answer(401)
        event = json.loads(body)
        again = self.headers["webhook-id"] in seen
        seen.add(self.headers["webhook-id"])
        print(event["type"] + (" again" if again else ""), flush=True)
        self.answer(204)  # only 2xx counts as delivered; answer first, work later

    def answer(self, status):
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    host, port = sys.argv[1].rsplit(":", 1)
    ThreadingHTTPServer((host, int(port)), Receiver).serve_forever()
