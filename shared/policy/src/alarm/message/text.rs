//! Texts of others, cut and cleaned to what a message may hold.

use crate::ids::fnv1a;
use crate::words::is_hidden;

/// CloudWatch's names and PagerDuty's dedup keys end here.
/// Sources: CloudWatch API reference, `PutMetricAlarm`, AlarmName; PagerDuty Events API v2, `dedup_key`.
const KEY_CHARS_MAX: usize = 255;
const HASH_CHARS: usize = 17;

/// One line of at most `chars_max` characters: no line breaks, nothing that a terminal obeys, and none
/// of the marks that turn text around.
pub(super) fn line(text: &str, chars_max: usize) -> String {
    let mut chars = text.chars().map(|c| if is_hidden(c) { ' ' } else { c });
    let mut line: String = chars.by_ref().take(chars_max).collect();
    if chars.next().is_some() {
        line.pop();
        line.push('…');
    }
    line
}

/// Printable ASCII alone, at most `chars_max` characters.
pub(super) fn ascii(text: &str, chars_max: usize) -> String {
    text.chars().filter(|c| matches!(c, ' '..='~')).take(chars_max).collect()
}

/// A key as it stands, or, where it is too long for its readers, its beginning and a hash of it: the
/// same in every run.
pub(in crate::alarm) fn key(key: &str) -> String {
    if key.chars().count() <= KEY_CHARS_MAX {
        return key.to_owned();
    }
    let beginning: String = key.chars().take(KEY_CHARS_MAX - HASH_CHARS).collect();
    format!("{beginning}~{:016x}", fnv1a(key))
}

/// Text for a chat: what begins a mention or a link there (`<!channel>`) is defused, since it may come
/// from an error message of somebody else.
pub(super) fn defused(text: &str) -> String {
    text.replace('<', "‹").replace('>', "›")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line_and_says_that_it_was_cut() {
        let table = [
            ("as it stands", "as it stands"),
            ("two\r\nlines\u{202e}", "two  lines "),
            ("twelve chars and more", "twelve char…"),
        ];
        for (given, expected) in table {
            assert_eq!(line(given, 12), expected);
        }
    }

    #[test]
    fn a_long_key_is_cut_and_stays_apart_from_its_neighbours() {
        let [one, other] = ["1", "2"].map(|end| format!("prod/{}{end}", "x".repeat(300)));
        assert_eq!(key(&one).len(), KEY_CHARS_MAX);
        assert_ne!(key(&one), key(&other));
        assert_eq!(key("prod/k"), "prod/k");
    }
}
