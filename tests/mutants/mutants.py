"""The policy's mutants: small changes of its code, each of which one of its tests must notice.

    python3 mutants.py             all of them
    python3 mutants.py PATTERN...  those in whose file or change one of these occurs

A mutant that no test can notice, because it changes nothing that anybody could see, stands in
survivors.toml with the reason; one that stands there and is noticed is told, too. Of constants there
can't be two in one build: `cargo mutants -p snapkeep-policy --re ' replace . with .$'` tries those, and
fields that are left out, which it tries in any case.
"""

import fcntl
import sys
import time
import tomllib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TextIO

from build import PLACE, build, listed
from switch import Mutant
from trials import JOBS, Failed, is_caught, limit_memory, meeting, tests_of

HERE = Path(__file__).resolve().parent
CAUGHT_SHARE_MIN = 0.95


def main(patterns: list[str]) -> int:
    limit_memory()
    started = time.monotonic()
    lock = open_alone()
    mutants = listed()
    binaries, out = build(mutants)
    try:
        tests = meeting(tests_of(binaries))
    except Failed as failed:
        sys.exit(str(failed))
    chosen = [it for it in mutants if it not in out and is_chosen(it, patterns)]
    with ThreadPoolExecutor(JOBS) as pool:
        caught = list(pool.map(lambda it: is_caught(it, tests.get(it.number, [])), chosen))
    reasons = justified(mutants)
    count, wrong = Counter(), []
    for mutant, is_it in zip(chosen, caught, strict=True):
        expected = mutant not in reasons
        count["caught" if is_it else "missed" if expected else "justified"] += 1
        if is_it != expected:
            what = "caught, though survivors.toml says it can't be" if is_it else "no test notices"
            wrong.append(f"{what}: {mutant.place}: {mutant.change}")
    print(*wrong, sep="\n")
    seconds = time.monotonic() - started
    print(
        f"{count['caught']} of {len(chosen)} mutants are caught ({count['caught'] / len(chosen):.1%}), "
        f"{count['justified']} can't be, {count['missed']} should be; "
        f"{len(out)} have no switch; {seconds:.0f} s"
    )
    lock.close()
    return 1 if wrong or count["caught"] < CAUGHT_SHARE_MIN * len(chosen) else 0


def open_alone() -> TextIO:
    """Two runs at once would build from one copy of the sources."""
    PLACE.mkdir(parents=True, exist_ok=True)
    lock = (PLACE / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"another run is under way in {PLACE}: wait for it")
    return lock


def is_chosen(mutant: Mutant, patterns: list[str]) -> bool:
    return not patterns or any(it in f"{mutant.place}: {mutant.change}" for it in patterns)


def justified(mutants: list[Mutant]) -> set[Mutant]:
    """The mutants of survivors.toml. One that names none has lost its place."""
    found = set()
    for survivor in tomllib.loads((HERE / "survivors.toml").read_text())["survivor"]:
        wanted = (survivor["file"], survivor["change"], survivor["line"])
        named = [it for it in mutants if (it.file, it.change, it.line) == wanted]
        if not named:
            sys.exit(f"survivors.toml: no mutant {wanted[1]!r} in {wanted[0]} at {wanted[2]!r}")
        found.update(named)
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
