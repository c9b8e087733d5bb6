"""The policy's mutants, all in one build of its tests.

cargo-mutants says which there are. To build each of them alone, as it does, takes some eight hours. So
each is put behind a switch; those that don't compile there are taken out again. Mostly they wouldn't
compile anywhere, because a type has no default; those of constants would, and are left to cargo-mutants.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from switch import Mutant, switched

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import sources  # noqa: E402

TARGET = Path(os.environ.get("CARGO_TARGET_DIR", sources.ROOT / "target"))
PLACE = TARGET / "mutants"
TREE = PLACE / "tree"
PACKAGE, CRATE = "snapkeep-policy", "shared/policy"
# The number of the mutant that is in force, and the file that is told the number of each that is met.
ON, MET = "MUTANT", "MUTANTS_MET"
# Each round takes out what the compiler stopped at; some errors only show when others are gone.
ROUNDS_MAX = 40
# Of a match that no longer covers everything, the compiler names the beginning.
ARMS_BYTES = 1_000
SWITCHED = re.compile(rb"crate::mutant\((\d+)\)")

SWITCH = """
/// Whether the mutant of this number is in force.
#[doc(hidden)]
pub fn mutant(number: usize) -> bool {
    use std::io::Write;
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicBool, Ordering};
    static ON: LazyLock<usize> = LazyLock::new(|| {
        std::env::var("{ON}").ok().and_then(|number| number.parse().ok()).unwrap_or(usize::MAX)
    });
    static MET: LazyLock<Option<std::fs::File>> =
        LazyLock::new(|| std::env::var_os("{MET}").map(|path| std::fs::File::create(path).unwrap()));
    static SEEN: [AtomicBool; {COUNT}] = [const { AtomicBool::new(false) }; {COUNT}];
    if let Some(mut met) = MET.as_ref().filter(|_| !SEEN[number].swap(true, Ordering::Relaxed)) {
        writeln!(met, "{number}").unwrap();
    }
    *ON == number
}
"""


def listed() -> list[Mutant]:
    """Every mutant of the crate."""
    command = ["cargo", "mutants", "-p", PACKAGE, "--list", "--json"]
    found = json.loads(subprocess.check_output(command, cwd=sources.ROOT, text=True))
    texts = {it["file"]: (sources.ROOT / it["file"]).read_bytes() for it in found}
    mutants = []
    for number, it in enumerate(found):
        text, span = texts[it["file"]], it["span"]
        place, _, change = it["name"].partition(": ")
        line = text.split(b"\n")[span["start"]["line"] - 1].decode().strip()
        start, end = byte_at(text, span["start"]), byte_at(text, span["end"])
        genre, replacement = it["genre"], it["replacement"]
        mutants.append(Mutant(number, it["file"], place, change, line, genre, replacement, start, end))
    return mutants


def byte_at(text: bytes, place: dict[str, int]) -> int:
    """The byte of a line and column, both counted from one, the column in characters."""
    lines = text.split(b"\n")
    before = sum(len(line) + 1 for line in lines[: place["line"] - 1])
    return before + len(lines[place["line"] - 1].decode()[: place["column"] - 1].encode())


def build(mutants: list[Mutant]) -> tuple[list[Path], list[Mutant]]:
    """The test binaries, and those mutants that aren't in them."""
    placed = plant(mutants, len(mutants))
    held = [it for it in mutants if it.number in placed]
    out = [it for it in mutants if it.number not in placed]
    for _ in range(ROUNDS_MAX):
        plant(held, len(mutants))
        told = cargo("test", "--no-run")
        wrong = blamed(told)
        if not wrong:
            return [Path(it["executable"]) for it in told if it.get("executable")], out
        out += [it for it in held if it.number in wrong]
        held = [it for it in held if it.number not in wrong]
        print(f"{len(out)} of {len(mutants)} don't compile behind a switch", file=sys.stderr)
    sys.exit(f"the mutants still don't compile after {ROUNDS_MAX} rounds: build {TREE} by hand")


def plant(mutants: list[Mutant], count: int) -> set[int]:
    """Which of them have a place."""
    changed = {}
    for file in {it.file for it in mutants}:
        of_file = [it for it in mutants if it.file == file]
        changed[file] = switched((sources.ROOT / file).read_bytes(), of_file).encode()
    library = f"{CRATE}/src/lib.rs"
    text = changed.get(library) or (sources.ROOT / library).read_bytes()
    switch = SWITCH
    for name, value in {"{ON}": ON, "{MET}": MET, "{COUNT}": str(count)}.items():
        switch = switch.replace(name, value)
    sources.copy(TREE, changed | {library: text + switch.encode()})
    return {int(number) for text in changed.values() for number in SWITCHED.findall(text)}


def cargo(*arguments: str) -> list[dict]:
    """What cargo tells. Optimised, because it is built once and run thousands of times; with overflow
    checks, because the tests have them."""
    environment = os.environ | {
        "CARGO_TARGET_DIR": str(PLACE / "built"),
        "CARGO_PROFILE_DEV_OPT_LEVEL": "1",
        "CARGO_PROFILE_DEV_DEBUG": "0",
    }
    command = ["cargo", *arguments, "-p", PACKAGE, "--locked", "--message-format", "json"]
    ran = subprocess.run(
        command, cwd=TREE, env=environment, capture_output=True, text=True, check=False
    )
    told = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    if ran.returncode and not any(it["reason"] == "compiler-message" for it in told):
        sys.exit(ran.stderr)
    return told


def blamed(told: list[dict]) -> set[int]:
    """The mutants at which the compiler stopped."""
    wrong = set()
    for message in (it["message"] for it in told if it["reason"] == "compiler-message"):
        if message["level"] != "error":
            continue
        is_open = (message["code"] or {}).get("code") == "E0004"
        for span in (it for it in message["spans"] if it["is_primary"]):
            text = (TREE / span["file_name"]).read_bytes()
            end = span["byte_end"] + (ARMS_BYTES if is_open else 0)
            inside = SWITCHED.findall(text[span["byte_start"] : end])
            before = SWITCHED.findall(text[: span["byte_start"]])
            if not inside and not before:
                sys.exit(message["rendered"])
            wrong.add(int(inside[0] if inside else before[-1]))
    return wrong
