"""The Lambda Runtime API for one function process, and what the process took for each step of it.

Init is from the start of the process to its first request for an event; a call is from handing out
the event to getting its answer. CPU time is what the kernel counted for all of its threads.
Source: Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes".
"""

import json
import os
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue

PREFIX = "/2018-06-01/runtime/"
# Lambda's own limit.
TIMEOUT_SECONDS = 900
# A function of 128 MB gets so much of a core; one of 1,769 MB has one.
# Source: Lambda Developer Guide, "Configure Lambda function memory".
SHARE_OF_128_MB = 128 / 1769
PERIOD_MICROSECONDS = 20_000
CPU_GROUPS = [Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")]


class FunctionFailed(Exception):
    """The function answered with an error, or didn't start."""


@dataclass
class Call:
    seconds: float
    cpu_seconds: float  # of the process up to this answer
    answer: dict


class Server(ThreadingHTTPServer):
    """Says nothing of connections that end because their function was ended."""

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Function:
    """A function process, from its start to its end."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._asked, self._events, self._answers = threading.Event(), Queue(), Queue()
        self._server = Server(("127.0.0.1", 0), handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        api = f"127.0.0.1:{self._server.server_port}"
        started = time.perf_counter()
        self.process = subprocess.Popen(
            command, env=environment | lambda_environment(api), stdout=subprocess.DEVNULL
        )
        if not self._asked.wait(60):
            self.close()
            raise FunctionFailed(f"{command[0]} asked for no event within a minute")
        self.init_seconds = self._asked_at - started

    def call(self, event: dict) -> Call:
        """Hands out one event and waits for its answer."""
        started = time.perf_counter()
        self._events.put(json.dumps(event).encode())
        answered, cpu_seconds, is_error, body = self._answers.get(timeout=TIMEOUT_SECONDS)
        if is_error:
            raise FunctionFailed(body.decode()[:500])
        return Call(answered - started, cpu_seconds, json.loads(body))

    def slow_down(self) -> bool:
        """Gives it the processor's share of 128 MB from here on, if this machine lets us."""
        for root in CPU_GROUPS:
            group = root / f"snapkeep-bench-{self.process.pid}"
            try:
                group.mkdir()
                quota = str(int(PERIOD_MICROSECONDS * SHARE_OF_128_MB))
                if (group / "cpu.max").exists():
                    (group / "cpu.max").write_text(f"{quota} {PERIOD_MICROSECONDS}")
                else:
                    (group / "cpu.cfs_period_us").write_text(str(PERIOD_MICROSECONDS))
                    (group / "cpu.cfs_quota_us").write_text(quota)
                (group / "cgroup.procs").write_text(str(self.process.pid))
            except OSError:
                continue
            self._group = group
            return True
        return False

    _group: Path | None = None

    def rss_max_mb(self) -> float:
        """The most memory that it ever had in use."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024

    def cpu_seconds(self) -> float:
        """What all its threads have computed so far."""
        total = 0
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
        return total / 1e9

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._server.shutdown()
        self._server.server_close()
        if self._group:
            self._group.rmdir()

    def next_event(self) -> bytes:
        if not self._asked.is_set():
            self._asked_at = time.perf_counter()
            self._asked.set()
        return self._events.get()

    def answered(self, is_error: bool, body: bytes) -> None:
        self._answers.put((time.perf_counter(), self.cpu_seconds(), is_error, body))


def handler(function: Function) -> type[BaseHTTPRequestHandler]:
    """The API's four requests, as far as a function makes them."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            event = function.next_event()
            deadline = int((time.time() + TIMEOUT_SECONDS) * 1000)
            headers = {
                "Lambda-Runtime-Aws-Request-Id": str(uuid.uuid4()),
                "Lambda-Runtime-Deadline-Ms": str(deadline),
                "Lambda-Runtime-Invoked-Function-Arn":
                    "arn:aws:lambda:us-west-2:123456789012:function:bench",
                "Content-Type": "application/json",
            }
            self.reply(200, event, headers)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.headers.get("Transfer-Encoding") == "chunked":
                body = self.chunks()
            function.answered(self.path.endswith("/error"), body)
            self.reply(202, b"{}", {})

        def chunks(self) -> bytes:
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def lambda_environment(api: str) -> dict[str, str]:
    """What Lambda's own environment tells a function."""
    return {
        "AWS_LAMBDA_RUNTIME_API": api,
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "PATH": os.environ["PATH"],
    }
