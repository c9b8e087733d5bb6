"""What the servers share: their process, whom it runs as, and what was prepared for it."""

import contextlib
import ctypes
import hashlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable

# `./test` installs beside the Python that it made.
TOOLS = Path(sys.prefix).parent
PREPARED = TOOLS / "servers"

# Database servers refuse to run as root. This account exists everywhere and owns nothing.
ACCOUNT = "nobody"
SECONDS_MAX = 60
ATTEMPTS_MAX = 5
PR_SET_PDEATHSIG = 1


class Failed(Exception):
    """A server or its tool didn't do what was asked."""


def unprivileged() -> dict:
    """Arguments for a process that owns nothing; whoever isn't root already is that."""
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam(ACCOUNT)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def give_away(folder: Path) -> None:
    """Makes everything in a folder the servers' own."""
    if os.geteuid() != 0:
        return
    account = pwd.getpwnam(ACCOUNT)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)


def environment() -> dict[str, str]:
    """Nothing of a person's own settings."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


class Process:
    """A server's process. It doesn't outlive this one, however this one ends."""

    def __init__(self, command: list, folder: Path, last_word: signal.Signals) -> None:
        self.last_word, self.log = last_word, folder / "log"
        libc = ctypes.CDLL(None)
        with self.log.open("wb") as log:
            self.child = subprocess.Popen(
                command,
                cwd=folder,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, last_word),
                **unprivileged(),
            )

    def until(self, ready: Callable):
        """What `ready` returns as soon as it doesn't fail."""
        deadline = time.monotonic() + SECONDS_MAX
        while True:
            try:
                return ready()
            except (Failed, OSError) as error:
                if self.child.poll() is not None or time.monotonic() > deadline:
                    self.end()
                    text = self.log.read_text(errors="replace")
                    raise Failed(f"{self.child.args[0]}: {error}\n{text}") from error
            time.sleep(0.05)

    def end(self, word: signal.Signals | None = None) -> None:
        """Ends it; without a word, the quick way."""
        self.child.send_signal(word or self.last_word)
        try:
            self.child.wait(timeout=SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


def run(
    command: list, folder: Path, script: str = "", as_whom: dict | None = None, **variables: str
) -> str:
    """Runs a tool to its end with a script on its input, and returns what it prints."""
    ran = subprocess.run(
        command,
        cwd=folder,
        env=environment() | variables,
        input=script,
        text=True,
        capture_output=True,
        **(as_whom or {}),
    )
    if ran.returncode:
        raise Failed(f"{command[0]}: {ran.stdout}{ran.stderr}".strip())
    return ran.stdout


def free_port() -> int:
    """A port on which nobody listens now. Somebody may be faster: see `with_a_port`."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def with_a_port(start: Callable[[int], None]) -> int:
    """Starts a server on a free port, on another one when that is taken meanwhile."""
    for attempt in range(1, ATTEMPTS_MAX + 1):
        port = free_port()
        try:
            start(port)
            return port
        except Failed:
            if attempt == ATTEMPTS_MAX:
                raise
    raise AssertionError("it returned or raised")


def prepared(name: str, ingredients: list[str], prepare: Callable[[Path], None], to: Path) -> None:
    """Copies what `prepare` makes to `to`. It is made once for the same ingredients.

    Tests run in parallel: whoever comes second finds either everything or nothing."""
    key = hashlib.sha256("\0".join(ingredients).encode()).hexdigest()[:16]
    kept = PREPARED / f"{name}-{key}"
    if not kept.exists():
        PREPARED.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="snapkeep-") as made:
            give_away(Path(made))
            prepare(Path(made))
            beside = tempfile.mkdtemp(dir=PREPARED)
            shutil.copytree(Path(made) / "data", beside, dirs_exist_ok=True)
        with contextlib.suppress(OSError):
            os.rename(beside, kept)
        shutil.rmtree(beside, ignore_errors=True)
    shutil.copytree(kept, to)
