//! One policy: what it selects, when, and where copies go.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use super::alarms::alarms;
use super::place::{Place, all, optional};
use super::retention::retention;
use super::values::{duration, duration_or, name, region, schedule};
use super::verify::verify;
use crate::document::wire::{self, default};
use crate::document::{CopyRule, DatabaseRef, Objectives, Policy, Selector, regions};
use crate::ids::{ID_PREFIX, RdsArn, Region, ResourceType, is_database_id};
use crate::retention::Retention;
use crate::schedule::Schedule;
use crate::tags;

/// A slot each hour of the day; more schedules than that can't each have an hour of their own.
const SCHEDULES_MAX: usize = 24;

pub(super) fn policy(
    at: &Place<'_>,
    wire: wire::Policy,
    zone: Option<&TimeZone>,
) -> Option<Policy> {
    let select = selector(&at.key("select"), wire.select);
    let schedules = schedules(&at.key("schedules"), &wire.schedules, zone);
    let objectives = objectives(&at.key("objectives"), wire.objectives);
    let retention = retention(&at.key("retention"), wire.retention);
    let copies = copies(&at.key("copies"), wire.copies.unwrap_or_default(), retention.as_ref());
    let verify = optional(wire.verify, |wire| verify(&at.key("verify"), wire, zone));
    let alarms = alarms(&at.key("alarms"), wire.alarms.unwrap_or_default());
    Some(Policy {
        select: select?,
        schedules: schedules?,
        objectives: objectives?,
        retention: retention?,
        copies: copies?,
        verify: verify?,
        alarms: alarms?,
    })
}

fn selector(at: &Place<'_>, wire: wire::Selector) -> Option<Selector> {
    let (tags, databases) = (wire.tags.unwrap_or_default(), wire.databases.unwrap_or_default());
    if tags.is_empty() && databases.is_empty() {
        return at.refuse_value("neither tags nor databases", "one of them: nothing is selected");
    }
    let tag_place = at.key("tags");
    let tags_are_sound: Vec<Option<()>> =
        tags.iter().map(|(key, value)| tag(&tag_place, key, value)).collect();
    let database_place = at.key("databases");
    let databases = all(databases
        .iter()
        .enumerate()
        .map(|(index, text)| database(&database_place.index(index), text)));
    tags_are_sound.into_iter().collect::<Option<()>>()?;
    Some(Selector { tags, databases: databases? })
}

/// Source: RDS API reference, `Tag`; `aws:` and `rds:` are AWS's own and can't be set by anybody.
fn tag(at: &Place<'_>, key: &str, value: &str) -> Option<()> {
    // Databases may carry an `@` too; what DocumentDB lacks is only lacking there.
    let is_allowed = |text: &str| tags::is_allowed(&text.replace('@', ""));
    let at_value = at.key(key);
    let lower = key.to_ascii_lowercase();
    if lower.starts_with("aws:") || lower.starts_with("rds:") {
        return at_value.refuse(key, "a tag key of your own: aws: and rds: are reserved");
    }
    if !(1..=128).contains(&key.chars().count()) || !is_allowed(key) {
        return at_value
            .refuse(key, "a tag key of 1 to 128 letters, digits, spaces or _ . : / = + - @");
    }
    if value.chars().count() > 256 || !is_allowed(value) {
        return at_value
            .refuse(value, "a tag value of up to 256 letters, digits, spaces or _ . : / = + - @");
    }
    Some(())
}

fn database(at: &Place<'_>, text: &str) -> Option<DatabaseRef> {
    let (id, arn) = if text.starts_with("arn:") {
        let arn: RdsArn = name(at, text)?;
        match arn.resource {
            ResourceType::Cluster | ResourceType::Instance => {}
            ResourceType::ClusterSnapshot | ResourceType::InstanceSnapshot => {
                return at.refuse(text, "the ARN of a cluster or an instance, not of a snapshot");
            }
        }
        region(at, arn.region.as_str())?;
        if regions::partition_of(arn.region.as_str()) != Some(arn.partition.as_str()) {
            return at.refuse(text, format!("an ARN of the partition that has {}", arn.region));
        }
        (arn.id.clone(), Some(arn))
    } else {
        (text.to_ascii_lowercase(), None)
    };
    if !is_database_id(&id) {
        return at
            .refuse(text, "an ARN, or an identifier of 1 to 63 letters, digits or single hyphens");
    }
    if id.starts_with(ID_PREFIX) {
        return at.refuse(
            text,
            format!("a database of yours: {ID_PREFIX} marks what snapkeep may delete"),
        );
    }
    Some(arn.map_or(DatabaseRef::Id(id), DatabaseRef::Arn))
}

fn schedules(
    at: &Place<'_>,
    wire: &[wire::Schedule],
    zone: Option<&TimeZone>,
) -> Option<Vec<Schedule>> {
    if !(1..=SCHEDULES_MAX).contains(&wire.len()) {
        let got = format!("{} schedules", wire.len());
        return at.refuse_value(got, format!("1 to {SCHEDULES_MAX}"));
    }
    let mut seen = BTreeSet::new();
    all(wire.iter().enumerate().map(|(index, text)| {
        let at = at.index(index);
        let schedule = schedule(&at, text, zone)?;
        if !seen.insert(&text.0) {
            return at.duplicate(&text.0, "each schedule once");
        }
        Some(schedule)
    }))
}

fn objectives(at: &Place<'_>, wire: Option<wire::Objectives>) -> Option<Objectives> {
    let (rpo, rto) = wire.map_or((None, None), |wire| (wire.rpo, wire.rto));
    let objective = |key: &str, wire: Option<wire::Duration>| {
        optional(wire, |wire| duration(&at.key(key), &wire))
    };
    let (rpo, rto) = (objective("rpo", rpo), objective("rto", rto));
    Some(Objectives { rpo: rpo?, rto: rto? })
}

fn copies(
    at: &Place<'_>,
    wire: Vec<wire::CopyRule>,
    policy_retention: Option<&Retention>,
) -> Option<Vec<CopyRule>> {
    let mut seen = BTreeSet::new();
    all(wire.into_iter().enumerate().map(|(index, wire)| {
        let at = at.index(index);
        let copy = copy(&at, wire, policy_retention)?;
        if !seen.insert(copy.region.clone()) {
            return at.key("region").duplicate(copy.region.as_str(), "each destination once");
        }
        Some(copy)
    }))
}

fn copy(
    at: &Place<'_>,
    wire: wire::CopyRule,
    policy_retention: Option<&Retention>,
) -> Option<CopyRule> {
    let region = region(&at.key("region"), &wire.region.0);
    let kms_key = optional(wire.kms_key, |key| kms_key(&at.key("kms_key"), key, region.as_ref()));
    let option_group =
        optional(wire.option_group, |name| option_group(&at.key("option_group"), name));
    let retention = match wire.retention {
        Some(wire) => retention(&at.key("retention"), wire),
        None => policy_retention.cloned(),
    };
    let late_after = duration_or(at, "late_after", wire.late_after, default::LATE_AFTER);
    let give_up_after =
        duration_or(at, "give_up_after", wire.give_up_after, default::GIVE_UP_AFTER);
    Some(CopyRule {
        region: region?,
        kms_key: kms_key?,
        option_group: option_group?,
        retention: retention?,
        late_after: late_after?,
        give_up_after: give_up_after?,
    })
}

/// A key can't be used outside of its region, and an AWS-managed one not outside of its account.
/// Source: RDS User Guide, "Copying a DB snapshot", encryption; KMS Developer Guide, "Key ARN".
fn kms_key(at: &Place<'_>, text: String, destination: Option<&Region>) -> Option<String> {
    const EXPECTED: &str = "a key's ARN such as arn:aws:kms:us-east-1:123456789012:key/1234abcd-…";
    if text.contains("alias/aws/") {
        return at.refuse(&text, "a customer-managed key: AWS-managed ones stay in their account");
    }
    let parts: Vec<&str> = text.split(':').collect();
    let ["arn", partition, "kms", key_region, account, key] = parts[..] else {
        return at.refuse(&text, EXPECTED);
    };
    let id = key.strip_prefix("key/").or_else(|| key.strip_prefix("alias/"));
    let id_is_sound = id.is_some_and(|id| {
        (1..=256).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'/'))
    });
    let account_is_sound = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    if !id_is_sound || !account_is_sound || regions::partition_of(key_region) != Some(partition) {
        return at.refuse(&text, EXPECTED);
    }
    match destination {
        Some(region) if region.as_str() != key_region => {
            at.conflict(key_region, format!("a key in the copy's region {region}"))
        }
        Some(_) | None => Some(text),
    }
}

/// Source: `CreateOptionGroup`, RDS API reference. Default groups are named `default:mysql-8-0`.
fn option_group(at: &Place<'_>, name: String) -> Option<String> {
    let is_sound = (1..=255).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b':' | b'.'));
    if is_sound { Some(name) } else { at.refuse(&name, "the name of an option group") }
}
