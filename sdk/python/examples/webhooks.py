import os
from http.server import BaseHTTPRequestHandler, HTTPServer

from stateset import Webhook, WebhookVerificationError

webhook = Webhook(os.environ["STATESET_WEBHOOK_SECRET"])  # shown when the endpoint was made


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            event = webhook.verify(body, dict(self.headers))
            print(event.type, event.data, flush=True)
            self.send_response(204)
        except WebhookVerificationError:
            self.send_response(400)
        self.end_headers()


HTTPServer(("127.0.0.1", int(os.environ.get("PORT", "3000"))), Receiver).serve_forever()
