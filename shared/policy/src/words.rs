//! Words of others: what AWS, a database or a failed run says of itself, made fit to be shown.
//!
//! They are repeated in logs, alarms, evidence and terminals, so they must not end a line early, steer
//! a terminal or turn around what stands beside them. What is dropped here was never meant for people.

/// The words on one line, with one space between them, at most `chars_max` characters: what is longer
/// is cut and says so.
#[must_use]
pub fn one_line(text: &str, chars_max: usize) -> String {
    let words = text.split(|c: char| c.is_whitespace() || is_hidden(c));
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if line.chars().count() <= chars_max {
        return line;
    }
    line.chars().take(chars_max.saturating_sub(1)).chain(['…']).collect()
}

/// Whether a terminal obeys it or a reader is misled by it: controls, and the marks that turn text
/// around. Source: Unicode Standard Annex 9, "Directional Formatting Characters".
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_on_one_line_whatever_they_were_said_with() {
        let table = [
            ("as they stand", "as they stand"),
            ("  two\r\n lines\u{2028}or three ", "two lines or three"),
            ("a\u{1b}[2Jb\0c\u{9b}d", "a [2Jb c d"),
            ("gnp\u{202e}.exe\u{2066}\u{200f}", "gnp .exe"),
            ("", ""),
            ("eighteen characters", "eighteen characte…"),
        ];
        for (given, expected) in table {
            assert_eq!(one_line(given, 18), expected);
        }
    }
}
