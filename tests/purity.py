"""shared/policy decides from its arguments alone: this holds its dependencies and sources to it.

clippy's disallowed lists catch the known calls by their resolved paths; here are the crates it may
not even depend on, and the words that have no business in it. Every rule is tried on a line that
breaks it, so that none can rot into a rule that nothing breaks.
"""

import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
CRATE = ROOT / "shared" / "policy"
PACKAGE = "snapkeep-policy"

FORBIDDEN_CRATES = re.compile(
    r"^(tokio|async-.*|futures.*|hyper.*|h2|http|reqwest|rustls.*|aws-.*|lambda_runtime"
    r"|rand|getrandom|chrono|tracing.*|snapkeep-.*)$"
)

# What no source line may hold, and a line that does.
FORBIDDEN_WORDS = {
    r"\bSystemTime\b|\bInstant\b|\b\w+::now\(": "let late = SystemTime::now();",
    r"\bstd::(env|fs|io|net|process|thread)\b": "let zone = std::env::var(name);",
    r"\buse std::\{[^}]*\b(env|fs|io|net|process|thread)\b": "use std::{env, fmt};",
    r"\bHash(Map|Set)\b": "let seen: HashSet<&str> = points.collect();",
    r"\basync\b|\.await\b": "pub async fn plan() {}",
    r"\bunsafe\b": "unsafe { start() }",
    r"\bstatic mut\b|\bthread_local!|\bOnceLock\b|\bLazyLock\b": "static mut LAST: u32 = 0;",
    r"\be?print(ln)?!": 'println!("{plan:?}");',
}

# A crate that does what clippy.toml of shared/policy forbids, call by call.
PROBE = """
//! Breaks every rule that can be broken with the standard library alone.
pub fn breaks() {
    let _ = std::env::var("A");
    let _ = std::env::var_os("A");
    let _ = std::time::SystemTime::now();
    let _ = std::time::Instant::now();
    let _: std::collections::HashMap<u8, u8>;
    let _: std::collections::HashSet<u8>;
}
"""


def forbidden_crates(tree: str) -> list[str]:
    """The crates of a `cargo tree --prefix none` that a pure crate can't have."""
    names = {line.split()[0] for line in tree.splitlines() if line.strip()} - {PACKAGE}
    return sorted(filter(FORBIDDEN_CRATES.match, names))


def forbidden_lines(source: str) -> list[str]:
    """The lines, comments aside, that hold a forbidden word."""
    code = [re.sub(r"//.*", "", line) for line in source.splitlines()]
    return [line for line in code if any(re.search(word, line) for word in FORBIDDEN_WORDS)]


def cargo(*arguments: str, cwd: pathlib.Path = ROOT, **options) -> subprocess.CompletedProcess:
    return subprocess.run(["cargo", *arguments], cwd=cwd, capture_output=True, text=True, **options)


class Purity(unittest.TestCase):
    def test_the_policy_depends_on_nothing_that_does_anything(self) -> None:
        tree = cargo("tree", "--locked", "-e", "normal", "--prefix", "none", "-p", PACKAGE)
        self.assertEqual(0, tree.returncode, tree.stderr)
        self.assertIn("serde ", tree.stdout)
        self.assertEqual([], forbidden_crates(tree.stdout))

    def test_a_forbidden_dependency_would_be_found(self) -> None:
        tree = f"{PACKAGE} v0.1.0\nserde v1.0.0\naws-sdk-rds v1.0.0\ntokio v1.0.0 (*)\n"
        self.assertEqual(["aws-sdk-rds", "tokio"], forbidden_crates(tree))

    def test_the_sources_hold_no_clock_no_environment_and_no_unordered_map(self) -> None:
        sources = sorted((CRATE / "src").rglob("*.rs"))
        self.assertGreater(len(sources), 5)
        found = {str(p.relative_to(ROOT)): forbidden_lines(p.read_text()) for p in sources}
        self.assertEqual({}, {path: lines for path, lines in found.items() if lines})

    def test_each_forbidden_word_would_be_found(self) -> None:
        for word, line in FORBIDDEN_WORDS.items():
            with self.subTest(word):
                self.assertRegex(line, word)
                self.assertEqual([line], forbidden_lines(f"let fine = 1;\n{line}\n"))

    def test_clippy_finds_each_call_that_its_list_forbids(self) -> None:
        probe = ROOT / "target" / "purity-probe"
        (probe / "src").mkdir(parents=True, exist_ok=True)
        manifest = '[package]\nname = "probe"\nedition = "2024"\n[workspace]\n'
        (probe / "Cargo.toml").write_text(manifest)
        (probe / "src" / "lib.rs").write_text(PROBE)
        (probe / "clippy.toml").write_text((CRATE / "clippy.toml").read_text())
        lint = cargo("clippy", "--offline", "--", "-D", "warnings", cwd=probe)
        self.assertNotEqual(0, lint.returncode)
        for line in PROBE.splitlines():
            if path := re.search(r"std::(?:\w+::)+\w+", line):
                self.assertIn(f"`{path.group()}`", lint.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
