//! Events as EventBridge wraps them: of RDS, which also speaks for DocumentDB, of scheduled rules, and
//! for verify of AWS Backup.
//!
//! AWS adds fields to its envelopes without notice, so unknown ones are ignored. Ours are not: a
//! `dry_run` beside an event's fields would have no effect, and whoever put it there relies on it.
//! Source: EventBridge User Guide, "Events", structure of an AWS service event.

use super::fields::past;
use super::{Fields, Here, Subject, Trigger, command};
use crate::bad_input::{self, BadInput};
use crate::ids::RestoreJobId;
use crate::verb::Verb;

const RDS: &str = "aws.rds";
const BACKUP: &str = "aws.backup";
/// Source: AWS Backup Developer Guide, "Monitoring AWS Backup events using Amazon EventBridge".
const RESTORE_JOB: &str = "Restore Job State Change";
const RULES: &str = "aws.events";
const SCHEDULED: &str = "Scheduled Event";

/// Whether this is, or was meant to be, an event.
pub(super) fn is_one(fields: &Fields<'_>) -> bool {
    ["source", "detail-type", "detail"].into_iter().any(|key| fields.has(key))
}

/// Why this event wakes the function up.
pub(super) fn trigger(fields: &Fields<'_>, here: &Here<'_>) -> Result<Trigger, BadInput> {
    if let Some(ours) = fields.keys().find(|key| command::is_field(key)) {
        let expected = "an event as AWS sends it or a request, not both";
        let bad =
            BadInput { code: bad_input::UNKNOWN_FIELD, ..BadInput::text(ours, ours, expected) };
        return Err(bad);
    }
    // Only verify validates: the others are told of no restore.
    let sources: &[&str] =
        if here.verb == Verb::Verify { &[RDS, RULES, BACKUP] } else { &[RDS, RULES] };
    let source = fields.required("source", "aws.rds or aws.events")?;
    let kind = fields.required("detail-type", "what kind of event it is")?;
    if !sources.contains(&source) {
        return Err(BadInput::unknown_word("source", source, sources.iter().copied()));
    }
    let account = fields.required("account", "the account of the event")?;
    here.check_account("account", account)?;
    let region = fields.required("region", "the region of the event")?;
    let at = past("time", fields.required("time", "the instant of the event")?, here.now)?;
    if source == RULES {
        // Its region is the rule's own and need not be one that the document manages.
        return match kind {
            SCHEDULED => Ok(Trigger::Schedule { at }),
            other => Err(BadInput::unknown_word("detail-type", other, [SCHEDULED])),
        };
    }
    if source == BACKUP {
        if kind != RESTORE_JOB {
            return Err(BadInput::unknown_word("detail-type", kind, [RESTORE_JOB]));
        }
        let region = here.check_region("region", region)?;
        return Ok(Trigger::RestoreJob { id: restore_job(fields)?, region, at });
    }
    let kinds = Subject::ALL.map(Subject::detail_type);
    let subject = Subject::ALL.into_iter().find(|subject| subject.detail_type() == kind);
    let subject = subject.ok_or_else(|| BadInput::unknown_word("detail-type", kind, kinds))?;
    Ok(Trigger::Event { subject, region: here.check_region("region", region)?, at })
}

/// The job that an event of AWS Backup's is about.
fn restore_job(fields: &Fields<'_>) -> Result<RestoreJobId, BadInput> {
    const PATH: &str = "detail.restoreJobId";
    const EXPECTED: &str = "a restore job's id of 1 to 64 letters, digits or hyphens";
    let missing = || BadInput::new(bad_input::MISSING_FIELD, PATH, "nothing", EXPECTED);
    let id = fields.object("detail")?.and_then(|detail| detail.value("restoreJobId"));
    let id = id.ok_or_else(missing)?;
    let text = id.as_str().ok_or_else(|| BadInput::wrong_type(PATH, id, "a text"))?;
    text.parse().map_err(|_| BadInput::text(PATH, text, EXPECTED))
}
