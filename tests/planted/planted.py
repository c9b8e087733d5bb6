"""The tests are tested: each planted bug must be found within a minute of processor time, and without
one nothing may be.

What is tried is `snapkeep soak`, from seed 1 on, until the first violation. It must be of an invariant
that the bug breaks: to stumble over it some other way is not enough. Where a night can't show a
mistake, the test that does is run in its place.

    python3 planted.py                      all of them
    python3 planted.py Planted.test_no_cap  one
"""

import re
import unittest

from bugs import TREE, VARIABLE, Bug, all_bugs, build_command, build_tests, plant
from trial import Trial, attempt

CPU_SECONDS_MAX = 60
# More than a minute of processor time is enough for.
SEEDS = 45
# Runs die around whatever changes something; of all other calls so few are taken that the rest fits in.
STRIDE = 255
# Of a property: what a bug breaks once in some hundred draws is broken for sure.
CASES = 2_000
# A night of all seeds, and the many runs that make one failure small, take longer.
CPU_SECONDS_WITHOUT_BUG_MAX = 600
FAULTS_SHRUNK_MAX = 3
# Takes a fault to show, of which a night has dozens.
SHRUNK = "partial-list-is-no-doubt"

BUGS = {bug.id: bug for bug in all_bugs()}


class Planted(unittest.TestCase):
    """Has a test for each bug, beside those written out here."""

    @classmethod
    def setUpClass(cls) -> None:
        plant(list(BUGS.values()))
        cls.command = build_command()
        binaries = {bug.tests for bug in BUGS.values() if bug.tests}
        cls.binaries = {tests: build_tests(*tests) for tests in binaries}

    def soak(self, *options: str, bug: str = "", cpu_seconds_max: float) -> Trial:
        command = [str(self.command), "soak", "--output", "json", "--jobs", "2", *options]
        return attempt(command, TREE, cpu_seconds_max, **{VARIABLE: bug})

    def nights(self, bug: str, cpu_seconds_max: float = CPU_SECONDS_MAX) -> Trial:
        options = ("--seed", "1", "--seeds", str(SEEDS), "--fail-fast")
        return self.soak(*options, bug=bug, cpu_seconds_max=cpu_seconds_max)

    def scenarios(self, bug: str, cpu_seconds_max: float = CPU_SECONDS_MAX) -> Trial:
        options = ("--exhaustive", "--stride", str(STRIDE), "--fail-fast")
        return self.soak(*options, bug=bug, cpu_seconds_max=cpu_seconds_max)

    def run_test(self, bug: Bug, in_force: str) -> Trial:
        command = [str(self.binaries[bug.tests]), *bug.names]
        variables = {VARIABLE: in_force, "PROPTEST_CASES": str(CASES)}
        return attempt(command, TREE, CPU_SECONDS_MAX, **variables)

    def found_by_soak(self, bug: Bug) -> None:
        trial = self.scenarios(bug.id) if bug.scenarios else self.nights(bug.id)
        where = "scenario" if bug.scenarios else "seed"
        told = [(failure["invariant"], failure[where]) for failure in trial.told]
        named = [f"{name} in {where} {which}" for name, which in told if name in bug.names]
        seconds = f"{trial.cpu_seconds:.1f} CPU s"
        self.assertTrue(named, f"{bug.what} Not found in {seconds}; told: {told}\n{trial.output[-800:]}")
        self.assertEqual(1, trial.status)
        print(f"{bug.id}: {named[0]}, {seconds}")

    def found_by_test(self, bug: Bug) -> None:
        trial = self.run_test(bug, bug.id)
        for name in bug.names:
            self.assertRegex(trial.output, rf"(?m)^test .*\b{re.escape(name)} \.\.\. FAILED$", bug.what)
        self.assertNotEqual(0, trial.status)
        print(f"{bug.id}: test {bug.names[0]}, {trial.cpu_seconds:.1f} CPU s")

    def test_without_a_bug_nothing_is_found(self) -> None:
        for trial in (self.nights, self.scenarios):
            trial = trial("", CPU_SECONDS_WITHOUT_BUG_MAX)
            self.assertEqual((0, []), (trial.status, trial.told), trial.output[-800:])
        for bug in filter(lambda bug: bug.tests, BUGS.values()):
            trial = self.run_test(bug, "")
            self.assertEqual(0, trial.status, trial.output)
            self.assertRegex(trial.output, rf"test result: ok\. {len(bug.names)} passed")

    def test_a_violation_is_shrunk_to_few_faults_and_can_be_seen_again(self) -> None:
        bug = BUGS[SHRUNK]
        seed = next(it["seed"] for it in self.nights(bug.id).told if it["invariant"] in bug.names)
        one = ("--seed", str(seed), "--seeds", "1")
        many = self.soak(*one, bug=bug.id, cpu_seconds_max=CPU_SECONDS_WITHOUT_BUG_MAX)
        failure = next(it for it in many.told if it["invariant"] in bug.names)
        self.assertIn(len(failure["faults"]), range(1, FAULTS_SHRUNK_MAX + 1), failure)
        name, verb, *options = failure["replay"].split()
        self.assertEqual(["snapkeep", "soak"], [name, verb])
        again = self.soak(*options, bug=bug.id, cpu_seconds_max=CPU_SECONDS_MAX)
        self.assertIn(failure["what"], [it["what"] for it in again.told], failure["replay"])
        mended = self.soak(*options, cpu_seconds_max=CPU_SECONDS_MAX)
        self.assertEqual((0, []), (mended.status, mended.told))
        print(f"{failure['replay']}: {failure['invariant']} of {failure['faults']}")


def test_of(bug: Bug):
    def test(self: Planted) -> None:
        self.found_by_test(bug) if bug.tests else self.found_by_soak(bug)

    test.__doc__ = bug.what
    return test


for each in BUGS.values():
    setattr(Planted, f"test_{each.id.replace('-', '_')}", test_of(each))


if __name__ == "__main__":
    unittest.main(verbosity=2)
