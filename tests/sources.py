"""A copy of this repository's sources in which some are changed, for tests of the tests."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def copy(tree: Path, changed: dict[str, bytes]) -> None:
    """Makes the copy, with `changed` in the place of the files of these names. What is as it was isn't
    written again, so that cargo doesn't build it again."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.check_output(listed, cwd=ROOT, text=True).split("\0")
    sources = {name for name in names if name and (ROOT / name).is_file()}
    for name in sorted(sources):
        content = changed.get(name) or (ROOT / name).read_bytes()
        file = tree / name
        if not file.exists() or file.read_bytes() != content:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    for file in [path for path in tree.rglob("*") if path.is_file()]:
        if str(file.relative_to(tree)) not in sources:
            file.unlink()
