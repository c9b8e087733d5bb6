//! The identifiers that snapkeep gives: derived from what they are for, so that every delivery, retry and
//! concurrent run asks AWS for the same one, and AWS itself refuses the second. A fleet has tens of
//! thousands, so they are put together without the standard formatting.

use jiff::Timestamp;
use jiff::tz::Offset;

use super::{Deployment, ID_CHARS_MAX, RdsArn, ResourceId, Slot};

/// What every identifier that snapkeep gives starts with.
pub const ID_PREFIX: &str = "snapkeep-";

/// What every scratch database's identifier starts with; nothing else may be deleted as one.
pub const SCRATCH_PREFIX: &str = "snapkeep-scratch-";

/// What the identifier of everything starts with that AWS Backup's restore testing makes. None of it
/// is ours to delete. Source: AWS Backup Developer Guide, "Restore testing".
pub const GUEST_PREFIX: &str = "awsbackup-restore-test";

/// The identifier of the recovery point of `resource` for `slot`.
///
/// The same for every delivery, retry and concurrent run, so that AWS itself refuses the second.
/// `attempt` counts from 0 and moves on only when an earlier attempt ended as `failed`, because a
/// failed snapshot keeps its name.
#[must_use]
pub fn recovery_point_id(
    deployment: &Deployment,
    database: &str,
    resource: &ResourceId,
    slot: &Slot,
    attempt: u32,
) -> String {
    let key = [" ", resource.as_str(), " "].into_iter().fold(fnv1a(deployment.as_str()), push_hash);
    let of_attempt = |key| push_hash(push_hash(key, " "), &attempt.to_string());
    match slot {
        Slot::Scheduled(at) => {
            let (stamp, whole) = instant_texts(*at);
            identifier(ID_PREFIX, database, &stamp, of_attempt(push_hash(key, &whole)))
        }
        Slot::Requested(name) => {
            let key = push_hash(push_hash(key, "request "), name);
            identifier(ID_PREFIX, database, name, of_attempt(key))
        }
    }
}

/// An instant as identifiers bear it, to the minute, and as their hash is made of it.
fn instant_texts(at: Timestamp) -> (String, String) {
    let local = Offset::UTC.to_datetime(at);
    let Ok(year @ 0..=9999) = u32::try_from(local.year()) else {
        return (at.strftime("%Y%m%dt%H%Mz").to_string(), at.to_string());
    };
    let [month, day, hour, minute, second] =
        [local.month(), local.day(), local.hour(), local.minute(), local.second()]
            .map(|field| u32::from(field.unsigned_abs()));
    let mut stamp = String::with_capacity("20260304t0200z".len());
    push_digits(&mut stamp, year, 4);
    for (number, sign) in [(month, ""), (day, "t"), (hour, ""), (minute, "z")] {
        push_digits(&mut stamp, number, 2);
        stamp.push_str(sign);
    }
    if at.subsec_nanosecond() != 0 {
        return (stamp, at.to_string());
    }
    let mut whole = String::with_capacity("2026-03-04T02:00:00Z".len());
    push_digits(&mut whole, year, 4);
    let fields = [(month, '-'), (day, '-'), (hour, 'T'), (minute, ':'), (second, ':')];
    for (number, sign) in fields {
        whole.push(sign);
        push_digits(&mut whole, number, 2);
    }
    whole.push('Z');
    (stamp, whole)
}

/// Writes a number with at least so many digits. Every line of a plan has several, and the standard
/// formatting of them took half the time of a decision.
pub(crate) fn push_digits(text: &mut String, number: u32, digits_min: u32) {
    if number >= 10 || digits_min > 1 {
        push_digits(text, number / 10, digits_min.saturating_sub(1));
    }
    text.extend(char::from_digit(number % 10, 10));
}

/// The identifier of the scratch database into which the recovery point `arn` is restored for the
/// verification that was due at `due`.
#[must_use]
pub fn scratch_id(deployment: &Deployment, database: &str, arn: &RdsArn, due: Timestamp) -> String {
    identifier(SCRATCH_PREFIX, database, "", fnv1a(&format!("{deployment} {arn} {due}")))
}

/// The identifier of the instance that the guest `cluster` is given: it is a scratch database's, so
/// that it may be deleted again.
#[must_use]
pub fn guest_instance_id(deployment: &Deployment, cluster: &RdsArn) -> String {
    identifier(SCRATCH_PREFIX, &cluster.id, "", fnv1a(&format!("{deployment} {cluster}")))
}

/// Puts a readable `name`, what it is `of`, and a `hash` of both behind `prefix`: letters, digits and single
/// hyphens, lower-case, at most [`ID_CHARS_MAX`] characters. The name gives way when room is short.
fn identifier(prefix: &str, name: &str, of: &str, hash: u64) -> String {
    const HASH_CHARS: usize = 10;
    let mut rest = String::with_capacity(ID_CHARS_MAX);
    if !of.is_empty() {
        rest.push('-');
        push_clean(&mut rest, of, 24);
    }
    let room = ID_CHARS_MAX - prefix.len() - rest.len() - HASH_CHARS - 1;
    let mut id = String::with_capacity(ID_CHARS_MAX);
    id.push_str(prefix);
    push_clean(&mut id, name, room);
    id.push_str(&rest);
    id.push('-');
    let digit = |place: usize| char::from_digit((hash >> (24 + 4 * place) & 15) as u32, 16);
    id.extend((0..HASH_CHARS).rev().filter_map(digit));
    id
}

/// Adds `part` with single hyphens for everything that isn't a letter or a digit, none at its ends.
fn push_clean(text: &mut String, part: &str, chars_max: usize) {
    let from = text.len();
    for c in part.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }) {
        let is_spare = c == '-' && (text.len() == from || text.ends_with('-'));
        if text.len() - from < chars_max && !is_spare {
            text.push(c.to_ascii_lowercase());
        }
    }
    text.truncate(from + text[from..].trim_end_matches('-').len());
}

/// FNV-1a, 64 bit: not for secrets, only to tell two names apart that look alike when shortened.
/// Chosen because it is eight lines and will give the same identifiers in every later version.
#[must_use]
pub(crate) fn fnv1a(text: &str) -> u64 {
    push_hash(0xcbf2_9ce4_8422_2325, text)
}

/// The hash of what `hash` is of, with `text` behind it.
fn push_hash(hash: u64, text: &str) -> u64 {
    text.bytes()
        .fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_reads_as_the_standard_formatting_has_it() {
        for text in [
            "2026-03-04T02:00:00Z",
            "0001-01-01T00:00:00Z",
            "9999-12-30T22:00:00Z",
            "2026-12-31T23:59:59.000000001Z",
            "1969-12-31T23:59:59Z",
            "-000001-06-01T00:00:00Z",
        ] {
            let at: Timestamp = text.parse().unwrap();
            let expected = (at.strftime("%Y%m%dt%H%Mz").to_string(), at.to_string());
            assert_eq!(instant_texts(at), expected, "{text}");
        }
    }

    #[test]
    fn identifiers_never_change_from_one_version_to_the_next() {
        let resource = "cluster-ABC".parse().unwrap();
        let slot = Slot::Scheduled("2026-03-04T02:00:00Z".parse().unwrap());
        let id = |database: &str, slot: &Slot, attempt| {
            recovery_point_id(&"prod".parse().unwrap(), database, &resource, slot, attempt)
        };
        assert_eq!(id("shepherd", &slot, 0), "snapkeep-shepherd-20260304t0200z-b996944f3c");
        let long = id(&format!("{}--{}-", "Long".repeat(8), "x".repeat(30)), &slot, 1);
        assert_eq!(long.len(), ID_CHARS_MAX);
        assert_eq!(long, "snapkeep-longlonglonglonglonglonglong-20260304t0200z-b996954f3c");
        let requested = Slot::Requested("before-migration-42".to_owned());
        assert_eq!(
            id("-Odd.name_", &requested, 2),
            "snapkeep-odd-name-before-migration-42-535bfb64cb"
        );
    }
}
