"""compare.py finds what it is for. Run with python -m unittest."""

import unittest

import compare

ENTRY = {"right": "snapkeep", "source": "API reference", "why": "so"}


def run(outcome: str = "ok", **answer) -> dict:
    return {"step": {"outcome": outcome} | answer}


class Comparison(unittest.TestCase):
    def test_equal_runs_have_no_fault(self) -> None:
        self.assertEqual([], compare.compared(run(Status="creating"), run(Status="creating"), []))

    def test_a_difference_that_is_not_listed_is_a_fault(self) -> None:
        (fault,) = compare.compared(run(Status="creating"), run(Status="available"), [])
        self.assertIn("not listed: step Status", fault)

    def test_a_listed_difference_is_none(self) -> None:
        listed = [ENTRY | {"where": ["step Sta*"], "moto": "creating", "snapkeep": None}]
        self.assertEqual([], compare.compared(run(Status="creating"), run(), listed))

    def test_a_listed_difference_with_another_value_is_a_fault_twice_over(self) -> None:
        listed = [ENTRY | {"where": ["step Status"], "moto": "creating", "snapkeep": None}]
        faults = compare.compared(run(Status="failed"), run(), listed)
        self.assertEqual(2, len(faults))

    def test_a_listed_difference_that_is_gone_is_a_fault(self) -> None:
        listed = [ENTRY | {"where": ["step Status"], "moto": "creating", "snapkeep": None}]
        (fault,) = compare.compared(run(Status="creating"), run(Status="creating"), listed)
        self.assertIn("no longer so", fault)

    def test_a_refusal_is_one_difference_whatever_the_other_answered(self) -> None:
        faults = compare.compared(run("Throttling"), run(Status="creating", Engine="docdb"), [])
        self.assertEqual(1, len(faults))

    def test_a_missing_step_is_a_fault(self) -> None:
        self.assertEqual(1, len(compare.compared(run(), {}, [])))

    def test_an_entry_names_who_is_right_and_the_source(self) -> None:
        entry = ENTRY | {"where": ["x"]}
        self.assertEqual([], compare.incomplete([entry]))
        for key in ("right", "source", "why"):
            self.assertEqual(1, len(compare.incomplete([{**entry, key: ""}])))


if __name__ == "__main__":
    unittest.main()
