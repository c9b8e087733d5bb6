"""Calls to the Moto behind the endpoint."""

import re
import urllib.error
import urllib.request
from dataclasses import dataclass
from urllib.parse import urlencode
from xml.sax.saxutils import unescape

FORM = "application/x-www-form-urlencoded; charset=utf-8"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def text(self, element: str) -> str:
        """The first element of that name in the XML; empty if there is none."""
        found = re.search(f"<{element}>(.*?)</{element}>".encode(), self.body)
        return unescape(found.group(1).decode()) if found else ""


class Moto:
    """Moto at its URL. Who calls is settled here: the account's own key, whichever role asked, for
    permissions were judged before and Moto knows no roles."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def call(self, service: str, region: str, account: str, form: dict[str, str]) -> Answer:
        """One operation of a service that speaks the Query protocol."""
        headers = {"Content-Type": FORM}
        return self._send(service, region, account, "", urlencode(form).encode(), headers)

    def look(self, service: str, region: str, account: str, form: dict[str, str]) -> Answer:
        """A call of the endpoint's own. No fault that a test set for the callers hits it or is used
        up by it: those are read from the body of a request only."""
        return self._send(service, region, account, f"?{urlencode(form)}", None, {})

    def call_kms(self, region: str, account: str, operation: str, body: bytes) -> Answer:
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"TrentService.{operation}",
        }
        return self._send("kms", region, account, "", body, headers)

    def _send(self, service, region, account, query, body: bytes | None, headers: dict) -> Answer:
        credential = f"Credential={account}/20260101/{region}/{service}/aws4_request"
        headers = {
            **headers,
            "Authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0",
            "x-moto-account-id": account,
        }
        request = urllib.request.Request(f"{self.url}/{query}", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return Answer(answer.status, dict(answer.headers), answer.read())
        except urllib.error.HTTPError as refused:
            with refused:
                return Answer(refused.code, dict(refused.headers), refused.read())
