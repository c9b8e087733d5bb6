//! Random groups, rules and zones.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, SpanFieldwise, Timestamp};
use proptest::prelude::*;
use proptest::sample::select;
use snapkeep_policy::retention::{Count, Point, Retention, Verified};

use super::span;

/// A point that owns its name.
#[derive(Debug, Clone)]
pub struct Made {
    pub id: String,
    pub taken_at: Timestamp,
    pub verified: Verified,
    pub held: bool,
    pub in_use: bool,
}

impl Made {
    fn point(&self) -> Point<'_> {
        Point {
            id: &self.id,
            taken_at: self.taken_at,
            verified: self.verified,
            held: self.held,
            untouchable: self.in_use.then_some("in use"),
        }
    }
}

pub fn points(group: &[Made]) -> Vec<Point<'_>> {
    group.iter().map(Made::point).collect()
}

pub fn zone() -> impl Strategy<Value = TimeZone> {
    let names = vec![
        "Europe/Vienna",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "UTC",
        "Pacific/Apia",
        "America/St_Johns",
    ];
    select(names).prop_map(|name| TimeZone::get(name).unwrap())
}

/// Instants around a change of offset or a turn of the year of some zone: hours, days or years long.
fn instants() -> impl Strategy<Value = Vec<Timestamp>> {
    let from = select(vec![
        "2026-10-24T20:00:00Z",
        "2026-03-28T20:00:00Z",
        "2026-03-07T12:00:00Z",
        "2026-04-04T10:00:00Z",
        "2026-10-03T10:00:00Z",
        "2011-12-29T04:00:00Z",
        "2010-11-06T20:00:00Z",
        "2010-11-06T22:00:00Z",
        "2025-12-20T00:00:00Z",
        "2024-02-20T00:00:00Z",
    ]);
    let step_s = select(vec![900_i64, 3_600, 21_600, 86_400, 30 * 86_400]);
    (from, step_s, prop::collection::vec(0_i64..60, 0..30)).prop_map(|(from, step_s, steps)| {
        let from: Timestamp = from.parse().unwrap();
        let second = |step| from.as_second() + step * step_s;
        steps.into_iter().map(|step| Timestamp::from_second(second(step)).unwrap()).collect()
    })
}

/// A group in which ids and times have nothing to do with each other and some times are equal.
pub fn group() -> impl Strategy<Value = Vec<Made>> {
    let made = (0..20_u8, 0..40_i64, prop::bool::weighted(0.1), prop::bool::weighted(0.1));
    (instants(), prop::collection::vec(made, 30), any::<u64>()).prop_map(
        |(instants, made, salt)| {
            let with = instants.into_iter().zip(made).enumerate();
            with.map(|(i, (taken_at, (verdict, days, held, in_use)))| Made {
                id: format!("p{:02}", (i as u64 * 7 + salt % 30) % 30),
                taken_at,
                verified: match verdict {
                    0..=11 => Verified::Unknown,
                    12..=17 => Verified::Pass,
                    _ => Verified::Fail { at: taken_at + SignedDuration::from_hours(24 * days) },
                },
                held,
                in_use,
            })
            .collect()
        },
    )
}

fn count() -> impl Strategy<Value = Count> {
    prop_oneof![
        4 => Just(Count::Exactly(0)),
        6 => (1..6_u32).prop_map(Count::Exactly),
        1 => Just(Count::All),
    ]
}

fn length() -> impl Strategy<Value = Option<SpanFieldwise>> {
    let lengths = select(vec!["PT6H", "P1D", "P3D", "P7D", "P1M", "P2M1DT3H", "P1Y"]);
    prop_oneof![4 => Just(None), 1 => lengths.prop_map(|text| Some(span(text)))]
}

pub fn rules() -> impl Strategy<Value = Retention> {
    let counts = [count(), count(), count(), count(), count(), count()];
    let lengths = [length(), length(), length(), length(), length(), length()];
    let quarantine = select(vec!["P1D", "P14D", "P1M"]);
    let overlay = (any::<bool>(), 0..4_u32, 0..3_u32, quarantine);
    (counts, lengths, overlay).prop_map(|(counts, lengths, overlay)| {
        let [keep_last, hourly, daily, weekly, monthly, yearly] = counts;
        let [within, within_hourly, within_daily, within_weekly, within_monthly, within_yearly] =
            lengths;
        let (keep_oldest, min_keep, verified_floor, quarantine) = overlay;
        Retention {
            keep_last,
            hourly,
            daily,
            weekly,
            monthly,
            yearly,
            within,
            within_hourly,
            within_daily,
            within_weekly,
            within_monthly,
            within_yearly,
            keep_oldest,
            min_keep,
            verified_floor,
            quarantine: span(quarantine),
            ..super::rules()
        }
    })
}

/// Rules that may also let points expire by the clock.
pub fn rules_with_expiry() -> impl Strategy<Value = Retention> {
    let ages =
        prop_oneof![Just(None), select(vec!["P2D", "P1M", "P1Y"]).prop_map(|a| Some(span(a)))];
    (rules(), ages).prop_map(|(rules, expire_after)| Retention { expire_after, ..rules })
}
