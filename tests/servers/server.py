"""A real database server on a free local port, over TLS, with sample data in it.

    server.py postgres|mariadb|mongodb [--certificate valid|expired|other-authority|other-host]

When it is ready it prints one line of JSON: `port`, `user` (the fleet's administrator), `password`,
`ca` (the file with the authority to trust) and `folder`, for administer.py. It serves until its
standard input closes: whoever started it and ends, in whatever way, ends it too.
"""

import argparse
import json
import secrets
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import certificates
import kinds
import processes

MEMORY = Path("/dev/shm")
PLENTY = 1 << 30


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("kind", choices=kinds.KINDS)
    parser.add_argument("--certificate", choices=certificates.KINDS, default="valid")
    options = parser.parse_args()
    for word in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(word, lambda *_: sys.exit())
    folder = Path(tempfile.mkdtemp(prefix="snapkeep-", dir=in_memory()))
    server = kinds.server(options.kind, folder)
    try:
        (folder / "kind").write_text(options.kind)
        certificates.write(folder, options.certificate)
        print(json.dumps(start(server, folder)), flush=True)
        for _ in sys.stdin:
            pass
    except processes.Failed as reason:
        sys.exit(f"{options.kind}: {reason}")
    finally:
        server.end()
        shutil.rmtree(folder, ignore_errors=True)


def in_memory() -> Path | None:
    """Where files need no disk, if there is plenty of it: a server has a thousand of them."""
    plenty = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= PLENTY
    return MEMORY if plenty else None


def start(server, folder: Path) -> dict:
    """What to know about the server that serves now."""
    password = secrets.token_urlsafe(15)
    server.prepare()
    processes.give_away(folder)
    port = server.start()
    server.set_password(kinds.ADMINISTRATOR, password)
    return {
        "port": port,
        "user": kinds.ADMINISTRATOR,
        "password": password,
        "ca": str(folder / "ca.pem"),
        "folder": str(folder),
    }


if __name__ == "__main__":
    main()
