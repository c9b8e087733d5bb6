//! What may be shown to people: one line, bounded, without a character that a terminal obeys.

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

/// Whether a terminal obeys it, or a reader is misled by it: line ends, escapes, reordering.
fn is_obeyed(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
