//! What may be shown to people: one line, bounded, without a character that a terminal obeys.

use snapkeep_policy::plan::{Describe, Plan};

/// What a plan says of one thing. A tag has at most 256 characters and a reason names few of them.
pub const WORDS_CHARS_MAX: usize = 2_000;
/// The longest line of [`snapkeep_policy::bad_input::BadInput`]: path, value and expectation are
/// each cut, and code and words are between them.
pub const REFUSAL_CHARS_MAX: usize = 440;

/// Panics unless `text` is such a line.
pub fn check(text: &str, chars_max: usize) {
    assert!(!text.is_empty(), "nothing is said");
    assert!(text.chars().count() <= chars_max, "{} characters: {text:?}", text.chars().count());
    let obeyed = text.chars().find(|c| is_obeyed(*c));
    assert!(obeyed.is_none(), "{obeyed:?} in {text:?}");
}

/// Panics unless all that a plan says is such lines.
pub fn check_plan<A: Describe>(plan: &Plan<A>) {
    let reasons = plan.lines().into_iter().map(|line| line.reason);
    let notes = plan.notes.iter().map(|note| note.text.clone());
    let refusals = plan.refusals.iter().map(|refusal| refusal.message.clone());
    for words in reasons.chain(notes).chain(refusals) {
        check(&words, WORDS_CHARS_MAX);
    }
}

/// Whether a terminal obeys it, or a reader is misled by it: line ends, escapes, reordering.
fn is_obeyed(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
