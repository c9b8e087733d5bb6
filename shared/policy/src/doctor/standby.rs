//! Whether a standby would tell in home's place: it reads the same document, and it hears of home.
//!
//! What it may is asked of IAM, as for the five; its topic and its bucket's policy are looked at as
//! home's are. Here is what remains. Its copy of the policy document must be home's, or it judges by
//! another one. And its own state says what it last heard of home, which it can only have read there:
//! that shows the way from its region to home's bucket and key, which IAM can't answer for.

use jiff::Timestamp;

use crate::alarm::standby::Standby;
use crate::doctor::{Area, Check, Place, Seen};
use crate::document::PolicyDocument;

/// What was seen in a standby's bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandbySeen {
    /// The policy document there.
    pub document: Seen<Option<String>>,
    /// The standby's state.
    pub state: Seen<Option<String>>,
}

/// Judges the standby at `place` of the deployment at `home` that runs by `document`.
#[must_use]
pub fn standby(
    document: &PolicyDocument,
    home: &Place,
    place: &Place,
    seen: &StandbySeen,
) -> Vec<Check> {
    let Place { region, .. } = place;
    if *region == home.region {
        let what = format!("the standby is in {region}, where the functions are");
        return vec![Check::wrong(AREA, what, "name another region: this one's outage is its own")];
    }
    vec![same_document(document, place, &seen.document), hears(home, place, &seen.state)]
}

/// A standby that nobody named: its role is there, and where the rest of it is can't be told from that.
#[must_use]
pub fn unnamed(role: &str) -> Check {
    let next = "name its region with --standby";
    Check::unknown(AREA, format!("{role} is a standby's, which wasn't looked at"), next)
}

const AREA: Area = Area::Standby;

fn same_document(document: &PolicyDocument, place: &Place, copy: &Seen<Option<String>>) -> Check {
    let Place { region, bucket, .. } = place;
    let text = match copy {
        Err(unseen) => return Check::unseen(AREA, unseen),
        Ok(None) => {
            let what = format!("bucket {bucket} in {region} holds no policy document");
            return Check::wrong(
                AREA,
                what,
                "apply the module with its standby, or correct --standby",
            );
        }
        Ok(Some(text)) => text,
    };
    let of = format!("the standby's policy document in {region}");
    match PolicyDocument::from_json(text) {
        Ok(copy) if copy.hash == document.hash => Check::ok(AREA, format!("{of} is home's")),
        Ok(copy) => {
            let what = format!("{of} is another than home's, hash {}", copy.hash);
            Check::wrong(AREA, what, "apply the module again: it writes both")
        }
        Err(bad) => {
            let line = bad.to_string().lines().next().unwrap_or_default().to_owned();
            Check::wrong(AREA, format!("{of}: {line}"), "apply the module again: it writes both")
        }
    }
}

fn hears(home: &Place, place: &Place, state: &Seen<Option<String>>) -> Check {
    let (region, from) = (&place.region, &home.region);
    let text = match state {
        Err(unseen) => return Check::unseen(AREA, unseen),
        Ok(None) => {
            let what = format!("the standby in {region} hasn't looked yet");
            let next = "wait for its next schedule; if it stays so, read its log";
            return Check::unknown(AREA, what, next);
        }
        Ok(Some(text)) => text,
    };
    let Ok(Standby { home_looked_at, standing_in, memory, .. }) = serde_json::from_str(text) else {
        let what = format!("the standby's state in {region} can't be read");
        return Check::wrong(
            AREA,
            what,
            "wait for its next look, which goes back to an earlier version; then read its log",
        );
    };
    if let Some(standing_in) = standing_in {
        let what = format!("the standby in {region} stands in for {from}: {}", standing_in.why);
        return Check::wrong(AREA, what, "read alarm's log at home, and what its topic says");
    }
    // Its first look counts as one of home's, but no memory comes of that.
    match (home_looked_at, memory.looked_at) {
        (Some(at), Some(_)) => {
            Check::ok(AREA, format!("the standby in {region} heard of {from} at {}", minute(at)))
        }
        (_, None) | (None, _) => {
            let what = format!("the standby in {region} has heard nothing of {from} yet");
            Check::unknown(AREA, what, "wait until alarm has looked at home, then read both logs")
        }
    }
}

fn minute(at: Timestamp) -> impl std::fmt::Display {
    at.strftime("%Y-%m-%dT%H:%MZ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::doctor::{Unseen, Verdict};

    fn place(region: &str) -> Place {
        Place {
            region: region.parse().unwrap(),
            bucket: format!("bucket-{region}"),
            topic: format!("topic-{region}"),
            key: None,
        }
    }

    fn text(daily: u32) -> String {
        let policy = json!({
            "select": { "tags": { "tier": "a" } },
            "schedules": ["cron(0 2 * * ? *)"],
            "retention": { "daily": daily },
        });
        json!({ "version": 1, "deployment": "prod", "policies": { "all": policy } }).to_string()
    }

    fn refused() -> Seen<Option<String>> {
        Err(Unseen { what: "read: AccessDenied".to_owned(), next: "ask".to_owned() })
    }

    fn checks(
        away: &str,
        document: Seen<Option<String>>,
        state: Seen<Option<String>>,
    ) -> Vec<Check> {
        let ours = PolicyDocument::from_json(&text(3)).unwrap();
        standby(&ours, &place("us-west-2"), &place(away), &StandbySeen { document, state })
    }

    #[test]
    fn its_policy_document_is_homes() {
        for (copy, verdict, part) in [
            (Ok(Some(text(3))), Verdict::Ok, "in us-east-1 is home's"),
            (Ok(Some(text(4))), Verdict::Wrong, "is another than home's"),
            (Ok(Some("{".to_owned())), Verdict::Wrong, "policy document in us-east-1: "),
            (Ok(None), Verdict::Wrong, "bucket bucket-us-east-1 in us-east-1 holds no policy"),
            (refused(), Verdict::Unknown, "read: AccessDenied"),
        ] {
            let check = &checks("us-east-1", copy, Ok(None))[0];
            assert_eq!(check.verdict, verdict, "{}", check.what);
            assert!(check.what.contains(part), "{}", check.what);
        }
    }

    #[test]
    fn its_state_says_whether_it_hears_of_home() {
        let at = "2026-03-02T10:00:00Z";
        let state = |memory: Option<&str>, since: Option<&str>| {
            let memory = json!({ "alarms": {}, "known": {}, "looked_at": memory });
            let since = since.map(|since| json!({ "since": since, "why": "home is silent" }));
            let state = json!({
                "memory": memory, "home_looked_at": at, "standing_in": since, "told": {},
            });
            Ok(Some(state.to_string()))
        };
        for (state, verdict, part) in [
            (state(Some(at), None), Verdict::Ok, "heard of us-west-2 at 2026-03-02T10:00Z"),
            (state(None, None), Verdict::Unknown, "heard nothing of us-west-2 yet"),
            (state(Some(at), Some(at)), Verdict::Wrong, "stands in for us-west-2: home is silent"),
            (Ok(Some("{}".to_owned())), Verdict::Wrong, "can't be read"),
            (Ok(None), Verdict::Unknown, "hasn't looked yet"),
            (refused(), Verdict::Unknown, "read: AccessDenied"),
        ] {
            let check = &checks("us-east-1", Ok(Some(text(3))), state)[1];
            assert_eq!(check.verdict, verdict, "{}", check.what);
            assert!(check.what.contains(part), "{}", check.what);
        }
    }

    #[test]
    fn where_home_is_none_can_stand_in_for_it() {
        let checks = checks("us-west-2", Ok(Some(text(3))), Ok(None));
        assert_eq!((checks.len(), checks[0].verdict), (1, Verdict::Wrong));
    }
}
