"""Writes the generated parts of the module's README files: inputs and outputs, by terraform-docs.

    python document.py

What stands between the two markers is replaced; all else in a file is written by people.
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
MODULE = HERE.parents[1] / "infra"
sys.path.append(str(HERE.parent / "terraform"))

import tools  # noqa: E402

PLACES = [MODULE, *sorted((MODULE / "modules").iterdir()), *sorted((MODULE / "examples").iterdir())]
BEGIN, END = "<!-- BEGIN_TF_DOCS -->", "<!-- END_TF_DOCS -->"
OPTIONS = (
    "markdown", "table", "--anchor=false", "--html=false", "--indent=3", "--lockfile=false",
    "--hide=header,footer,modules,providers,resources,data-sources,requirements", "--type=false",
)


def generated(place: pathlib.Path) -> str:
    # The type of `policies` alone is a page: variables.tf and policies.tf show types best.
    done = tools.run("terraform-docs", *OPTIONS, str(place), folder=place)
    if done.returncode:
        raise SystemExit(f"terraform-docs can't read {place.name}: {done.stderr.strip()}")
    return done.stdout.strip()


def documented(place: pathlib.Path) -> str:
    """The README file as it should be."""
    text = (place / "README.md").read_text()
    if BEGIN not in text or END not in text:
        lacks = f"README.md of {place.name} lacks {BEGIN} and {END}"
        raise SystemExit(f"{lacks}: add them where inputs and outputs belong")
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{generated(place)}\n{END}{rest.partition(END)[2]}"


def main() -> None:
    for place in PLACES:
        (place / "README.md").write_text(documented(place))


if __name__ == "__main__":
    main()
