"""Runs a command until it is over or has used up its processor time, its children's included."""

import json
import os
import signal
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

LOOK_SECONDS = 0.5


@dataclass
class Trial:
    """What a command did."""

    status: int
    output: str
    cpu_seconds: float

    @property
    def told(self) -> list[dict]:
        """The violations of a soak, if it came to tell any."""
        last = self.output.rstrip().rpartition("\n")[2]
        return json.loads(last)["violations"] if last.startswith("{") else []


def attempt(command: list[str], cwd: Path, cpu_seconds_max: float, **variables: str) -> Trial:
    """One trial. A command that takes longer is killed, with all it started."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=environment | variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    over = threading.Event()
    watchdog = threading.Thread(target=watch, args=(process.pid, cpu_seconds_max, over))
    watchdog.start()
    output = process.stdout.read()
    # Of the command and of every child that it waited for.
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    over.set()
    watchdog.join()
    return Trial(process.returncode, output, usage.ru_utime + usage.ru_stime)


def watch(leader: int, cpu_seconds_max: float, over: threading.Event) -> None:
    while not over.wait(LOOK_SECONDS):
        if cpu_seconds(leader) > cpu_seconds_max:
            os.killpg(leader, signal.SIGKILL)
            return


def cpu_seconds(leader: int) -> float:
    """What a process has used so far, and those of its children that have ended."""
    try:
        fields = Path(f"/proc/{leader}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
