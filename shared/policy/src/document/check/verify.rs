//! Rehearsed restores: a sealed network, a deadline that leaves time, and questions that only read.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::place::{Place, all, optional};
use super::sql;
use super::values::{duration, region, schedule, within};
use crate::document::wire::{self, default};
use crate::document::{Check, Objective, Pick, VerifyRule};

/// A restore with its instance takes 20 minutes and more: a scratch database that must be gone
/// sooner can never be questioned.
const DEADLINE_MIN: SignedDuration = SignedDuration::from_mins(30);
/// A scratch database that may stay longer is a second production database.
const DEADLINE_MAX: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The default quota of database instances in a region. Source: RDS User Guide, "Quotas".
const CONCURRENT_MAX: u32 = 40;
/// Checks run one after the other within one invocation.
const CHECKS_MAX: usize = 50;

pub(super) fn verify(
    at: &Place<'_>,
    wire: wire::VerifyRule,
    zone: Option<&TimeZone>,
) -> Option<VerifyRule> {
    let schedule = schedule(&at.key("schedule"), &wire.schedule, zone);
    let pick = pick(&at.key("pick"), &wire.pick);
    let region = optional(wire.region, |wire| region(&at.key("region"), &wire.0));
    let instance_class = instance_class(&at.key("instance_class"), wire.instance_class);
    let subnet_group = subnet_group(&at.key("subnet_group"), wire.subnet_group);
    let security_groups = security_groups(&at.key("security_groups"), wire.security_groups);
    let deadline = deadline(&at.key("deadline"), &wire.deadline);
    let concurrent_max = within(
        &at.key("concurrent_max"),
        wire.concurrent_max.unwrap_or(default::CONCURRENT_MAX),
        1..=CONCURRENT_MAX,
    );
    let checks = checks(&at.key("checks"), wire.checks.unwrap_or_default());
    Some(VerifyRule {
        schedule: schedule?,
        pick: pick?,
        region: region?,
        instance_class: instance_class?,
        subnet_group: subnet_group?,
        security_groups: security_groups?,
        deadline: deadline?,
        concurrent_max: concurrent_max?,
        checks: checks?,
    })
}

fn pick(at: &Place<'_>, wire: &wire::Pick) -> Option<Pick> {
    match wire {
        wire::Pick::Latest => Some(Pick::Latest),
        wire::Pick::LeastRecentlyVerified => Some(Pick::LeastRecentlyVerified),
        wire::Pick::Random { window } => {
            let window = duration(&at.key("random").key("window"), window)?;
            Some(Pick::Random { window })
        }
    }
}

fn instance_class(at: &Place<'_>, class: String) -> Option<String> {
    let is_sound = class.len() <= 64
        && class.strip_prefix("db.").is_some_and(|rest| {
            rest.split('.').all(|part| {
                !part.is_empty()
                    && part.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
            })
        });
    if is_sound {
        Some(class)
    } else {
        at.refuse(&class, "an instance class such as db.t4g.medium")
    }
}

/// The default group has the VPC's public subnets in it: a scratch database holds production data.
/// Source for the form: `CreateDBSubnetGroup`, RDS API reference.
fn subnet_group(at: &Place<'_>, name: String) -> Option<String> {
    let is_sound = (1..=255).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b' '));
    let lower = name.to_ascii_lowercase();
    if !is_sound {
        return at.refuse(&name, "the name of a private subnet group for scratch databases");
    }
    if lower == "default" || lower.starts_with("default-vpc-") {
        return at.refuse(&name, "a private subnet group, not a default one");
    }
    Some(name)
}

fn security_groups(at: &Place<'_>, groups: Vec<String>) -> Option<Vec<String>> {
    if groups.is_empty() {
        return at.refuse_value(
            "an empty array",
            "at least one security group: AWS would take the default",
        );
    }
    let mut seen = BTreeSet::new();
    all(groups.into_iter().enumerate().map(|(index, group)| {
        let at = at.index(index);
        let is_sound = group.len() <= 64
            && group.strip_prefix("sg-").is_some_and(|rest| {
                !rest.is_empty()
                    && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            });
        if !is_sound {
            return at.refuse(&group, "a security group's id such as sg-0123456789abcdef0");
        }
        if !seen.insert(group.clone()) {
            return at.duplicate(&group, "each security group once");
        }
        Some(group)
    }))
}

fn deadline(at: &Place<'_>, wire: &wire::Duration) -> Option<Objective> {
    let deadline = duration(at, wire)?;
    if (DEADLINE_MIN..=DEADLINE_MAX).contains(&deadline) {
        return Some(deadline);
    }
    at.refuse(&wire.0, "PT30M to P7D: time to restore and to be questioned, and an end")
}

fn checks(at: &Place<'_>, checks: Vec<wire::Check>) -> Option<Vec<Check>> {
    if checks.len() > CHECKS_MAX {
        let got = format!("{} checks", checks.len());
        return at.refuse_value(got, format!("at most {CHECKS_MAX}"));
    }
    all(checks.into_iter().enumerate().map(|(index, wire)| check(&at.index(index), wire)))
}

fn check(at: &Place<'_>, wire: wire::Check) -> Option<Check> {
    let wire::Check { sql, freshness, collection, min, max_age } = wire;
    match (sql, freshness, collection) {
        (Some(sql), None, None) => {
            let sql = reading(&at.key("sql"), sql);
            let min = min_of(at, min, max_age.as_ref());
            Some(Check::Sql { sql: sql?, min: min? })
        }
        (None, Some(sql), None) => {
            let sql = reading(&at.key("freshness"), sql);
            let max_age = max_age_of(at, max_age.as_ref(), min);
            Some(Check::Freshness { sql: sql?, max_age: max_age? })
        }
        (None, None, Some(name)) => {
            let collection = collection_name(&at.key("collection"), name);
            let min = min_of(at, min, max_age.as_ref());
            let min = within(&at.key("min"), min?, 1..=i64::MAX);
            Some(Check::Collection { collection: collection?, min: min? })
        }
        (None, None, None) => at.missing("sql, freshness or collection"),
        (_, _, _) => at.refuse_value("several questions", "one of sql, freshness and collection"),
    }
}

fn reading(at: &Place<'_>, statement: String) -> Option<String> {
    match sql::refusal(&statement) {
        Some((part, expected)) => at.refuse(&part, expected),
        None => Some(statement),
    }
}

fn min_of(at: &Place<'_>, min: Option<i64>, max_age: Option<&wire::Duration>) -> Option<i64> {
    match (min, max_age) {
        (Some(min), None) => Some(min),
        (None, _) => at.key("min").missing("the least acceptable number"),
        (_, Some(max_age)) => at.key("max_age").refuse(&max_age.0, "nothing: it is for freshness"),
    }
}

fn max_age_of(
    at: &Place<'_>,
    max_age: Option<&wire::Duration>,
    min: Option<i64>,
) -> Option<Objective> {
    match (max_age, min) {
        (Some(max_age), None) => duration(&at.key("max_age"), max_age),
        (None, _) => at.key("max_age").missing("the greatest acceptable age"),
        (_, Some(min)) => at.key("min").refuse_value(min, "nothing: it is for sql and collection"),
    }
}

/// Source for the form: Amazon DocumentDB Developer Guide, "Quotas and limits", naming constraints.
fn collection_name(at: &Place<'_>, name: String) -> Option<String> {
    let is_sound = (1..=120).contains(&name.len())
        && name.split('.').all(|part| !part.is_empty())
        && !name.chars().any(|c| c.is_control() || matches!(c, '$' | ' ' | '/' | '\\' | '"'));
    if is_sound {
        return Some(name);
    }
    at.refuse(&name, "a collection such as notifications or shop.orders")
}
