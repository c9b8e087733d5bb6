//! Rehearsed restores: a sealed network, a deadline that leaves time, and questions that only read.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::place::{Place, all, optional};
use super::question;
use super::values::{duration, region, schedule, within};
use crate::document::wire::{self, default};
use crate::document::{Objective, Pick, VerifyRule};

/// A restore with its instance takes 20 minutes and more: a scratch database that must be gone
/// sooner can never be questioned.
const DEADLINE_MIN: SignedDuration = SignedDuration::from_mins(30);
/// A scratch database that may stay longer is a second production database.
const DEADLINE_MAX: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The default quota of database instances in a region. Source: RDS User Guide, "Quotas".
const CONCURRENT_MAX: u32 = 40;
/// A function has 15 minutes for all its questions.
const CHECK_TIMEOUT_MAX: SignedDuration = SignedDuration::from_mins(5);
/// AWS's newest restorable instant is some five minutes ago.
/// Source: RDS User Guide, "Restoring a DB instance to a specified time".
const BACK_MIN: SignedDuration = SignedDuration::from_mins(10);
/// Automated backups reach back this far. Source: RDS User Guide, "Backup retention period".
const BACK_MAX: SignedDuration = SignedDuration::from_hours(35 * 24);

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
    let checks = question::checks(&at.key("checks"), wire.checks.unwrap_or_default());
    let check_timeout = check_timeout(&at.key("check_timeout"), wire.check_timeout);
    let drift = question::drift(&at.key("drift"), wire.drift);
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
        check_timeout: check_timeout?,
        drift: drift?,
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
        wire::Pick::PointInTime { back } => {
            let at = at.key("point-in-time").key("back");
            let back = duration(&at, back).filter(|back| {
                let is_within = (BACK_MIN..=BACK_MAX).contains(back);
                is_within || at.refuse::<()>(&back.to_string(), "PT10M to P35D").is_some()
            })?;
            Some(Pick::PointInTime { back })
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

fn check_timeout(at: &Place<'_>, wire: Option<wire::Duration>) -> Option<Objective> {
    let wire = wire.unwrap_or_else(|| wire::Duration(default::CHECK_TIMEOUT.to_owned()));
    let timeout = duration(at, &wire)?;
    if timeout <= CHECK_TIMEOUT_MAX {
        return Some(timeout);
    }
    at.refuse(&wire.0, "at most PT5M: a function has 15 minutes for all its questions")
}
