"""Switches stand where they should, and with none of them in force a source means what it meant."""

import unittest

from switch import NOTHING, Mutant, switched


def mutant(source: str, number: int, genre: str, at: str, replacement: str) -> Mutant:
    """A change of what stands at `at`, which occurs once."""
    start = source.index(at)
    return Mutant(number, "f.rs", "f.rs:1:1", "", "", genre, replacement, start, start + len(at))


class Switches(unittest.TestCase):
    def written(self, source: str, *changes: tuple[str, str, str]) -> str:
        mutants = [mutant(source, number, *change) for number, change in enumerate(changes)]
        return switched(source.encode(), mutants)

    def test_a_comparison_has_a_branch_for_each_of_its_mutants(self) -> None:
        changes = [("BinaryOperator", "<", other) for other in ("==", ">")]
        self.assertEqual(
            "fn f() { (if crate::mutant(0) { a == b } else if crate::mutant(1) { a > b } else { a < b }) }",
            self.written("fn f() { a < b }", *changes),
        )

    def test_a_conjunction_evaluates_its_second_operand_only_where_it_counts(self) -> None:
        self.assertEqual(
            "fn f() { (if (a) != crate::mutant(0) { b } else { crate::mutant(0) }) }",
            self.written("fn f() { a && b }", ("BinaryOperator", "&&", "||")),
        )
        self.assertEqual(
            "fn f() { (if (a) != crate::mutant(0) { !crate::mutant(0) } else { b }) }",
            self.written("fn f() { a || b }", ("BinaryOperator", "||", "&&")),
        )

    def test_operands_keep_their_own(self) -> None:
        changes = ("BinaryOperator", "&&", "||"), ("UnaryOperator", "!", "")
        self.assertEqual(
            "fn f() { (if ((if crate::mutant(1) { a } else { !a })) != crate::mutant(0) "
            "{ b } else { crate::mutant(0) }) }",
            self.written("fn f() { !a && b }", *changes),
        )

    def test_a_body_is_left_before_it_begins(self) -> None:
        body = ("FnValue", "a == b", "true")
        self.assertEqual(
            "fn f() -> bool { if crate::mutant(0) { return true; } "
            "(if crate::mutant(1) { a != b } else { a == b }) }",
            self.written("fn f() -> bool { a == b }", body, ("BinaryOperator", "==", "!=")),
        )

    def test_an_opaque_body_is_emptied(self) -> None:
        self.assertEqual(
            "fn f() -> impl Iterator<Item = u8> "
            "{ ::std::iter::Iterator::chain(::std::iter::Iterator::filter({ all }, "
            "|_| !(crate::mutant(0) || crate::mutant(1))), "
            "crate::mutant(1).then(|| once(0)).into_iter().flatten()) }",
            self.written(
                "fn f() -> impl Iterator<Item = u8> { all }",
                ("FnValue", "all", NOTHING),
                ("FnValue", "all", "once(0)"),
            ),
        )

    def test_arms_and_guards(self) -> None:
        source = "fn f() { match a { 1 => x, n if n > 2 => y, _ => z } }"
        changes = [("MatchArm", "1 => x,", "")]
        changes += [("MatchArmGuard", "n > 2", it) for it in ("true", "false")]
        self.assertEqual(
            "fn f() { match a { 1 if !crate::mutant(0) => x, "
            "n if (!crate::mutant(2) && (crate::mutant(1) || (n > 2))) => y, _ => z } }",
            self.written(source, *changes),
        )

    def test_a_field_falls_back_to_the_rest(self) -> None:
        self.assertEqual(
            "fn f() { S { a: if crate::mutant(0) { let rest: S = d(); rest.a } else { b }, ..d() } }",
            self.written("fn f() { S { a: b, ..d() } }", ("StructField", "a: b,", "")),
        )

    def test_what_has_no_place_is_left_as_it_is(self) -> None:
        source = "fn f() { if let Some(a) = b && c {} }"
        self.assertEqual(source, self.written(source, ("BinaryOperator", "&&", "||")))


if __name__ == "__main__":
    unittest.main()
