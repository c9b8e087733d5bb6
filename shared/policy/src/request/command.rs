//! Our own inputs: what EventBridge Scheduler is told to send, and what a person asks for.
//!
//! A field that means nothing to the function is refused, with the one that was probably meant:
//! whoever wrote `dryrun` or `delete_all` expects something that wouldn't happen.

use super::fields::past;
use super::{Fields, Here, Request, Trigger};
use crate::bad_input::{self, BadInput};
use crate::document::{DatabaseRef, partition_of};
use crate::ids::{ID_PREFIX, RdsArn, ResourceType, is_database_id, is_label};
use crate::period::Cadence;
use crate::shard::{SHARDS_MAX, Shard};
use crate::verb::Verb;

/// A name goes into identifiers whole: [`crate::ids::recovery_point_id`] would cut a longer one.
const NAME_CHARS_MAX: usize = 24;

const HASH_CHARS: usize = 16;

/// An address or a role's name; it is copied into evidence and into reasons.
const REQUESTED_BY_CHARS_MAX: usize = 64;

/// The fields of a request to `verb`. alarm has no `database` and no `shard`: it judges the fleet as a
/// whole, and an alarm about another database must not be taken for over.
fn fields_of(verb: Verb) -> &'static [&'static str] {
    match verb {
        Verb::Create => &[
            "verb",
            "scheduled_at",
            "database",
            "shard",
            "dry_run",
            "name",
            "hold",
            "requested_by",
        ],
        Verb::Copy => &["verb", "scheduled_at", "database", "shard", "dry_run"],
        Verb::Verify => {
            &["verb", "scheduled_at", "database", "shard", "dry_run", "accept", "requested_by"]
        }
        Verb::Prune => {
            &["verb", "scheduled_at", "database", "shard", "dry_run", "approve", "requested_by"]
        }
        Verb::Alarm => &["verb", "scheduled_at", "dry_run", "report"],
    }
}

/// Whether some request has a field of that name.
pub(super) fn is_field(key: &str) -> bool {
    Verb::ALL.into_iter().any(|verb| fields_of(verb).contains(&key))
}

pub(super) fn request(fields: &Fields<'_>, here: &Here<'_>) -> Result<Request, BadInput> {
    let known = fields_of(here.verb);
    if let Some(unknown) = fields.keys().find(|key| !known.contains(key)) {
        return Err(BadInput::unknown_field("$", unknown, known.iter().copied()));
    }
    fields.text("verb")?.map_or(Ok(()), |verb| check_verb(verb, here.verb))?;
    let at = fields.text("scheduled_at")?.map(|text| past("scheduled_at", text, here.now));
    let at = at.transpose()?;
    let request = Request {
        trigger: at.map_or(Trigger::OnDemand, |at| Trigger::Schedule { at }),
        database: fields.text("database")?.map(|text| database(text, here)).transpose()?,
        shard: fields.object("shard")?.map(|parts| shard(&parts)).transpose()?,
        name: fields.text("name")?.map(name).transpose()?,
        hold: fields.flag("hold")?,
        dry_run: fields.flag("dry_run")?,
        approve: fields.text("approve")?.map(approval).transpose()?,
        accept: fields.text("accept")?.map(accepted).transpose()?,
        report: fields.text("report")?.map(report).transpose()?,
        requested_by: fields.text("requested_by")?.map(requested_by).transpose()?,
    };
    check_together(fields)?;
    Ok(request)
}

/// A schedule's input that reaches another function is a mistake in the wiring.
fn check_verb(got: &str, ours: Verb) -> Result<(), BadInput> {
    match got.parse::<Verb>() {
        Ok(verb) if verb == ours => Ok(()),
        Ok(_) => Err(BadInput::text("verb", got, format!("{ours}: this is its function"))),
        Err(_) => Err(BadInput::unknown_word("verb", got, Verb::ALL.map(Verb::as_str))),
    }
}

fn database(text: &str, here: &Here<'_>) -> Result<DatabaseRef, BadInput> {
    let refused = |expected: &str| BadInput::text("database", text, expected);
    if !text.starts_with("arn:") {
        // AWS stores identifiers in lower case: `Foo` is `foo`.
        let id = text.to_ascii_lowercase();
        return match is_database_id(&id) {
            true => Ok(DatabaseRef::Id(id)),
            false => Err(refused(
                "an ARN, or an identifier of 1 to 63 letters, digits or single hyphens",
            )),
        };
    }
    let arn: RdsArn = text.parse().map_err(|invalid| BadInput::name("database", &invalid))?;
    match arn.resource {
        ResourceType::Cluster | ResourceType::Instance if is_database_id(&arn.id) => {}
        ResourceType::Cluster
        | ResourceType::Instance
        | ResourceType::ClusterSnapshot
        | ResourceType::InstanceSnapshot => {
            return Err(refused("the ARN of a cluster or an instance"));
        }
    }
    here.check_region("database", arn.region.as_str()).map_err(|bad| refused(&bad.expected))?;
    if partition_of(arn.region.as_str())
        .is_some_and(|partition| partition != arn.partition.as_str())
    {
        return Err(refused(&format!("an ARN of the partition that has {}", arn.region)));
    }
    here.check_account("database", arn.account.as_str()).map_err(|bad| refused(&bad.expected))?;
    Ok(DatabaseRef::Arn(arn))
}

/// A shard that doesn't exist would do nothing for ever, and one that is half stated another's work.
fn shard(parts: &Fields<'_>) -> Result<Shard, BadInput> {
    let known = ["index", "of"];
    if let Some(unknown) = parts.keys().find(|key| !known.contains(key)) {
        return Err(BadInput::unknown_field("shard", unknown, known));
    }
    let index = parts.count("index", "shard.index", "the number of this shard, from 0")?;
    let of = parts.count("of", "shard.of", "the number of all shards")?;
    Shard::new(index, of).ok_or_else(|| {
        let expected = format!("1 to {SHARDS_MAX} shards, and an index from 0 to one less");
        BadInput::new(bad_input::BAD_VALUE, "shard", format!("{index} of {of}"), expected)
    })
}

fn name(text: &str) -> Result<String, BadInput> {
    match is_label(text, NAME_CHARS_MAX) {
        true => Ok(text.to_owned()),
        false => {
            let expected =
                format!("1 to {NAME_CHARS_MAX} lower-case letters, digits or single hyphens");
            Err(BadInput::text("name", text, expected))
        }
    }
}

fn approval(text: &str) -> Result<String, BadInput> {
    let is_digit = |b: u8| b.is_ascii_digit() || matches!(b, b'a'..=b'f');
    match text.len() == HASH_CHARS && text.bytes().all(is_digit) {
        true => Ok(text.to_owned()),
        false => {
            let expected = "the hash of a blocked plan as prune reports it: 16 hexadecimal digits";
            Err(BadInput::text("approve", text, expected))
        }
    }
}

/// A drift is accepted of one recovery point, by its name in the alarm.
fn accepted(text: &str) -> Result<String, BadInput> {
    match text.starts_with(ID_PREFIX) && is_database_id(text) {
        true => Ok(text.to_owned()),
        false => {
            let expected = format!("a recovery point's identifier, {ID_PREFIX}…");
            Err(BadInput::text("accept", text, expected))
        }
    }
}

fn report(text: &str) -> Result<Cadence, BadInput> {
    let known = Cadence::ALL.map(Cadence::as_str);
    text.parse().map_err(|_| BadInput::unknown_word("report", text, known))
}

fn requested_by(text: &str) -> Result<String, BadInput> {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"@.+-_/:=,".contains(&b);
    match (1..=REQUESTED_BY_CHARS_MAX).contains(&text.len()) && text.bytes().all(is_plain) {
        true => Ok(text.to_owned()),
        false => {
            let expected = format!(
                "who asks: 1 to {REQUESTED_BY_CHARS_MAX} letters, digits or any of @.+-_/:=,"
            );
            Err(BadInput::text("requested_by", text, expected))
        }
    }
}

/// Fields that mean something only beside another, or never beside another.
fn check_together(fields: &Fields<'_>) -> Result<(), BadInput> {
    if fields.has("hold") && !fields.has("name") {
        let expected = "a name: only a recovery point that is asked for by name can be held";
        return Err(BadInput::new(bad_input::MISSING_FIELD, "name", "nothing", expected));
    }
    let single = ["database", "accept"].into_iter().find(|key| fields.has(key));
    if let Some(single) = single.filter(|_| fields.has("shard")) {
        let expected = "none beside a shard: the other shards would do nothing";
        return Err(BadInput::text(single, fields.text(single)?.unwrap_or_default(), expected));
    }
    let once =
        ["name", "approve", "accept", "requested_by"].into_iter().find(|key| fields.has(key));
    match once.filter(|_| fields.has("scheduled_at")) {
        Some(once) => {
            let expected = "none in a schedule's input: it is asked for once, by a person";
            Err(BadInput::text(once, fields.text(once)?.unwrap_or_default(), expected))
        }
        None => Ok(()),
    }
}
