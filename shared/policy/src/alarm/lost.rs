//! What is told of a memory that is lost: deleted, or written over by what isn't one.
//!
//! The bucket keeps what was there before, so alarm goes back to the newest version that can be read. What
//! that holds as open and isn't found any more gets its OK, and what opened after it was written is told
//! again under its key. Only where there is no such version a memory is begun anew; then every open alarm is
//! told again, and what ended meanwhile has no OK. At a first run nothing is lost. It is told from a loss by
//! any trace: a version, a delete marker, evidence of an earlier run. Where nobody may look for traces, that
//! is said, too: else it would be found out when they are needed.

use jiff::Timestamp;

use crate::plan::instant;

/// What is wrong with what lies under the memory's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loss {
    /// Nothing lies there.
    Absent,
    /// It isn't a memory, and why.
    Unreadable(String),
}

/// What can be found out about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traces {
    /// When it was deleted, if it was.
    pub deleted_at: Option<Timestamp>,
    /// Its earlier versions.
    pub earlier: Earlier,
    /// Whether there is evidence of an earlier run, or why that isn't known.
    pub ran_before: Result<bool, String>,
}

/// What is left of a memory's earlier versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Earlier {
    /// The newest that can be read was written then: it is gone back to.
    From(Timestamp),
    /// So many were looked at, and none can be read.
    Unreadable(usize),
    /// There are none.
    Nothing,
    /// Nobody can say, and why.
    Unknown(String),
}

/// One line for whoever reads why the run failed: what is wrong with `key`, and what is done about it.
/// `None` if nothing was lost: this is the first run.
#[must_use]
pub fn line(key: &str, loss: &Loss, traces: &Traces) -> Option<String> {
    let Traces { deleted_at, earlier, ran_before } = traces;
    let why = match (loss, deleted_at, ran_before, earlier) {
        (Loss::Unreadable(why), ..) => why.clone(),
        (Loss::Absent, Some(at), ..) => format!("it was deleted at {}", instant(*at)),
        (Loss::Absent, None, Ok(true), _) => "it is gone, though alarm has run before".to_owned(),
        (Loss::Absent, None, Ok(false), Earlier::Nothing) => return None,
        (Loss::Absent, None, Ok(false), Earlier::Unknown(_)) => {
            "it isn't there, which is right at a first run only".to_owned()
        }
        (Loss::Absent, None, Ok(false), Earlier::From(_) | Earlier::Unreadable(_)) => {
            "it is gone".to_owned()
        }
        (Loss::Absent, None, Err(failure), _) => {
            format!("it isn't there, and nobody can say why: {failure}")
        }
    };
    Some(format!("read {key}: {why}; {}", done(earlier)))
}

/// What is done, and what is left to do.
fn done(earlier: &Earlier) -> String {
    let anew = "it is begun anew, and open alarms are told again; what ended meanwhile gets no OK";
    match earlier {
        Earlier::From(at) => format!(
            "its version of {at} is gone back to, and alarms that opened since are told again; find out \
             in CloudTrail who wrote or deleted it"
        ),
        Earlier::Unreadable(count) => {
            format!("none of its newest {count} versions can be read either: {anew}")
        }
        Earlier::Nothing => format!("no earlier version is left: {anew}"),
        Earlier::Unknown(failure) => {
            format!("{failure}; {anew}, unless its last good version is put back")
        }
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn traces(earlier: Earlier) -> Traces {
        Traces { deleted_at: None, earlier, ran_before: Ok(false) }
    }

    fn at(time: &str) -> Timestamp {
        format!("2026-03-02T{time}Z").parse().unwrap()
    }

    fn told(loss: &Loss, traces: &Traces) -> String {
        line("state/alarms.json", loss, traces).unwrap_or_else(|| "nothing".to_owned())
    }

    #[test]
    fn at_a_first_run_nothing_is_lost_unless_nobody_may_look() {
        assert_eq!(told(&Loss::Absent, &traces(Earlier::Nothing)), "nothing");
        let denied = Earlier::Unknown("list versions of x: AccessDenied: no".to_owned());
        assert_snapshot!(told(&Loss::Absent, &traces(denied)), @"read state/alarms.json: it isn't there, which is right at a first run only; list versions of x: AccessDenied: no; it is begun anew, and open alarms are told again; what ended meanwhile gets no OK, unless its last good version is put back");
    }

    #[test]
    fn every_trace_tells_a_loss_from_a_first_run() {
        let deleted = Traces { deleted_at: Some(at("03:00:00")), ..traces(Earlier::Nothing) };
        let ran = Traces { ran_before: Ok(true), ..traces(Earlier::Nothing) };
        let hidden = Traces { ran_before: Err("list x: SlowDown".to_owned()), ..ran.clone() };
        let versions = [Earlier::From(at("02:45:00")), Earlier::Unreadable(3)].map(traces);
        let lines = [deleted, ran, hidden].into_iter().chain(versions);
        let lines: Vec<String> = lines.map(|traces| told(&Loss::Absent, &traces)).collect();
        assert_snapshot!(lines.join("\n"), @"
        read state/alarms.json: it was deleted at 2026-03-02T03:00Z; no earlier version is left: it is begun anew, and open alarms are told again; what ended meanwhile gets no OK
        read state/alarms.json: it is gone, though alarm has run before; no earlier version is left: it is begun anew, and open alarms are told again; what ended meanwhile gets no OK
        read state/alarms.json: it isn't there, and nobody can say why: list x: SlowDown; no earlier version is left: it is begun anew, and open alarms are told again; what ended meanwhile gets no OK
        read state/alarms.json: it is gone; its version of 2026-03-02T02:45:00Z is gone back to, and alarms that opened since are told again; find out in CloudTrail who wrote or deleted it
        read state/alarms.json: it is gone; none of its newest 3 versions can be read either: it is begun anew, and open alarms are told again; what ended meanwhile gets no OK
        ");
    }

    #[test]
    fn what_cannot_be_read_is_always_told() {
        let unreadable = Loss::Unreadable("EOF while parsing".to_owned());
        let lines = [Earlier::From(at("02:45:00")), Earlier::Nothing].map(traces);
        let lines = lines.map(|traces| told(&unreadable, &traces));
        assert_snapshot!(lines.join("\n"), @"
        read state/alarms.json: EOF while parsing; its version of 2026-03-02T02:45:00Z is gone back to, and alarms that opened since are told again; find out in CloudTrail who wrote or deleted it
        read state/alarms.json: EOF while parsing; no earlier version is left: it is begun anew, and open alarms are told again; what ended meanwhile gets no OK
        ");
    }
}
