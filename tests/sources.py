"""A copy of this repository's sources in which some are changed, for tests of the tests."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Cargo tells two crates of one name apart by their version, and not by their folder. With the same one, what
# is built of a copy would pass for what is built of the sources wherever both share a build folder.
OWN, COPIED = "0.1.0", "0.1.0-copy"


def copy(tree: Path, changed: dict[str, bytes]) -> None:
    """Makes the copy, with `changed` in the place of the files of these names. What is as it was isn't
    written again, so that cargo doesn't build it again."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.check_output(listed, cwd=ROOT, text=True).split("\0")
    sources = {name for name in names if name and (ROOT / name).is_file()}
    for name in sorted(sources):
        content = changed.get(name) or (ROOT / name).read_bytes()
        if name in ("Cargo.toml", "Cargo.lock"):
            content = renumbered(content.decode()).encode()
        file = tree / name
        if not file.exists() or file.read_bytes() != content:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    for file in [path for path in tree.rglob("*") if path.is_file()]:
        if str(file.relative_to(tree)) not in sources:
            file.unlink()


def renumbered(manifest: str) -> str:
    """The workspace's manifest or lock file with the version that a copy has."""
    ours = rf'(\[workspace\.package\]\n|name = "snapkeep[^"]*"\n)version = "{re.escape(OWN)}"'
    text, count = re.subn(ours, rf'\1version = "{COPIED}"', manifest)
    if not count:
        raise ValueError(f"no version {OWN} of ours is there: say in sources.py which it is")
    return text
