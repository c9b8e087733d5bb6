//! The identifiers that snapkeep gives: derived from what they are for, so that every delivery, retry and
//! concurrent run asks AWS for the same one, and AWS itself refuses the second. A fleet has tens of
//! thousands, so they are put together without the standard formatting.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::tz::Offset;

use super::{Deployment, ID_CHARS_MAX, RdsArn, ResourceId, Slot, is_label};

/// What every identifier that snapkeep gives starts with.
pub const ID_PREFIX: &str = "snapkeep-";

/// What every scratch database's identifier starts with; nothing else may be deleted as one.
pub const SCRATCH_PREFIX: &str = "snapkeep-scratch-";

/// What the identifier of everything starts with that AWS Backup's restore testing makes. None of it
/// is ours to delete. Source: AWS Backup Developer Guide, "Restore testing".
pub const GUEST_PREFIX: &str = "awsbackup-restore-test";

const HASH_CHARS: usize = 10;

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
    let mut id = String::with_capacity(ID_CHARS_MAX);
    let hash = push_slot(&mut id, (deployment, database), resource, slot);
    push_hex(&mut id, of_attempt(hash, attempt));
    id
}

/// Which of the first so many attempts at a slot bears the identifier `id`, if one does. The same as to
/// compare all of theirs, but nothing is put together: every look asks it of every snapshot.
pub(crate) fn attempt_of(
    id: &str,
    owner: (&Deployment, &str),
    resource: &ResourceId,
    slot: &Slot,
    attempts_max: u32,
) -> Option<u32> {
    let mut rest = Rest(Some(id));
    let hash = push_slot(&mut rest, owner, resource, slot);
    let ends_with = |attempt: &u32| {
        let mut rest = rest;
        push_hex(&mut rest, of_attempt(hash, *attempt));
        rest.0 == Some("")
    };
    (0..attempts_max).find(ends_with)
}

/// The identifier of the scratch database into which the recovery point `arn` is restored for the
/// verification that was due at `due`.
#[must_use]
pub fn scratch_id(deployment: &Deployment, database: &str, arn: &RdsArn, due: Timestamp) -> String {
    identifier(SCRATCH_PREFIX, database, &format!("{deployment} {arn} {due}"))
}

/// The identifier of the instance that the guest `cluster` is given: it is a scratch database's, so
/// that it may be deleted again.
#[must_use]
pub fn guest_instance_id(deployment: &Deployment, cluster: &RdsArn) -> String {
    identifier(SCRATCH_PREFIX, &cluster.id, &format!("{deployment} {cluster}"))
}

/// Puts a readable `name` and a hash of `key` behind `prefix`.
fn identifier(prefix: &str, name: &str, key: &str) -> String {
    let mut id = String::with_capacity(ID_CHARS_MAX);
    push_readable(&mut id, prefix, name, None);
    push_hex(&mut id, fnv1a(key));
    id
}

/// Where text goes, piece by piece.
trait Sink {
    fn push(&mut self, piece: &str);
}

impl Sink for String {
    fn push(&mut self, piece: &str) {
        self.push_str(piece);
    }
}

/// What is left of a text once the pieces are taken from its beginning, if they are there.
#[derive(Clone, Copy)]
struct Rest<'a>(Option<&'a str>);

impl Sink for Rest<'_> {
    fn push(&mut self, piece: &str) {
        self.0 = self.0.and_then(|rest| rest.strip_prefix(piece));
    }
}

/// FNV-1a, 64 bit: not for secrets, only to tell two names apart that look alike when shortened.
/// Chosen because it is a few lines and will give the same identifiers in every later version.
#[derive(Clone, Copy)]
struct Hash(u64);

impl Sink for Hash {
    fn push(&mut self, piece: &str) {
        self.0 = piece.bytes().fold(self.0, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
    }
}

/// The hash of a text.
#[must_use]
pub(crate) fn fnv1a(text: &str) -> u64 {
    hash_of([text]).0
}

fn hash_of<'t>(pieces: impl IntoIterator<Item = &'t str>) -> Hash {
    let mut hash = Hash(0xcbf2_9ce4_8422_2325);
    pieces.into_iter().for_each(|piece| hash.push(piece));
    hash
}

/// Writes what the identifiers of all attempts at a slot have in common, and gives the hash of it.
fn push_slot(
    id: &mut impl Sink,
    (deployment, database): (&Deployment, &str),
    resource: &ResourceId,
    slot: &Slot,
) -> Hash {
    let mut hash = hash_of([deployment.as_str(), " ", resource.as_str(), " "]);
    match slot {
        Slot::Scheduled(at) => {
            push_instant(&mut hash, *at);
            push_readable(id, ID_PREFIX, database, Some(Stamp::Minute(*at)));
        }
        Slot::Requested(name) => {
            ["request ", name].into_iter().for_each(|piece| hash.push(piece));
            push_readable(id, ID_PREFIX, database, Some(Stamp::Name(name)));
        }
    }
    hash.push(" ");
    hash
}

fn of_attempt(mut hash: Hash, attempt: u32) -> u64 {
    push_digits(&mut hash, attempt, 1);
    hash.0
}

/// What an identifier says of its slot.
enum Stamp<'a> {
    /// To the minute.
    Minute(Timestamp),
    /// As far as there is room.
    Name(&'a str),
}

const STAMP_CHARS: usize = "20260304t0200z".len();
const NAME_CHARS_MAX: usize = 24;

/// Writes an identifier up to its hash: letters, digits and single hyphens, lower-case. With the hash it
/// has at most [`ID_CHARS_MAX`] characters; the database's name gives way when room is short.
fn push_readable(id: &mut impl Sink, prefix: &str, database: &str, stamp: Option<Stamp<'_>>) {
    let stamp = match stamp {
        None => Cow::Borrowed(""),
        Some(Stamp::Name(name)) => clean(name, NAME_CHARS_MAX),
        Some(Stamp::Minute(at)) => {
            if let Some(fields) = fields(at) {
                let room = room(prefix, STAMP_CHARS + 1);
                [prefix, &clean(database, room), "-"].into_iter().for_each(|it| id.push(it));
                return push_stamp(id, fields);
            }
            Cow::Owned(clean(&at.strftime("%Y%m%dt%H%Mz").to_string(), NAME_CHARS_MAX).into())
        }
    };
    let hyphen = if stamp.is_empty() { "" } else { "-" };
    let room = room(prefix, hyphen.len() + stamp.len());
    let pieces = [prefix, &clean(database, room), hyphen, &stamp, "-"];
    pieces.into_iter().for_each(|piece| id.push(piece));
}

/// What is left for a database's name beside these, the hash and the hyphen before it.
fn room(prefix: &str, stamp_chars: usize) -> usize {
    ID_CHARS_MAX - prefix.len() - stamp_chars - 1 - HASH_CHARS
}

/// Year, month, day, hour, minute and second in UTC, unless it is before the year 0. No year of an
/// instant has more than four digits.
fn fields(at: Timestamp) -> Option<[u32; 6]> {
    let local = Offset::UTC.to_datetime(at);
    let year = u32::try_from(local.year()).ok()?;
    let others = [local.month(), local.day(), local.hour(), local.minute(), local.second()];
    let [month, day, hour, minute, second] = others.map(|field| u32::from(field.unsigned_abs()));
    Some([year, month, day, hour, minute, second])
}

fn push_stamp(id: &mut impl Sink, [year, month, day, hour, minute, _]: [u32; 6]) {
    push_digits(id, year, 4);
    for (number, sign) in [(month, ""), (day, "t"), (hour, ""), (minute, "z-")] {
        push_digits(id, number, 2);
        id.push(sign);
    }
}

/// Writes an instant as the standard formatting has it.
fn push_instant(text: &mut impl Sink, at: Timestamp) {
    let Some([year, month, day, hour, minute, second]) =
        fields(at).filter(|_| at.subsec_nanosecond() == 0)
    else {
        return text.push(&at.to_string());
    };
    push_digits(text, year, 4);
    let fields = [(month, "-"), (day, "-"), (hour, "T"), (minute, ":"), (second, ":")];
    for (number, sign) in fields {
        text.push(sign);
        push_digits(text, number, 2);
    }
    text.push("Z");
}

/// Writes a number with at least so many digits, of ten.
fn push_digits(text: &mut impl Sink, number: u32, digits_min: usize) {
    let mut digits = [b'0'; 10];
    let (mut place, mut rest) = (digits.len(), number);
    while rest > 0 || digits.len() - place < digits_min {
        place -= 1;
        digits[place] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    text.push(std::str::from_utf8(&digits[place..]).unwrap_or_default());
}

/// The same for others, whose texts have several numbers in every line: the standard formatting of them
/// took half the time of a decision.
pub(crate) fn push_number(text: &mut String, number: u32, digits_min: usize) {
    push_digits(text, number, digits_min);
}

/// The upper 40 bits of a hash.
fn push_hex(text: &mut impl Sink, hash: u64) {
    let digits: [u8; HASH_CHARS] =
        std::array::from_fn(|place| b"0123456789abcdef"[(hash >> (60 - 4 * place) & 15) as usize]);
    text.push(std::str::from_utf8(&digits).unwrap_or_default());
}

/// `part` with single hyphens for everything that isn't a letter or a digit, none at its ends, lower-case
/// and cut.
fn clean(part: &str, chars_max: usize) -> Cow<'_, str> {
    if is_label(part, chars_max) {
        return Cow::Borrowed(part);
    }
    let mut text = String::new();
    for c in part.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }) {
        let is_spare = c == '-' && (text.is_empty() || text.ends_with('-'));
        if text.len() < chars_max && !is_spare {
            text.push(c.to_ascii_lowercase());
        }
    }
    text.truncate(text.trim_end_matches('-').len());
    Cow::Owned(text)
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
            let (mut whole, mut id) = (String::new(), String::new());
            push_instant(&mut whole, at);
            push_readable(&mut id, "", "a", Some(Stamp::Minute(at)));
            let stamp = at.strftime("%Y%m%dt%H%Mz").to_string();
            let stamp = stamp.trim_start_matches('-');
            assert_eq!((whole, id), (at.to_string(), format!("a-{stamp}-")), "{text}");
        }
    }

    #[test]
    fn an_attempt_is_known_by_the_identifier_that_it_is_given_and_by_no_other() {
        let (deployment, resource) = ("prod".parse().unwrap(), "db-1".parse().unwrap());
        let slots = [
            Slot::Scheduled("2026-03-04T02:00:00Z".parse().unwrap()),
            Slot::Scheduled("-000001-06-01T00:00:00Z".parse().unwrap()),
            Slot::Requested("Before_the migration, which is long".to_owned()),
        ];
        for database in ["orders", "Odd.name_", &"long-".repeat(20)] {
            for (slot, attempt) in slots.iter().flat_map(|slot| (0..3).map(move |n| (slot, n))) {
                let id = recovery_point_id(&deployment, database, &resource, slot, attempt);
                let owner = (&deployment, database);
                let of = |id: &str| attempt_of(id, owner, &resource, slot, 3);
                assert_eq!(of(&id), Some(attempt), "{id}");
                assert!(id.len() <= ID_CHARS_MAX, "{id}");
                assert_eq!(of(&format!("{id}0")), None);
                assert_eq!(of(&id[..id.len() - 1]), None);
                assert_eq!(attempt_of(&id, owner, &resource, slot, attempt), None);
                assert_eq!(attempt_of(&id, (&deployment, "other"), &resource, slot, 3), None);
            }
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
        assert_ne!(id("shepherd", &slot, 12), id("shepherd", &slot, 2));
        let requested = Slot::Requested("before-migration-42".to_owned());
        assert_eq!(
            id("-Odd.name_", &requested, 2),
            "snapkeep-odd-name-before-migration-42-535bfb64cb"
        );
    }
}
