"""Reads a message as it comes by email: a subject and plain text.

Sources: Amazon SNS Developer Guide, "Email notifications"; SNS API reference, `Publish`, Subject: printable
ASCII, fewer than 100 characters; RFC 5322, section 2.1.1: lines of at most 78 characters.
"""

import email.policy
from email.message import EmailMessage

COLUMNS = 78


class Letter:
    def __init__(self, subject: str, text: str) -> None:
        letter = EmailMessage(policy=email.policy.default)
        letter["Subject"] = subject
        letter.set_content(text)
        received = email.message_from_bytes(bytes(letter), policy=email.policy.default)
        self.subject = received["Subject"]
        self.lines = received.get_content().splitlines()

    def fact(self, label: str) -> str:
        """What stands beside a label, over all its lines."""
        at = next(i for i, line in enumerate(self.lines) if line.startswith(f"{label} "))
        said = [self.lines[at][len(label):].strip()]
        for line in self.lines[at + 1:]:
            if not line.startswith(" "):
                break
            said.append(line.strip())
        return " ".join(said)

    def too_long(self) -> list[str]:
        """Lines that a reader would have to scroll, though they could have been broken: a label and the one long
        word that it labels stay together, so that whoever searches for a key finds both."""
        breakable = lambda line: len(line.split()) > 2 or line.startswith(" ") and " " in line.strip()  # noqa: E731
        return [line for line in self.lines if len(line) > COLUMNS and breakable(line)]
