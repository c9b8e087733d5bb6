"""./test counts right: a check that failed, crashed or never ran can't end up among the passed."""

import importlib.machinery
import importlib.util
import pathlib
import unittest

PATH = pathlib.Path(__file__).resolve().parent.parent / "test"


def front_door():
    """./test as a module; it has no extension by which Python would know it."""
    loader = importlib.machinery.SourceFileLoader("front_door_of_snapkeep", str(PATH))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


class FrontDoor(unittest.TestCase):
    def setUp(self) -> None:
        self.test = front_door()

    def counts(self, read, status: int, *lines: str) -> str:
        return str(read(self.test.Output(status, "\n".join(lines) + "\n")))

    def test_all_binaries_of_a_cargo_run_are_added_up(self) -> None:
        closing = "test result: {}. {} passed; {} failed; {} ignored; 0 measured; 0 filtered out;"
        lines = closing.format("ok", 12, 0, 1), closing.format("FAILED", 3, 2, 0)
        read = self.test.cargo_tests
        self.assertEqual("15 passed, 2 failed, 1 skipped", self.counts(read, 101, *lines))

    def test_what_does_not_compile_has_failed(self) -> None:
        read = self.test.cargo_tests
        self.assertEqual("0 passed, 1 failed, 0 skipped", self.counts(read, 101, "error[E0308]"))

    def test_a_crash_after_passed_tests_has_failed(self) -> None:
        line = "test result: ok. 4 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out;"
        read = self.test.cargo_tests
        self.assertEqual("4 passed, 1 failed, 0 skipped", self.counts(read, 134, line))

    def test_a_run_of_no_test_has_failed(self) -> None:
        line = "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out;"
        for read in (self.test.cargo_tests, self.test.python_check):
            self.assertEqual("0 passed, 1 failed, 0 skipped", self.counts(read, 0, line))

    def test_python_checks_are_counted(self) -> None:
        read, ran = self.test.python_check, "\nRan 9 tests in 1.2s\n"
        self.assertEqual("9 passed, 0 failed, 0 skipped", self.counts(read, 0, ran, "OK"))
        closing = "FAILED (failures=1, errors=2, skipped=3)"
        self.assertEqual("3 passed, 3 failed, 3 skipped", self.counts(read, 1, ran, closing))

    def test_the_environment_of_a_check_names_no_account_of_ours(self) -> None:
        self.test.os.environ["AWS_PROFILE"] = "production"
        self.addCleanup(self.test.os.environ.pop, "AWS_PROFILE")
        self.assertNotIn("AWS_PROFILE", self.test.clean_environment())

    def test_every_stage_has_a_name_of_its_own(self) -> None:
        names = [stage.name for stage in self.test.STAGES + self.test.ON_DEMAND]
        self.assertEqual(len(names), len(set(names)))
        with self.assertRaises(SystemExit):
            self.test.choose(["nonsense"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
