"""Which test meets which mutant, and whether one of them notices it."""

import os
import resource
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from build import CRATE, MET, ON, TREE
from switch import Mutant

JOBS = os.cpu_count() or 1
# A loop that a mutant made endless may fill the memory before its time is up.
MEMORY_BYTES_MAX = 4 << 30
# Beside what a test took without a mutant.
SECONDS_MIN, SLOWER_MAX = 10, 10
# Tests are run in batches that take twice as long each time: mostly a quick one notices.
FIRST_BATCH_SECONDS = 0.05


@dataclass(frozen=True)
class Test:
    binary: Path
    name: str
    seconds: float
    # The numbers of the mutants that it comes by.
    met: frozenset[int]


class Failed(Exception):
    """A test that fails with no mutant in force."""


def tests_of(binaries: list[Path]) -> list[Test]:
    """Every test, run alone with no mutant in force."""
    names = []
    for binary in binaries:
        told = subprocess.check_output([binary, "--list", "--format", "terse"], text=True)
        tests = [line.removesuffix(": test") for line in told.splitlines() if line.endswith(": test")]
        names += [(binary, name) for name in tests]
    with ThreadPoolExecutor(JOBS) as pool:
        return list(pool.map(lambda it: measured(*it), names))


def measured(binary: Path, name: str) -> Test:
    with tempfile.NamedTemporaryFile() as met:
        started = time.monotonic()
        if not passes(binary, [name], 600, **{MET: met.name}):
            raise Failed(f"{binary.name}: {name} fails with no mutant in force: mend it first")
        seconds = time.monotonic() - started
        return Test(binary, name, seconds, frozenset(map(int, met.read().split())))


def meeting(tests: list[Test]) -> dict[int, list[Test]]:
    """The tests that meet each mutant, the quickest first."""
    met = defaultdict(list)
    for test in sorted(tests, key=lambda it: it.seconds):
        for number in test.met:
            met[number].append(test)
    return met


def is_caught(mutant: Mutant, tests: list[Test]) -> bool:
    """Whether one of the tests that meet it fails, or doesn't end."""
    for binary, batch in batches(tests):
        seconds = SECONDS_MIN + SLOWER_MAX * sum(test.seconds for test in batch)
        if not passes(binary, [test.name for test in batch], seconds, **{ON: str(mutant.number)}):
            return True
    return False


def batches(tests: list[Test]) -> Iterator[tuple[Path, list[Test]]]:
    batch, seconds, enough = defaultdict(list), 0.0, FIRST_BATCH_SECONDS
    for test in tests:
        batch[test.binary].append(test)
        seconds += test.seconds
        if seconds >= enough:
            yield from batch.items()
            batch, seconds, enough = defaultdict(list), 0.0, 2 * enough
    yield from batch.items()


def passes(binary: Path, names: list[str], seconds: float, **variables: str) -> bool:
    """Whether these tests do, within this time. Snapshots are only compared."""
    command = [binary, "--exact", "--test-threads=1", "--quiet", *names]
    environment = os.environ | {"INSTA_UPDATE": "no"} | variables
    silent = subprocess.DEVNULL
    try:
        ran = subprocess.run(
            command, cwd=TREE / CRATE, env=environment, timeout=seconds, stdout=silent, stderr=silent
        )
    except subprocess.TimeoutExpired:
        return False
    return ran.returncode == 0


def limit_memory() -> None:
    """Of this process and of those that it starts."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, resource.RLIM_INFINITY))
