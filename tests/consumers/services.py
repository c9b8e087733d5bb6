"""Services that a bridge posts to, as their documentation says: what isn't as it should be is refused.

Sources: Slack developer documentation, "Sending messages using incoming webhooks" (`ok`, `invalid_payload`)
and Block Kit reference, "Header block", "Section block", "Context block", "Text object"; PagerDuty developer
documentation, "Events API v2", "Send an alert event" (202, or 400 with `errors`).
"""

import http.server
import json
import threading


class Service:
    """On a local port. It answers `fail` times with 503 first."""

    def __init__(self, check, accepted: int) -> None:
        self.check, self.accepted = check, accepted
        self.received: list[dict] = []
        self.refused: list[str] = []
        self.fail = 0
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.service = self
        self.url = f"http://127.0.0.1:{self.server.server_port}/secret/path"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, content_type: str, body: bytes) -> tuple[int, str]:
        if self.fail:
            self.fail -= 1
            return 503, "service_unavailable"
        try:
            if content_type != "application/json":
                raise ValueError(f"Content-Type {content_type}")
            posted = json.loads(body)
            self.check(posted)
        except (KeyError, TypeError, ValueError) as wrong:
            self.refused.append(repr(wrong))
            return 400, "invalid_payload"
        self.received.append(posted)
        return self.accepted, "ok"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, text = self.server.service.answer(self.headers["Content-Type"], body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_) -> None:
        pass


def slack() -> Service:
    return Service(check_slack, 200)


def pagerduty() -> Service:
    return Service(check_pagerduty, 202)


class Incidents:
    """What PagerDuty makes of events: an incident for each key, which pages when it is opened and never
    again while it is open; an event that closes what isn't open is dropped.

    Source: PagerDuty developer documentation, "Send an Alert Event", "Alert De-Duplication" and "Event
    Action Behavior".
    """

    def __init__(self) -> None:
        self.open: set[str] = set()
        self.pages: list[dict] = []

    def receive(self, event: dict) -> None:
        key = event["dedup_key"]
        if event["event_action"] == "resolve":
            self.open.discard(key)
        elif key not in self.open:
            self.open.add(key)
            self.pages.append(event)


def check_slack(message: dict) -> None:
    expect(0 < len(message["text"]) <= 40_000, "text")
    expect(0 < len(message["blocks"]) <= 50, "blocks")
    for block in message["blocks"]:
        if block["type"] == "context":
            expect(0 < len(block["elements"]) <= 10, "elements")
            texts = block["elements"]
        else:
            texts = [block["text"]]
        for text in texts:
            kind, chars_max = {"header": ("plain_text", 150)}.get(block["type"], ("mrkdwn", 3000))
            expect(text["type"] == kind and 0 < len(text["text"]) <= chars_max, str(block))
            expect("<!" not in text["text"], "a mention")


def check_pagerduty(event: dict) -> None:
    expect(len(event["routing_key"]) == 32, "Length of 'routing_key' is incorrect (should be 32 characters)")
    expect(event["event_action"] in ("trigger", "acknowledge", "resolve"), "event_action")
    expect(0 < len(event["dedup_key"]) <= 255, "dedup_key")
    payload = event["payload"]
    expect(0 < len(payload["summary"]) <= 1024, "summary")
    expect(isinstance(payload["source"], str) and payload["source"], "source")
    expect(payload["severity"] in ("critical", "error", "warning", "info"), "severity")
    for link in event.get("links", []):
        expect(link["href"].startswith("http") and link["text"], "links")


def expect(holds: bool, what: str) -> None:
    if not holds:
        raise ValueError(what)
