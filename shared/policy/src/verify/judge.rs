//! What a database's testimony proves: each check held against its bound, the content against what the
//! last proven recovery point held, and one verdict from all of it.
//!
//! PASS takes an answer to everything. A FAIL needs one thing that is wrong. Whatever merely couldn't
//! be asked is INCONCLUSIVE, and never softened to a PASS nor sharpened to a FAIL.

use jiff::{SignedDuration, Timestamp};
use serde::{Serialize, Serializer};

use super::drift;
use super::testimony::{Answer, Said, Survey, Testimony, Trouble};
use crate::document::{Check, DriftRule, Holder};
use crate::plan::span;
use crate::recovery_point::{Cause, Outcome};

/// One check and how it ended, as records and the command line show it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckResult {
    /// The question.
    pub check: String,
    /// How it ended.
    pub verdict: Outcome,
    /// The answer, or why there is none.
    pub observed: Observed,
    /// What would have been right.
    pub expected: String,
    /// How long it took.
    #[serde(rename = "seconds", serialize_with = "seconds")]
    pub took: SignedDuration,
}

const UNASKED: &str = "it was not asked";

impl CheckResult {
    fn is_unasked(&self) -> bool {
        matches!(&self.observed, Observed::Text(text) if text == UNASKED)
    }
}

/// An answer as it is written: a bare number where it is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Observed {
    /// A number.
    Number(i64),
    /// Anything else, in words.
    Text(String),
}

/// What a testimony comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// PASS, FAIL or INCONCLUSIVE.
    pub outcome: Outcome,
    /// What a FAIL or an INCONCLUSIVE is about.
    pub cause: Option<Cause>,
    /// Why, in one line.
    pub reason: String,
    /// Every check.
    pub checks: Vec<CheckResult>,
}

/// By what a testimony is judged.
#[derive(Debug, Clone, Copy)]
pub struct Standard<'a> {
    /// The questions that were asked, in their order.
    pub checks: &'a [Check],
    /// How far the content may drop.
    pub drift: &'a DriftRule,
    /// What the last proven recovery point held, if there is one.
    pub baseline: Option<&'a Survey>,
    /// The instant that the data should be fresh for: when the recovery point was taken.
    pub as_of: Timestamp,
}

/// Judges a testimony.
#[must_use]
pub fn judge(standard: &Standard<'_>, testimony: &Testimony) -> Judgement {
    let mut checks: Vec<(CheckResult, Option<Cause>)> = Vec::new();
    for (index, check) in standard.checks.iter().enumerate() {
        checks.push(one(check, testimony.answers.get(index), standard.as_of));
    }
    checks.extend(answers(testimony, standard.checks.is_empty()));
    if testimony.trouble.is_none() {
        if standard.checks.is_empty() {
            checks.push(holds_something(testimony.survey.as_ref()));
        }
        if let Some(baseline) = standard.baseline {
            checks.push(drift::check(baseline, testimony.survey.as_ref(), standard.drift));
        }
    }
    conclude(checks, testimony)
}

/// The worst of all checks is the verdict's outcome. Of the failures, drift is told first, because it
/// alone says something about the other recovery points, and last what wasn't even asked.
fn conclude(checks: Vec<(CheckResult, Option<Cause>)>, testimony: &Testimony) -> Judgement {
    let of = |outcome: Outcome| {
        let worst = checks.iter().filter(move |(result, _)| result.verdict == outcome);
        worst.min_by_key(|(result, cause)| (*cause != Some(Cause::Drift), result.is_unasked()))
    };
    let worst = of(Outcome::Fail).or_else(|| of(Outcome::Inconclusive));
    let (outcome, cause, reason) = match worst {
        Some((result, cause)) => {
            let more = checks.iter().filter(|(r, _)| r.verdict == result.verdict).count() - 1;
            let others = if more > 0 { format!(" (and {more} more)") } else { String::new() };
            let CheckResult { check, observed, expected, .. } = result;
            let reason = format!("{check}: {observed}, expected {expected}{others}");
            (result.verdict, *cause, reason)
        }
        None => {
            let tables = testimony.survey.as_ref().map_or(0, |survey| survey.0.len());
            let reason = format!("{} checks hold, {tables} tables or collections", checks.len());
            (Outcome::Pass, None, reason)
        }
    };
    Judgement { outcome, cause, reason, checks: checks.into_iter().map(|(r, _)| r).collect() }
}

/// Whether it answers at all. It is said where nothing else says it: without other checks, or when it
/// doesn't.
fn answers(testimony: &Testimony, alone: bool) -> Option<(CheckResult, Option<Cause>)> {
    let took = testimony.answered_after.unwrap_or(testimony.took);
    let result = |verdict, observed: String| CheckResult {
        check: "it answers".to_owned(),
        verdict,
        observed: Observed::Text(observed),
        expected: "an answer over verified TLS to the user and password given".to_owned(),
        took,
    };
    match &testimony.trouble {
        Some(trouble) => {
            let (verdict, cause) = weigh(trouble);
            Some((result(verdict, trouble.to_string()), Some(cause)))
        }
        None => alone.then(|| (result(Outcome::Pass, "it does".to_owned()), None)),
    }
}

fn holds_something(survey: Option<&Survey>) -> (CheckResult, Option<Cause>) {
    let rows: u64 = survey.map_or(0, |survey| survey.0.values().map(|holding| holding.rows).sum());
    let verdict = match survey {
        None => Outcome::Inconclusive,
        Some(_) if rows == 0 => Outcome::Fail,
        Some(_) => Outcome::Pass,
    };
    let result = CheckResult {
        check: "it holds something".to_owned(),
        verdict,
        observed: Observed::Number(i64::try_from(rows).unwrap_or(i64::MAX)),
        expected: "at least one row or document".to_owned(),
        took: SignedDuration::ZERO,
    };
    (result, (verdict != Outcome::Pass).then_some(Cause::Check))
}

/// One check against its answer.
fn one(check: &Check, answer: Option<&Answer>, as_of: Timestamp) -> (CheckResult, Option<Cause>) {
    let expected = expected(check);
    let Some(Answer { said, took }) = answer else {
        let observed = Observed::Text(UNASKED.to_owned());
        let (check, took) = (check.to_string(), SignedDuration::ZERO);
        let result =
            CheckResult { check, verdict: Outcome::Inconclusive, observed, expected, took };
        return (result, Some(Cause::Network));
    };
    let (verdict, cause, observed) = match said {
        Ok(said) => {
            let holds = holds(check, said, as_of);
            let verdict = if holds { Outcome::Pass } else { Outcome::Fail };
            (verdict, (!holds).then_some(Cause::Check), observed(said, as_of))
        }
        Err(trouble) => {
            let (verdict, cause) = weigh(trouble);
            (verdict, Some(cause), Observed::Text(trouble.to_string()))
        }
    };
    (CheckResult { check: check.to_string(), verdict, observed, expected, took: *took }, cause)
}

fn holds(check: &Check, said: &Said, as_of: Timestamp) -> bool {
    match (check, said) {
        (Check::Sql { min, .. } | Check::Count { min, .. }, Said::Number(number)) => number >= min,
        (Check::Freshness { max_age, .. } | Check::Newest { max_age, .. }, Said::Time(at)) => {
            as_of.duration_since(*at) <= *max_age
        }
        (Check::Index { .. } | Check::ValidIndexes { .. } | Check::Integrity { .. }, said) => {
            *said == Said::Sound
        }
        (_, Said::Number(_) | Said::Time(_) | Said::Nothing | Said::Sound | Said::Unsound(_)) => {
            false
        }
    }
}

fn observed(said: &Said, as_of: Timestamp) -> Observed {
    Observed::Text(match said {
        Said::Number(number) => return Observed::Number(*number),
        Said::Time(at) => format!("{at}, {} old", span(as_of.duration_since(*at))),
        Said::Nothing => "nothing".to_owned(),
        Said::Sound => "sound".to_owned(),
        Said::Unsound(what) => what.clone(),
    })
}

fn expected(check: &Check) -> String {
    match check {
        Check::Sql { min, .. } | Check::Count { min, .. } => format!("at least {min}"),
        Check::Freshness { max_age, .. } | Check::Newest { max_age, .. } => {
            format!("at most {} old", span(*max_age))
        }
        Check::Index { .. } => "there and usable".to_owned(),
        Check::ValidIndexes { .. } => "every index valid".to_owned(),
        Check::Integrity { .. } => "no damage".to_owned(),
    }
}

/// What trouble says of the recovery point. Who was reached and didn't answer as the database should
/// has failed; who couldn't be reached, or was asked too much, has not.
fn weigh(trouble: &Trouble) -> (Outcome, Cause) {
    match trouble {
        Trouble::Hangs(_) | Trouble::Untrusted(_) | Trouble::Denied(_) => {
            (Outcome::Fail, Cause::Answer)
        }
        Trouble::Refused(_) | Trouble::TooLarge(_) => (Outcome::Fail, Cause::Check),
        Trouble::Unreachable(_) => (Outcome::Inconclusive, Cause::Network),
        Trouble::UnknownIssuer(_) | Trouble::Unsupported(_) => {
            (Outcome::Inconclusive, Cause::Parameters)
        }
        Trouble::TooSlow(_) | Trouble::OutOfTime => (Outcome::Inconclusive, Cause::Time),
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (what, more) = match self {
            Self::Unreachable(more) => ("it can't be reached", more),
            Self::Hangs(more) => ("it hangs", more),
            Self::Untrusted(more) => ("its certificate doesn't hold", more),
            Self::UnknownIssuer(more) => ("its certificate's issuer is unknown", more),
            Self::Denied(more) => ("it refuses the login", more),
            Self::Refused(more) => ("it refuses the question", more),
            Self::TooLarge(more) => ("its answer is too large", more),
            Self::TooSlow(more) => ("it is too slow", more),
            Self::Unsupported(more) => ("it can't be asked this", more),
            Self::OutOfTime => return f.write_str("no time was left to ask"),
        };
        write!(f, "{what}: {more}")
    }
}

impl std::fmt::Display for Observed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl std::fmt::Display for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sql { sql, .. } | Self::Freshness { sql, .. } => f.write_str(sql),
            Self::Count { of, .. } => write!(f, "count of {of}"),
            Self::Newest { of, field, .. } => write!(f, "newest {field} of {of}"),
            Self::Index { of, index } => write!(f, "index {index} of {of}"),
            Self::ValidIndexes { .. } => f.write_str("valid indexes"),
            Self::Integrity { tables, .. } => write!(f, "integrity of {}", tables.join(", ")),
        }
    }
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Table { name, .. } | Self::Collection { name } => f.write_str(name),
        }
    }
}

/// To the millisecond: more would be noise.
fn seconds<S: Serializer>(took: &SignedDuration, serializer: S) -> Result<S::Ok, S::Error> {
    #[expect(clippy::cast_precision_loss, reason = "a run has far fewer milliseconds")]
    serializer.serialize_f64(took.as_millis() as f64 / 1000.0)
}
