"""Forges a ledger of evidence, as somebody might who may write to the bucket: one way each.

It computes what the next entry has to say of the one before it by itself, so that a chain that is written
anew holds together.
"""

import hashlib
import json

import account

FIRST = 999_999_999


class Ledger:
    def __init__(self, s3, bucket: str, verb: str) -> None:
        self.s3, self.bucket, self.prefix = s3, bucket, f"evidence/{verb}/"

    def key(self, sequence: int) -> str:
        return f"{self.prefix}{FIRST - sequence:09}.json"

    def entries(self) -> int:
        listed = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=self.prefix)
        return len(listed["Contents"])

    def read(self, sequence: int) -> bytes:
        return self.s3.get_object(Bucket=self.bucket, Key=self.key(sequence))["Body"].read()

    def write(self, sequence: int, body: bytes) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=self.key(sequence), Body=body)

    def remove(self, sequence: int) -> None:
        self.s3.delete_object(Bucket=self.bucket, Key=self.key(sequence))


def alter(ledger: Ledger, sequence: int) -> None:
    """Says that something else was done."""
    ledger.write(sequence, ledger.read(sequence).replace(b"done", b"left"))


def remove(ledger: Ledger, sequence: int) -> None:
    ledger.remove(sequence)


def swap(ledger: Ledger, sequence: int) -> None:
    """Exchanges two neighbours, each with the number of its new place."""
    bodies = {at: json.loads(ledger.read(at)) for at in (sequence, sequence + 1)}
    for at, other in ((sequence, sequence + 1), (sequence + 1, sequence)):
        moved = bodies[other] | {"sequence": at}
        ledger.write(at, json.dumps(moved, separators=(",", ":")).encode())


def truncate(ledger: Ledger, sequence: int) -> None:
    """Cuts off that entry and all that came after it."""
    for at in range(sequence, ledger.entries() + 1):
        ledger.remove(at)


def rewrite(ledger: Ledger, sequence: int) -> None:
    """Changes an entry, and writes all that came after it anew, so that they fit."""
    last = ledger.entries()
    alter(ledger, sequence)
    for at in range(sequence + 1, last + 1):
        previous = hashlib.sha256(ledger.read(at - 1)).hexdigest()
        body = json.loads(ledger.read(at)) | {"previous": previous}
        ledger.write(at, json.dumps(body, separators=(",", ":")).encode())


def main() -> None:
    ways = {each.__name__: each for each in (alter, remove, swap, truncate, rewrite)}
    parser = account.arguments(__doc__)
    parser.add_argument("--bucket", required=True)
    parser.add_argument("--verb", required=True)
    parser.add_argument("--way", required=True, choices=ways)
    parser.add_argument("--sequence", required=True, type=int)
    options = parser.parse_args()
    s3 = account.client("s3", account.HOME_REGION, options.endpoint_url)
    ways[options.way](Ledger(s3, options.bucket, options.verb), options.sequence)


if __name__ == "__main__":
    main()
