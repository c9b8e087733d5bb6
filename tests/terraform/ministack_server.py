"""MiniStack on a loopback port, for as long as its standard input is open.

Runs in MiniStack's own Python:

    ministack_server.py

It prints one line, `listening http://127.0.0.1:PORT`, when it answers.
"""

import os
import socket
import sys
import threading
import time
import urllib.request

START_SECONDS_MAX = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def announce(url: str) -> None:
    for _ in range(START_SECONDS_MAX * 10):
        try:
            urllib.request.urlopen(f"{url}/_ministack/health", timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    print(f"listening {url}", flush=True)


def end_with_standard_input() -> None:
    for _ in sys.stdin:
        pass
    os._exit(0)


def main() -> None:
    port = free_port()
    os.environ.update(GATEWAY_PORT=str(port), BIND_HOST="127.0.0.1", LOG_LEVEL="ERROR")
    os.environ.update(MINISTACK_ACCOUNT_ID="123456789012")
    # It reads its settings when it is imported.
    from ministack import app

    sys.argv = sys.argv[:1]
    threading.Thread(target=end_with_standard_input, daemon=True).start()
    threading.Thread(target=announce, args=(f"http://127.0.0.1:{port}",), daemon=True).start()
    app.main()


if __name__ == "__main__":
    main()
