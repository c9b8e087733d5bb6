"""What can be said of the Terraform module without an account: form, validity, its own tests, what
tflint and checkov find, and whether the generated parts of its README files are up to date.

    python -m unittest -v test_offline

Nothing is written into the module's folders but by `document.py`; Terraform runs on a copy.
"""

import json
import re
import shutil
import unittest

import document
import tools
from deployment import MODULE, Root, copied, folder
from terraform import program

EXAMPLES = sorted(path.name for path in (MODULE / "examples").iterdir())
STATEMENT = re.compile(r"^\s*statement\s*{")
EVERYTHING = re.compile(r'^\s*(not_)?resources\s*=.*"\*"')
# Terraform's exit code if a file isn't formatted.
UNFORMATTED = 3


class TheModule(unittest.TestCase):
    def test_is_formatted(self) -> None:
        done = Root(MODULE, {}).run("fmt", "-check", "-recursive", expected=(0, UNFORMATTED))
        self.assertEqual(done.stdout, "", f"run {program()} fmt -recursive infra")

    def test_is_valid_and_so_is_each_example(self) -> None:
        self.assertGreaterEqual(len(EXAMPLES), 5)
        for place in (copied(), *(copied() / "examples" / name for name in EXAMPLES)):
            with self.subTest(place.name):
                root = Root(place, {})
                root.init()
                root.validate()

    def test_passes_its_own_tests(self) -> None:
        root = Root(copied(), {})
        root.init()
        said = root.run("test", "-no-color").stdout
        self.assertRegex(said, r"Success! \d\d passed, 0 failed\.")

    def test_gives_a_linter_nothing_to_say(self) -> None:
        for place in document.PLACES:
            with self.subTest(place.name):
                done = tools.run("tflint", "--no-color", folder=place)
                self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)


class WhatCheckovFinds(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        options = ("--framework", "terraform", "--output", "json", "--quiet", "--directory")
        done = tools.run("checkov", *options, str(MODULE), folder=MODULE)
        cls.report = json.loads(done.stdout)
        text = "\n".join(file.read_text() for file in MODULE.rglob("*.tf"))
        cls.skipped = re.findall(r"#checkov:skip=(\w+):?(.*)", text)

    def test_is_nothing_that_has_no_reason(self) -> None:
        failed = {
            f"{each['check_id']} {each['resource']}: {each['check_name']}"
            for each in self.report["results"]["failed_checks"]
        }
        self.assertEqual(failed, set())
        self.assertGreater(self.report["summary"]["passed"], 300)
        self.assertEqual(self.report["summary"]["parsing_errors"], 0)

    def test_has_a_reason_wherever_it_is_skipped(self) -> None:
        self.assertTrue(self.skipped)
        for identifier, reason in self.skipped:
            self.assertGreater(len(reason.split()), 1, identifier)


class AnyResource(unittest.TestCase):
    def test_is_allowed_only_with_a_reason_above_it(self) -> None:
        unexplained, seen = [], 0
        for file in sorted(MODULE.rglob("*.tf")):
            lines = file.read_text().splitlines()
            for number, line in enumerate(lines):
                if EVERYTHING.match(line):
                    seen += 1
                    if not explained(lines, number):
                        unexplained.append(f"{file.relative_to(MODULE)}:{number + 1}")
        self.assertGreater(seen, 0, "the check finds none and would find nothing")
        self.assertEqual(unexplained, [])


def explained(lines: list[str], number: int) -> bool:
    """Whether a comment is in the same statement above that line, or right above the statement."""
    for line in reversed(lines[:number]):
        if line.lstrip().startswith("#"):
            return True
        if STATEMENT.match(line):
            begun = lines[:number][::-1].index(line) + 1
            return lines[number - begun - 1].lstrip().startswith("#")
    return False


class TheReadmeFiles(unittest.TestCase):
    def test_say_what_the_module_takes_and_gives(self) -> None:
        for place in document.PLACES:
            with self.subTest(place.name):
                written = (place / "README.md").read_text()
                self.assertEqual(written, document.documented(place), "run tests/infra/document.py")

    def test_are_there_for_each_example(self) -> None:
        for name in EXAMPLES:
            self.assertTrue((MODULE / "examples" / name / "README.md").exists(), name)

    def test_are_stale_once_a_variable_changes(self) -> None:
        place = folder() / "stale"
        shutil.copytree(MODULE / "modules" / "function", place)
        written = (place / "README.md").read_text()
        self.assertEqual(written, document.documented(place))
        (place / "more.tf").write_text('variable "more" {\n  description = "More."\n}\n')
        self.assertNotEqual(written, document.documented(place))


if __name__ == "__main__":
    unittest.main()
