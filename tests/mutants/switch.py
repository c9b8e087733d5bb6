"""Puts mutants behind switches: a source in which none is in force until its number is named.

    a && b                (if (a) != crate::mutant(7) { b } else { crate::mutant(7) })
    a < b                 (if crate::mutant(8) { a == b } else { a < b })
    fn f() -> T { b }     fn f() -> T { if crate::mutant(9) { return Default::default(); } b }
    x if y =>             x if (crate::mutant(10) || (y)) =>

An operand that stands twice holds its own switches twice, with the same numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass

import tree_sitter_rust
from tree_sitter import Language, Node, Parser, Tree

LANGUAGE = Language(tree_sitter_rust.language())
NOTHING = "::std::iter::empty()"
ITERATOR = "::std::iter::Iterator::"


@dataclass(frozen=True)
class Mutant:
    """A change that cargo-mutants would make to a source."""

    number: int
    file: str
    # File, line and column; what is changed there; the line itself.
    place: str
    change: str
    line: str
    genre: str
    replacement: str
    # Bytes of the source: the operator, the body, the guard, the arm or the field.
    start: int
    end: int


@dataclass
class Place:
    """What is written anew: a range of the source, by the mutants that it has."""

    start: int
    end: int
    write: Callable[[Callable[[int, int], str]], str]


def switched(source: bytes, mutants: list[Mutant]) -> str:
    """The source with these mutants. Those that have no place, because of how they change it, aren't in it."""
    tree = Parser(LANGUAGE).parse(source)
    grouped: dict[tuple[str, int, int], list[Mutant]] = {}
    for mutant in mutants:
        grouped.setdefault((mutant.genre, mutant.start, mutant.end), []).append(mutant)
    places = [place for group in grouped.values() if (place := placed(tree, source, group))]
    # What holds another comes before it; what is only put in comes before what begins there.
    places.sort(key=lambda it: (it.start, it.end != it.start, -it.end))
    return Writer(source, places).write(0, len(source), 0)


class Writer:
    def __init__(self, source: bytes, places: list[Place]) -> None:
        self.source, self.places = source, places

    def write(self, start: int, end: int, first: int) -> str:
        """The range, with the places in it from `first` on."""
        written, at = [], start
        for index in range(first, len(self.places)):
            place = self.places[index]
            if place.start >= end:
                break
            # In what was just written, or around the range.
            if place.start < at or place.end > end:
                continue
            written.append(self.source[at : place.start].decode())
            written.append(place.write(lambda a, b, next=index + 1: self.write(a, b, next)))
            at = place.end
        written.append(self.source[at:end].decode())
        return "".join(written)


def on(mutant: Mutant) -> str:
    return f"crate::mutant({mutant.number})"


def placed(tree: Tree, source: bytes, group: list[Mutant]) -> Place | None:
    """Where and how these mutants of one span are put, if they can be."""
    genre, start, end = group[0].genre, group[0].start, group[0].end
    node = tree.root_node.descendant_for_byte_range(start, end)
    first = tree.root_node.descendant_for_byte_range(start, start)
    match genre:
        case "FnValue":
            is_opaque = any(it.replacement == NOTHING for it in group)
            return opaque_body(group) if is_opaque else body(group)
        case "BinaryOperator":
            return binary(node.parent, source, group)
        case "UnaryOperator":
            return unary(node.parent, group[0])
        case "MatchArmGuard":
            return guard(group)
        case "MatchArm":
            return arm(first, group[0])
        case "StructField":
            return field(first, group[0])
    return None


def opaque_body(group: list[Mutant]) -> Place:
    """Of a type that only the body names, so that another value can't be given: it is emptied, and what
    a mutant would give in its place is put behind."""
    start, end = group[0].start, group[0].end

    def write(inner: Callable[[int, int], str]) -> str:
        is_on = " || ".join(on(it) for it in group)
        written = f"{ITERATOR}filter({{ {inner(start, end)} }}, |_| !({is_on}))"
        for it in group:
            if it.replacement != NOTHING:
                other = f"{on(it)}.then(|| {it.replacement}).into_iter().flatten()"
                written = f"{ITERATOR}chain({written}, {other})"
        return written

    return Place(start, end, write)


def body(group: list[Mutant]) -> Place:
    early = [f"if {on(it)} {{ return {it.replacement}; }} " for it in group]
    return Place(group[0].start, group[0].start, lambda _: "".join(early))


def binary(node: Node, source: bytes, group: list[Mutant]) -> Place | None:
    if node.type not in ("binary_expression", "compound_assignment_expr"):
        return None
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = source[group[0].start : group[0].end].decode()

    def write(inner: Callable[[int, int], str]) -> str:
        a = inner(left.start_byte, left.end_byte)
        b = inner(right.start_byte, right.end_byte)
        if {operator, group[0].replacement} == {"&&", "||"}:
            return logical(a, operator, b, on(group[0]))
        changed = "".join(f"if {on(it)} {{ {a} {it.replacement} {b} }} else " for it in group)
        return f"({changed}{{ {a} {operator} {b} }})"

    return Place(node.start_byte, node.end_byte, write)


def logical(a: str, operator: str, b: str, is_on: str) -> str:
    """Both operands stand once, however deep they are nested, and `b` counts only where `a` leaves it open."""
    if operator == "&&":
        return f"(if ({a}) != {is_on} {{ {b} }} else {{ {is_on} }})"
    return f"(if ({a}) != {is_on} {{ !{is_on} }} else {{ {b} }})"


def unary(node: Node, mutant: Mutant) -> Place | None:
    if node.type != "unary_expression":
        return None
    operand = node.children[1]

    def write(inner: Callable[[int, int], str]) -> str:
        a = inner(operand.start_byte, operand.end_byte)
        return f"(if {on(mutant)} {{ {a} }} else {{ {node.children[0].text.decode()}{a} }})"

    return Place(node.start_byte, node.end_byte, write)


def guard(group: list[Mutant]) -> Place:
    start, end = group[0].start, group[0].end

    def write(inner: Callable[[int, int], str]) -> str:
        written = f"({inner(start, end)})"
        for it in group:
            written = f"({on(it)} || {written})" if it.replacement == "true" else f"(!{on(it)} && {written})"
        return written

    return Place(start, end, write)


def arm(node: Node, mutant: Mutant) -> Place | None:
    while node and node.type != "match_arm":
        node = node.parent
    pattern = node and node.child_by_field_name("pattern")
    if not pattern or pattern.child_by_field_name("condition"):
        return None
    return Place(pattern.end_byte, pattern.end_byte, lambda _: f" if !{on(mutant)}")


def field(node: Node, mutant: Mutant) -> Place | None:
    while node and node.type not in ("field_initializer", "shorthand_field_initializer"):
        node = node.parent
    if not node:
        return None
    struct = node.parent.parent
    base = next((it for it in node.parent.children if it.type == "base_field_initializer"), None)
    if not base:
        return None
    name = (node.child_by_field_name("field") or node.children[0]).text.decode()
    value = node.child_by_field_name("value") or node.children[0]
    kind = struct.child_by_field_name("name").text.decode()
    rest = base.children[1].text.decode()

    def write(inner: Callable[[int, int], str]) -> str:
        own = inner(value.start_byte, value.end_byte)
        # A variable is still needed for the other fields; a call needs to be told what it makes.
        plain = f"{{ {rest}.{name}.clone() }}"
        other = plain if rest.isidentifier() else f"{{ let rest: {kind} = {rest}; rest.{name} }}"
        return f"{name}: if {on(mutant)} {other} else {{ {own} }}"

    return Place(node.start_byte, node.end_byte, write)
