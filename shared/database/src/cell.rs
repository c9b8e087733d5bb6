//! The one value that an answer may consist of, and what counts as an answer.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use snapkeep_policy::verify::testimony::{Said, Trouble};

/// A value as it came, reduced to what an answer may be made of. No `Debug`: it may hold data.
pub(crate) enum Cell {
    Nothing,
    Number(i64),
    Time(Timestamp),
    Text(String),
    /// What can't be an answer, by the name of its type.
    Other(&'static str),
}

/// What a question is to be answered with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Number,
    Time,
}

impl Cell {
    /// The answer, if the value is one. What it was instead is told by its kind only.
    pub(crate) fn said(self, wanted: Wanted) -> Result<Said, Trouble> {
        match (wanted, self) {
            (_, Self::Nothing) => Ok(Said::Nothing),
            (Wanted::Number, Self::Number(number)) => Ok(Said::Number(number)),
            (Wanted::Time, Self::Time(time)) => Ok(Said::Time(time)),
            (Wanted::Time, Self::Text(text)) => match time(&text) {
                Some(time) => Ok(Said::Time(time)),
                None => Err(wanted.refuse("text that is no time")),
            },
            (wanted, other) => Err(wanted.refuse(other.kind())),
        }
    }

    /// A number with a fraction is none that can be compared with a policy's `min`.
    pub(crate) fn float(number: f64) -> Self {
        // Up to 2^53 a float is exact.
        const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
        if number.fract() == 0.0 && number.abs() <= EXACT_MAX {
            #[expect(clippy::cast_possible_truncation, reason = "whole and within bounds")]
            return Self::Number(number as i64);
        }
        Self::Other("a number that isn't whole")
    }

    /// A decimal number as it is written.
    pub(crate) fn decimal(text: &str) -> Self {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        match whole.parse() {
            Ok(number) if fraction.bytes().all(|digit| digit == b'0') => Self::Number(number),
            Ok(_) => Self::Other("a number that isn't whole"),
            Err(_) => Self::Other("a number out of range"),
        }
    }

    /// A time without a zone is taken for UTC.
    pub(crate) fn utc(time: DateTime) -> Self {
        let time = time.to_zoned(TimeZone::UTC);
        time.map_or(Self::Other("a time out of range"), |time| Self::Time(time.timestamp()))
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Number(_) => "a number",
            Self::Time(_) => "a time",
            Self::Text(_) => "text",
            Self::Other(kind) => kind,
        }
    }
}

impl Wanted {
    pub(crate) fn refuse(self, got: &str) -> Trouble {
        let counts = match self {
            Self::Number => "a whole number",
            Self::Time => "a time",
        };
        Trouble::Refused(format!("it returned {got}; {counts} counts"))
    }

    /// A statement must have one column; `None` where it has.
    pub(crate) fn columns(self, columns: usize) -> Option<Trouble> {
        match columns {
            1 => None,
            0 => Some(self.refuse("no column")),
            columns => Some(self.refuse(&format!("{columns} columns"))),
        }
    }
}

/// More than one row is not read any further.
pub(crate) fn second_row() -> Trouble {
    Trouble::TooLarge("it returned more than one row; ask for one number or time".into())
}

fn time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let utc = |time: DateTime| time.to_zoned(TimeZone::UTC).ok().map(|time| time.timestamp());
    text.parse().ok().or_else(|| utc(text.parse().ok()?)).or_else(|| {
        let date: Date = text.parse().ok()?;
        utc(date.to_datetime(jiff::civil::Time::midnight()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_may_be_text_in_the_forms_databases_write() {
        for text in [
            "2026-03-02T01:59:00Z",
            "2026-03-02T02:59:00+01:00",
            "2026-03-02 01:59:00",
            "2026-03-02 01:59:00+00",
            "2026-03-02 01:59:00.000000",
        ] {
            let time = time(text).map(|time| time.to_string());
            assert_eq!(time.as_deref(), Some("2026-03-02T01:59:00Z"), "{text}");
        }
        assert_eq!(time("2026-03-02").map(|t| t.as_second()), Some(1_772_409_600));
        assert_eq!(time("last Tuesday"), None);
    }

    #[test]
    fn only_whole_numbers_are_numbers() {
        let number = |cell: Cell| cell.said(Wanted::Number);
        assert_eq!(number(Cell::decimal("50.00")), Ok(Said::Number(50)));
        assert_eq!(number(Cell::float(-3.0)), Ok(Said::Number(-3)));
        assert_eq!(number(Cell::Nothing), Ok(Said::Nothing));
        for cell in [
            Cell::decimal("0.5"),
            Cell::float(0.5),
            Cell::float(f64::NAN),
            Cell::float(1e300),
            Cell::decimal("99999999999999999999"),
        ] {
            assert!(matches!(number(cell), Err(Trouble::Refused(_))));
        }
    }

    #[test]
    fn what_is_no_answer_is_refused_without_being_repeated() {
        let refused = Cell::Text("alice@example.com".into()).said(Wanted::Number);
        let text = "it returned text; a whole number counts";
        assert_eq!(refused, Err(Trouble::Refused(text.into())));
        let refused = Cell::Text("alice@example.com".into()).said(Wanted::Time);
        assert!(!format!("{refused:?}").contains("alice"));
        assert!(Cell::Number(1).said(Wanted::Time).is_err());
    }
}
