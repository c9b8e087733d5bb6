//! Text for people: lines that a mail program shows as they are.

use super::told::Told;

/// Lines of an email shouldn't be longer. Source: RFC 5322, section 2.1.1.
const COLUMNS: usize = 78;
const LABEL_COLUMNS: usize = 12;

/// The whole message.
pub(super) fn text(told: &Told) -> String {
    let mut lines = wrapped(&told.title, 0);
    lines.push(String::new());
    lines.extend(wrapped(&told.reason(), 0));
    if told.count > 1 {
        lines.push(String::new());
        for affected in &told.affected {
            let item =
                format!("- {} ({}): {}", affected.subject, affected.region, affected.message);
            lines.extend(wrapped(&item, 2));
        }
        if told.unnamed() > 0 {
            lines.push(format!("- and {} more", told.unnamed()));
        }
    }
    lines.push(String::new());
    for (label, value) in facts(told) {
        lines.extend(wrapped(&format!("{label:LABEL_COLUMNS$}{value}"), LABEL_COLUMNS));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn facts(told: &Told) -> Vec<(&'static str, String)> {
    let account = told.account.as_ref().map(|id| format!(", account {id}")).unwrap_or_default();
    let mut facts = vec![
        ("Next step", told.next_step.clone()),
        ("Runbook", told.runbook.clone()),
        ("Severity", told.severity.clone()),
    ];
    facts.extend(told.figures().map(|figures| ("Recovery", figures)));
    facts.extend([
        ("Status", format!("{}, {}", told.status, told.escalation())),
        ("Deployment", format!("{}{account}", told.deployment)),
        ("Since", told.opened_at.to_string()),
    ]);
    facts.extend(told.resolved_at.map(|at| ("Until", at.to_string())));
    facts.push(("Key", told.key.clone()));
    facts
}

/// Breaks between words where a line grows too long, and sets what follows in by `indent`. A word is
/// never broken, since it may be an address or a key.
fn wrapped(text: &str, indent: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let columns = line.chars().count() + 1 + word.chars().count();
        // A label or a dash stays with the word behind it, however long that is.
        if columns > COLUMNS && line.trim_end().chars().count() > indent {
            lines.push(std::mem::replace(&mut line, format!("{:indent$}{word}", "")));
        } else if line.is_empty() && lines.is_empty() {
            word.clone_into(&mut line);
        } else {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines.push(line);
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_never_within() {
        let long = "x".repeat(100);
        let text = format!("Label       {} {long} end", "word ".repeat(20));
        let lines = wrapped(&text, 12);
        assert!(lines.iter().all(|line| line.chars().count() <= COLUMNS || line.contains(&long)));
        assert!(lines[1..].iter().all(|line| line.starts_with(&" ".repeat(12))));
        assert_eq!(wrapped(&format!("Key         {long}"), 12), [format!("Key         {long}")]);
        // A label that is as long as its column stays with its word, too.
        assert_eq!(wrapped(&format!("TwelveLetter {long}"), 12), [format!("TwelveLetter {long}")]);
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&lines.join(" ")), words(&text));
    }

    #[test]
    fn a_line_of_all_columns_is_whole() {
        let of = |first: usize, second: usize| {
            wrapped(&format!("{} {}", "a".repeat(first), "b".repeat(second)), 0).len()
        };
        assert_eq!((of(39, 38), of(39, 39)), (1, 2));
    }
}
