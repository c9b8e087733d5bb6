//! The runbook has a section for each condition, since every alarm links to one.

use std::collections::BTreeSet;
use std::path::Path;

/// What each section answers, in this order.
const QUESTIONS: [&str; 4] = ["**What it means.**", "**Look at.**", "**Do.**", "**It resolves**"];

fn runbook() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/runbook.md");
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn each_condition_has_its_section_and_each_section_its_condition() {
    let text = runbook();
    let sections: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let conditions: BTreeSet<&str> =
        super::conditions().into_iter().map(|condition| condition.as_str()).collect();
    let distinct: BTreeSet<&str> = sections.iter().copied().collect();
    assert_eq!(distinct, conditions);
    assert_eq!(distinct.len(), sections.len(), "an anchor leads to one section");
}

#[test]
fn each_section_answers_what_a_person_who_is_paged_asks() {
    let text = runbook();
    for section in text.split("\n## ").skip(1) {
        let name = section.lines().next().unwrap();
        let places: Vec<Option<usize>> = QUESTIONS.iter().map(|it| section.find(it)).collect();
        assert!(places.iter().all(Option::is_some), "{name}: {places:?}");
        assert!(places.is_sorted(), "{name}: {places:?}");
    }
}
