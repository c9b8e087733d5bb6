//! The 57 kinds of bad input, each by its number, with the very line that is said of it or, where an
//! input is no mistake, what becomes of it. `docs/errors.md` lists them for people; what the
//! environment says (S) and the topic's address (P24) are tried where settings are read, in
//! `shared/function/tests/bad_input.rs`.
//!
//! Everything goes in by the doors that the functions use. The wider tables of the same kind are
//! `data/refused-requests.txt` and `data/mistakes.txt`.

#![expect(clippy::unwrap_used, reason = "helpers of tests, which may")]

use std::collections::BTreeSet;
use std::path::Path;

use snapkeep_policy::bad_input;

mod events;
#[allow(dead_code, unused_imports, reason = "made for the tests of plans, which use more of it")]
#[path = "../plans/fixtures.rs"]
mod fixtures;
#[allow(dead_code, reason = "made for the tests of plans, which use more of it")]
#[path = "../plans/fleet.rs"]
mod fleet;
mod policy;

/// A number of the list, and what is said of an input of that kind.
type Said = (&'static str, String);

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors.md");
    std::fs::read_to_string(path).unwrap()
}

/// The rows of the page's table under `heading`, each as its cells.
fn rows(heading: &str) -> Vec<Vec<String>> {
    let page = page();
    let section = page.split("\n## ").find(|it| it.starts_with(heading)).unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| "));
    rows.skip(1)
        .map(|row| row.trim_matches('|').split(" | ").map(|it| it.trim().to_owned()).collect())
        .collect()
}

fn lines(said: &[Said]) -> String {
    let mut lines: Vec<&Said> = said.iter().collect();
    lines.sort_by_key(|(number, _)| *number);
    lines.into_iter().map(|(number, said)| format!("{number} {said}\n")).collect()
}

#[test]
fn the_page_lists_all_57_and_each_of_them_is_tried() {
    let listed: Vec<String> = rows("The 57").into_iter().map(|row| row[0].clone()).collect();
    let all = |letter: char, last: u32| (1..=last).map(move |n| format!("{letter}{n:02}"));
    let expected: Vec<String> = all('E', 24).chain(all('P', 27)).chain(all('S', 6)).collect();
    assert_eq!(listed, expected);
    assert_eq!(listed.len(), 57);
    let tried: BTreeSet<&str> =
        events::said().into_iter().chain(policy::said()).map(|(number, _)| number).collect();
    let elsewhere = |number: &&String| number.starts_with('S') || *number == "P24";
    let here: BTreeSet<&str> =
        listed.iter().filter(|it| !elsewhere(it)).map(String::as_str).collect();
    assert_eq!(tried, here);
}

#[test]
fn the_page_says_of_each_kind_what_is_said() {
    let said: Vec<Said> = events::said().into_iter().chain(policy::said()).collect();
    for row in rows("The 57") {
        let answer = row[2].trim_matches('`');
        let lines = said.iter().filter(|(number, _)| *number == row[0]).map(|(_, line)| line);
        for line in lines {
            let is_code = answer.bytes().all(|b| b.is_ascii_uppercase() || b"_8".contains(&b));
            let code = line.split(' ').next().unwrap();
            assert_eq!(code.bytes().all(|b| b.is_ascii_uppercase() || b"_8".contains(&b)), is_code);
            assert!(!is_code || code == answer, "{row:?}: {line}");
        }
    }
}

#[test]
fn the_page_explains_each_code_and_no_other() {
    let rows = rows("Codes of bad input");
    let listed: BTreeSet<&str> = rows.iter().map(|row| row[0].trim_matches('`')).collect();
    assert_eq!(listed, BTreeSet::from(bad_input::CODES));
    assert_eq!(rows.len(), bad_input::CODES.len(), "each code once");
    assert!(rows.iter().all(|row| row.len() == 3 && !row[1].is_empty() && !row[2].is_empty()));
}
