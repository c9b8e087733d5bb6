//! The rules as the policy document states them.

use jiff::SpanFieldwise as Span;

/// How many points or periods a rule keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Count {
    /// The newest so many.
    Exactly(u32),
    /// No limit, written `"all"`.
    All,
}

/// The `retention` object of the policy document. Rules left out keep nothing by themselves.
#[derive(Debug, Clone, PartialEq)]
pub struct Retention {
    /// The newest N.
    pub keep_last: Count,
    /// One for each of the newest N civil hours that have any.
    pub hourly: Count,
    /// One a day, likewise.
    pub daily: Count,
    /// One an ISO week, likewise.
    pub weekly: Count,
    /// One a month, likewise.
    pub monthly: Count,
    /// One a year, likewise.
    pub yearly: Count,
    /// Everything no older than this before the anchor.
    pub within: Option<Span>,
    /// One an hour within this before the anchor.
    pub within_hourly: Option<Span>,
    /// One a day, likewise.
    pub within_daily: Option<Span>,
    /// One an ISO week, likewise.
    pub within_weekly: Option<Span>,
    /// One a month, likewise.
    pub within_monthly: Option<Span>,
    /// One a year, likewise.
    pub within_yearly: Option<Span>,
    /// While a period tier is not full, its oldest point is kept. Default on.
    pub keep_oldest: bool,
    /// The newest M, always. At least and by default 1.
    pub min_keep: u32,
    /// The newest V verified; with V > 0 and none verified, nothing is deleted. Default 0.
    pub verified_floor: u32,
    /// By the wall clock: tier reasons end at this age, holds and floors don't.
    pub expire_after: Option<Span>,
    /// How long a point whose verification failed stays, for somebody to look at. Default 14 days.
    pub quarantine: Span,
    /// How much may go at once.
    pub guard: Guard,
    /// At most so many deletes a run, oldest first.
    pub drain: Option<u32>,
}

/// Deletes beyond the larger of the two block the whole group until the plan's hash is approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guard {
    /// Points. Default 3.
    pub max_deletes: u32,
    /// Share of the managed points. Default 25.
    pub max_percent: u8,
}
