"""Holds two runs of differential.py against each other: Moto's, and the simulated account's.

    compare.py MOTO.jsonl SNAPKEEP.jsonl

Every difference must stand in differences.json with who is right and the page of the AWS
documentation that says so. One that isn't there fails, and so does one that is there and no longer
occurs.

    {"where": ["STEP FIELD", …],  globs; FIELD is `outcome` (ok or the error code) or a path
     "moto": …, "snapkeep": …,    the two values, null where the field is missing
     "right": "moto" | "snapkeep" | "either",
     "source": …, "why": …}
"""

import fnmatch
import json
import pathlib
import sys

LISTED = pathlib.Path(__file__).parent / "differences.json"
RIGHT = ("moto", "snapkeep", "either")


def main(arguments: list[str]) -> int:
    moto, snapkeep = (steps(pathlib.Path(path).read_text()) for path in arguments)
    listed = json.loads(LISTED.read_text())
    faults = incomplete(listed) + compared(moto, snapkeep, listed)
    print("\n".join(faults))
    print(f"{len(moto)} steps, {len(listed)} listed differences, {len(faults)} faults")
    return 1 if faults else 0


def steps(text: str) -> dict[str, dict]:
    """Step → field → value."""
    found = {}
    for line in map(json.loads, text.splitlines()):
        found[line["step"]] = {"outcome": line.get("error", "ok")} | line.get("answer", {})
    return found


def incomplete(listed: list[dict]) -> list[str]:
    """Entries that don't say who is right, by which source, and why."""
    return [
        f"incomplete in {LISTED.name}: {entry.get('where')}"
        for entry in listed
        if entry.get("right") not in RIGHT or not entry.get("source") or not entry.get("why")
    ]


def compared(moto: dict, snapkeep: dict, listed: list[dict]) -> list[str]:
    """What isn't listed and what is listed in vain."""
    if moto.keys() != snapkeep.keys():
        return [f"not the same steps: {sorted(moto.keys() ^ snapkeep.keys())}"]
    entries = {(number, where) for number, entry in enumerate(listed) for where in entry["where"]}
    unused, faults = set(entries), []
    for place, left, right in differences(moto, snapkeep):
        matching = {
            (number, where)
            for number, where in entries
            if fnmatch.fnmatchcase(place, where)
            and listed[number]["moto"] == left
            and listed[number]["snapkeep"] == right
        }
        unused -= matching
        if not matching:
            faults.append(f"not listed: {place}: moto {left!r}, snapkeep {right!r}")
    faults += [f"listed, but no longer so: {where}" for _, where in sorted(unused)]
    return faults


def differences(moto: dict, snapkeep: dict):
    """Each place where the two differ. Where one of them refuses, only that is told."""
    for step, left in moto.items():
        right = snapkeep[step]
        both_ok = left["outcome"] == right["outcome"] == "ok"
        for field in sorted(left | right) if both_ok else ["outcome"]:
            if left.get(field) != right.get(field):
                yield f"{step} {field}", left.get(field), right.get(field)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
