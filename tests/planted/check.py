"""The list of planted bugs is as it should be: what `./test unit` can tell without building anything."""

import re
import unittest

from bugs import ROOT, all_bugs, planted

BUGS_MIN = 20
INVARIANTS = ROOT / "cli" / "src" / "simulation" / "soak" / "invariants.rs"


class Listed(unittest.TestCase):
    def setUp(self) -> None:
        self.bugs = all_bugs()

    def test_there_are_enough_and_each_has_a_name_and_a_sentence_of_its_own(self) -> None:
        self.assertGreaterEqual(len(self.bugs), BUGS_MIN)
        for of in (lambda bug: bug.id, lambda bug: bug.what):
            self.assertEqual(len(self.bugs), len(set(map(of, self.bugs))))
        for bug in self.bugs:
            self.assertRegex(bug.id, r"^[a-z]+(-[a-z]+)*$")
            self.assertTrue(bug.what.endswith("."), bug.what)
            self.assertNotEqual(bug.find, bug.replace)

    def test_each_can_still_be_planted(self) -> None:
        for file in {bug.file for bug in self.bugs}:
            source, of_file = (ROOT / file).read_text(), [b for b in self.bugs if b.file == file]
            with self.subTest(file):
                both = planted(source, of_file)
                for bug in of_file:
                    self.assertEqual(1, both.count(f'planted("{bug.id}")'), bug.id)

    def test_a_bug_that_has_lost_its_place_would_be_noticed(self) -> None:
        bug = self.bugs[0]
        for source in ("fn other() {}", f"{bug.find}; {bug.find}"):
            with self.assertRaises(ValueError):
                planted(source, [bug])

    def test_each_names_an_invariant_or_a_test_that_there_is(self) -> None:
        invariants = set(held())
        self.assertGreaterEqual(len(invariants), 22)
        for bug in self.bugs:
            self.assertTrue(bug.names, bug.id)
            if bug.tests:
                package, binary = bug.tests
                folder = ROOT / "shared" / package.removeprefix("snapkeep-") / "tests"
                texts = [path.read_text() for path in folder.rglob("*.rs") if binary in str(path)]
                for name in bug.names:
                    self.assertTrue(any(f"fn {name}(" in text for text in texts), name)
            else:
                self.assertLessEqual(set(bug.names), invariants, bug.id)

    def test_each_invariant_has_a_bug_that_breaks_it(self) -> None:
        broken = {name for bug in self.bugs for name in bug.names}
        for invariant, tests in held().items():
            self.assertTrue({invariant, *tests} & broken, invariant)


def held() -> dict[str, list[str]]:
    """The invariants, each with the tests that hold it, if any do."""
    entries = re.findall(r'\(\s*"(\w+)",\s*&\[(.*?)\],?\s*\),', INVARIANTS.read_text(), re.S)
    return {name: re.findall(r'Tested\(\s*"(\w+)"', how) for name, how in entries}


if __name__ == "__main__":
    unittest.main(verbosity=2)
