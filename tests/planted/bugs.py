"""The planted bugs, and a copy of the sources that holds them all.

Each bug is one expression in another's place, so the copy holds both, and a variable says when it runs
which bug is in force: one build serves them all, where a build for each would take an hour.
"""

import json
import os
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import sources  # noqa: E402

ROOT = sources.ROOT
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
# The copy, and what is built of it; the crates of others are taken from the target folder itself.
PLACE = TARGET / "planted"
TREE = PLACE / "tree"
VARIABLE = "PLANTED_BUG"

SWITCH = f"""
/// Whether the planted bug of this name is in force.
fn planted(id: &str) -> bool {{
    static BUG: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    BUG.get_or_init(|| std::env::var("{VARIABLE}").ok()).as_deref() == Some(id)
}}
"""


@dataclass
class Bug:
    """A mistake: `replace` in the place of `find`, which is an expression."""

    id: str
    what: str
    # The invariants of which one must be told, or the test that must fail.
    names: list[str]
    file: str
    find: str
    replace: str
    # Whether the named scenarios are run instead of nights: those only end in rest or unrest.
    scenarios: bool = False
    # Package and test binary that are run instead of nights.
    tests: tuple[str, ...] = ()


def all_bugs() -> list[Bug]:
    listed = tomllib.loads((ROOT / "tests" / "planted" / "bugs.toml").read_text())
    return [Bug(**bug | {"tests": tuple(bug.get("tests", ()))}) for bug in listed["bug"]]


def planted(source: str, bugs: list[Bug]) -> str:
    """A source with these bugs in it, none of them in force."""
    for bug in bugs:
        if source.count(bug.find) != 1:
            raise ValueError(f"{bug.id}: {bug.find!r} must occur once in {bug.file}")
        both = f'(if planted("{bug.id}") {{ {bug.replace} }} else {{ {bug.find} }})'
        source = source.replace(bug.find, both)
    return source + SWITCH


def plant(bugs: list[Bug]) -> None:
    """Makes the copy."""
    changed = {}
    for file in {bug.file for bug in bugs}:
        of_file = [bug for bug in bugs if bug.file == file]
        changed[file] = planted((ROOT / file).read_text(), of_file).encode()
    sources.copy(TREE, changed)


def cargo(*arguments: str, **options) -> subprocess.CompletedProcess:
    """What is made goes to a folder of its own, so that it never passes for the real command."""
    environment = os.environ | {
        "CARGO_TARGET_DIR": str(PLACE),
        "CARGO_BUILD_BUILD_DIR": str(TARGET),
        "CARGO_INCREMENTAL": "1",
    }
    return subprocess.run(
        ["cargo", *arguments, "--locked", "--quiet"],
        cwd=TREE,
        env=environment,
        text=True,
        check=True,
        **options,
    )


def build_command() -> Path:
    """The command, as `./test soak` builds it."""
    cargo("build", "--release", "-p", "snapkeep")
    return PLACE / "release" / "snapkeep"


def build_tests(package: str, binary: str) -> Path:
    """A test binary."""
    options = ["--no-run", "-p", package, "--test", binary, "--message-format", "json"]
    told = cargo("test", *options, stdout=subprocess.PIPE).stdout.splitlines()
    messages = [json.loads(line) for line in told]
    return next(Path(m["executable"]) for m in messages if m.get("executable"))
