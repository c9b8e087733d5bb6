"""An HTTP endpoint that is subscribed to a topic: confirms by itself, then reads what is delivered.

Source: Amazon SNS Developer Guide, "HTTP/HTTPS subscription confirmation JSON format" and "HTTP/HTTPS
notification JSON format": the header x-amz-sns-message-type, and the fields of each type. Signatures
aren't looked at: the emulated account signs nothing.
"""

import http.server
import json
import threading
import urllib.request

CONFIRMATION = {"Type", "MessageId", "Token", "TopicArn", "Message", "SubscribeURL", "Timestamp",
                "SignatureVersion", "Signature", "SigningCertURL"}
NOTIFICATION = {"Type", "MessageId", "TopicArn", "Message", "Timestamp", "SignatureVersion", "Signature",
                "SigningCertURL", "UnsubscribeURL"}


class Endpoint:
    def __init__(self) -> None:
        self.notifications: list[dict] = []
        self.wrong: list[str] = []
        self.confirmed = threading.Event()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.endpoint = self
        self.url = f"http://127.0.0.1:{self.server.server_port}/alarms"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def receive(self, kind: str, body: dict) -> None:
        expected = {"SubscriptionConfirmation": CONFIRMATION, "Notification": NOTIFICATION}[kind]
        if body["Type"] != kind or expected - set(body):
            self.wrong.append(f"{kind}: {sorted(expected - set(body))} missing of {body}")
        elif kind == "Notification":
            self.notifications.append(body)
        else:
            threading.Thread(target=self.confirm, args=(body["SubscribeURL"],), daemon=True).start()

    def confirm(self, url: str) -> None:
        urllib.request.urlopen(url, timeout=10).close()
        self.confirmed.set()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()
        self.server.endpoint.receive(self.headers["x-amz-sns-message-type"], body)

    def log_message(self, *_) -> None:
        pass
