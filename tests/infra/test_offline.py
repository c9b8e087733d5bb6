"""What can be said of the configuration without applying it: format, validity, lints, documents."""

import pathlib
import re
import shutil
import subprocess
import unittest

import deployment
from deployment import MODULE, REPOSITORY, environment
from terraform import Root, program
import tools

NOT_OURS = shutil.ignore_patterns(".terraform*", "terraform.tfstate*")
ROOTS = [pathlib.Path("."), *sorted(p.relative_to(MODULE) for p in MODULE.glob("examples/*"))]
MODULES = [*ROOTS, pathlib.Path("modules/function")]
WILDCARD = re.compile(r'resources\s*=\s*\["\*"\]')
# Where what tools say begins and ends in a README.
BEGIN, END = "<!-- BEGIN_TF_DOCS -->", "<!-- END_TF_DOCS -->"


class Offline(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.copied = deployment.folder() / "offline"
        shutil.copytree(MODULE, cls.copied, ignore=NOT_OURS)

    def test_it_is_formatted(self) -> None:
        command = [program(), "fmt", "-check", "-recursive", "-diff", str(MODULE)]
        done = subprocess.run(command, text=True, capture_output=True)
        self.assertEqual(0, done.returncode, done.stdout)

    def test_the_module_and_its_examples_are_valid(self) -> None:
        for place in ROOTS:
            with self.subTest(place=place):
                root = Root(self.copied / place, environment("http://127.0.0.1:9"))
                root.init()
                root.validate()

    def test_the_modules_own_tests_pass(self) -> None:
        root = Root(self.copied, environment("http://127.0.0.1:9"))
        root.init()
        said = root.run("test", "-no-color").stdout
        self.assertRegex(said, r"Success! [1-9]\d* passed, 0 failed")

    def test_tflint_finds_nothing(self) -> None:
        for place in MODULES:
            with self.subTest(place=place):
                done = tools.run("tflint", "--format=compact", folder=self.copied / place)
                self.assertEqual("", done.stdout.strip())
                self.assertEqual(0, done.returncode, done.stderr)

    def test_checkov_finds_nothing_but_what_is_justified_in_place(self) -> None:
        options = ["-d", ".", "--framework", "terraform", "--compact", "--quiet"]
        done = tools.run("checkov", *options, folder=self.copied)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertRegex(done.stdout + "Failed checks: 0", "Failed checks: 0")

    def test_no_resource_is_a_wildcard_without_a_comment(self) -> None:
        for file in sorted(MODULE.rglob("*.tf")):
            lines = file.read_text().split("\n")
            for number, line in enumerate(lines):
                if WILDCARD.search(line):
                    with self.subTest(place=f"{file.relative_to(REPOSITORY)}:{number + 1}"):
                        self.assertTrue(said_why(lines, number), "say why, above the statement")

    def test_the_readmes_name_every_input_and_output_as_it_is(self) -> None:
        for place in MODULES:
            with self.subTest(place=place):
                self.assertEqual(documents(self.copied / place), generated(MODULE / place / "README.md"))


def said_why(lines: list[str], number: int) -> bool:
    """Whether a comment or a justified exception stands before the block that the line is in."""
    block = next(n for n in range(number, 0, -1) if re.match(r"\s*(statement|content|data) ?.*{", lines[n]))
    before = "\n".join(lines[max(0, block - 8):number])
    return "#" in before


def documents(place: pathlib.Path) -> str:
    """Inputs and outputs, as terraform-docs writes them."""
    options = ["markdown", "table", "--hide=modules,resources,providers,requirements,data-sources"]
    done = tools.run("terraform-docs", *options, ".", folder=place)
    if done.returncode:
        raise AssertionError(done.stderr)
    return done.stdout.strip()


def generated(readme: pathlib.Path) -> str:
    return readme.read_text().partition(BEGIN)[2].partition(END)[0].strip()


def write() -> None:
    """Renews what is generated: `python test_offline.py write`."""
    for place in MODULES:
        readme = MODULE / place / "README.md"
        before, _, rest = readme.read_text().partition(BEGIN)
        after = rest.partition(END)[2]
        readme.write_text(f"{before}{BEGIN}\n{documents(MODULE / place)}\n{END}{after}")


if __name__ == "__main__":
    import sys

    write() if sys.argv[1:] == ["write"] else unittest.main()
