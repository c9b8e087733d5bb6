"""./test counts right: a check that failed, crashed or never ran can't end up among the passed. And
./bench, which ./test doesn't run, is at least read, and knows where its figures go."""

import contextlib
import importlib.machinery
import importlib.util
import io
import pathlib
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent


def front_door(name: str = "test"):
    """./test or ./bench as a module; it has no extension by which Python would know it."""
    loader = importlib.machinery.SourceFileLoader(f"{name}_of_snapkeep", str(ROOT / name))
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

    def test_a_stage_beside_the_others_that_comes_to_no_end_has_failed(self) -> None:
        beside = self.test.Beside(self.test.Stage("nonsense", "no such stage", lambda: None))
        with contextlib.redirect_stdout(io.StringIO()) as shown:
            _, tally, _ = beside.result()
        self.assertEqual("0 passed, 1 failed, 0 skipped", str(tally))
        self.assertIn("no stage 'nonsense'", shown.getvalue())

    def test_a_stage_beside_the_others_is_counted_with_them(self) -> None:
        beside = self.test.Beside(next(s for s in self.test.STAGES if s.name == "fmt"))
        with contextlib.redirect_stdout(io.StringIO()) as shown:
            _, tally, _ = beside.result()
        self.assertEqual(1, tally.passed + tally.failed)
        self.assertNotIn("passed,", shown.getvalue())


class Bench(unittest.TestCase):
    def setUp(self) -> None:
        self.bench = front_door("bench")

    def test_every_part_has_its_place_on_the_page(self) -> None:
        page = self.bench.PAGE.read_text()
        for part in self.bench.PARTS:
            self.assertIn(f"<!-- bench:{part} -->\n", page)
            self.assertIn(f"<!-- /bench:{part} -->", page)

    def test_what_others_would_call_is_counted_by_their_formulas(self) -> None:
        # One database: 41 and 22 snapshots, a page in each region, one too many in each.
        fleet = {"databases": 1, "originals": 41, "copies": 22, "expired": 2}
        self.assertEqual(["67", "20"], self.bench.peers(fleet))


if __name__ == "__main__":
    unittest.main(verbosity=2)
