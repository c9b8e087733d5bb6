"""A headless Chromium, driven over its DevTools protocol by a pair of pipes, and nothing between.

Source: Chrome DevTools Protocol; with --remote-debugging-pipe the browser reads messages from file
descriptor 3 and writes them to 4, each ended by a zero byte.
"""

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "servers"))

import install  # noqa: E402

SECONDS_MAX = 60
OPTIONS = [
    "--headless=new",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--remote-debugging-pipe",
    # It opens our own files only, and in a container there is nothing to build a sandbox with.
    "--no-sandbox",
    "--disable-dev-shm-usage",
]


def program() -> str:
    """Debian's Chromium, installed if it is missing and that can be."""
    if not shutil.which("chromium"):
        install.install(["chromium", "fonts-dejavu-core"])
    return shutil.which("chromium") or sys.exit("missing: apt-get install chromium")


class Browser:
    """One page of a browser, and everything that it said or asked for."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        theirs_in, self.to = os.pipe()
        self.of, theirs_out = os.pipe()
        shell = f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}'
        command = [program(), *OPTIONS, f"--user-data-dir={self.folder.name}", "about:blank"]
        self.process = subprocess.Popen(
            ["bash", "-c", shell, "bash", *command],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self.read, self.number, self.session = b"", 0, None
        self.events: list[dict] = []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        attached = self.ask("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.to)
        os.close(self.of)
        self.folder.cleanup()

    def ask(self, method: str, **parameters) -> dict:
        """Sends a command and returns its answer; events that come first are kept."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.next()
            if answer.get("id") != self.number:
                self.events.append(answer)
            elif "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']['message']}")
            else:
                return answer["result"]

    def next(self) -> dict:
        until = time.monotonic() + SECONDS_MAX
        while b"\0" not in self.read:
            ready, _, _ = select.select([self.of], [], [], max(0, until - time.monotonic()))
            more = os.read(self.of, 1 << 20) if ready else b""
            if not more:
                raise RuntimeError("the browser is gone, or silent")
            self.read += more
        message, _, self.read = self.read.partition(b"\0")
        return json.loads(message)

    def size(self, width: int, dark: bool = False) -> None:
        """As a window of that width, by day or by night."""
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.ask("Emulation.setDeviceMetricsOverride", **metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])

    def open(self, page: Path) -> None:
        """Opens a file and waits until it is there."""
        self.events.clear()
        self.ask("Page.navigate", url=page.resolve().as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self.next())

    def evaluate(self, script: str):
        """What a script in the page comes to. The page's own policy lets none of its own run."""
        answer = self.ask("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return answer["result"].get("value")

    def picture(self, box: dict) -> bytes:
        """A rectangle of the page as PNG, wherever it is on it."""
        clip = {**box, "scale": 1}
        shot = self.ask("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
        return base64.b64decode(shot["data"])

    def complaints(self) -> list[str]:
        """What the page's console says that isn't right."""
        found = []
        for event in self.events:
            about = event.get("params", {})
            if event.get("method") == "Runtime.exceptionThrown":
                found.append(about["exceptionDetails"]["text"])
            elif event.get("method") == "Runtime.consoleAPICalled":
                found.append(f"console.{about['type']}")
            elif event.get("method") == "Log.entryAdded":
                found.append(about["entry"]["text"])
        return found

    def requests(self) -> list[str]:
        """Every address that was asked for, but for data in the page itself."""
        sent = [e for e in self.events if e.get("method") == "Network.requestWillBeSent"]
        urls = [event["params"]["request"]["url"] for event in sent]
        return [url for url in urls if not url.startswith("data:")]


@contextlib.contextmanager
def browser():
    """A browser for as long as it is needed."""
    opened = Browser()
    try:
        yield opened
    finally:
        opened.close()
