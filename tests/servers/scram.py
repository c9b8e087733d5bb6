"""The server's side of SCRAM, as MongoDB speaks it.

Sources: RFC 5802, RFC 7677, and the MongoDB specification "Authentication".
"""

import base64
import hashlib
import hmac
import os
import secrets

# MongoDB's own numbers of rounds.
ROUNDS = {"SCRAM-SHA-1": 10_000, "SCRAM-SHA-256": 15_000}
NO_CHANNEL_BINDING = "biws"


class Refused(Exception):
    """Wrong name, wrong password, or not what the protocol says."""


class Conversation:
    """One login, from the client's first message to its last."""

    def __init__(self, user: str, password: str, mechanism: str, first: bytes) -> None:
        if mechanism not in ROUNDS or not first.startswith(b"n,,"):
            raise Refused
        self.algorithm = "sha1" if mechanism == "SCRAM-SHA-1" else "sha256"
        self.secret = _secret(mechanism, user, password)
        self.client_first = first.decode().removeprefix("n,,")
        said = _attributes(self.client_first)
        self.known = said.get("n", "").replace("=2C", ",").replace("=3D", "=") == user
        self.nonce = said.get("r", "") + secrets.token_urlsafe(18)
        self.salt, self.rounds = os.urandom(16), ROUNDS[mechanism]
        self.authenticated = False

    def challenge(self) -> bytes:
        """The first answer. Whether the user exists it doesn't tell."""
        salt = base64.b64encode(self.salt).decode()
        return f"r={self.nonce},s={salt},i={self.rounds}".encode()

    def prove(self, final: bytes) -> bytes:
        """The second answer, if the client knows the password."""
        bound, _, proof = final.decode().rpartition(",p=")
        said = _attributes(bound)
        whole = f"{self.client_first},{self.challenge().decode()},{bound}".encode()
        salted = hashlib.pbkdf2_hmac(self.algorithm, self.secret, self.salt, self.rounds)
        client_key = self._hmac(salted, b"Client Key")
        signature = self._hmac(hashlib.new(self.algorithm, client_key).digest(), whole)
        expected = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
        right = hmac.compare_digest(base64.b64encode(expected).decode(), proof)
        bound_to_this = said.get("r") == self.nonce and said.get("c") == NO_CHANNEL_BINDING
        if not (self.known and right and bound_to_this):
            raise Refused
        self.authenticated = True
        return b"v=" + base64.b64encode(self._hmac(self._hmac(salted, b"Server Key"), whole))

    def _hmac(self, key: bytes, message: bytes) -> bytes:
        return hmac.digest(key, message, self.algorithm)


def _secret(mechanism: str, user: str, password: str) -> bytes:
    if mechanism == "SCRAM-SHA-1":
        return hashlib.md5(f"{user}:mongo:{password}".encode()).hexdigest().encode()
    return password.encode()


def _attributes(message: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in message.split(",") if "=" in part)
