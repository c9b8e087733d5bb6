//! Events and requests. The first byte says which function is asked, and whether it knows its account.
//! An event never asks for more than a look; what is refused is refused in one line.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;
use snapkeep_policy::ids::Region;
use snapkeep_policy::request::{Request, Trigger};
use snapkeep_policy::verb::Verb;
use snapkeep_policy::view::CLOCK_SKEW_MAX;

use crate::line;

/// Tries it.
pub fn check(bytes: &[u8]) {
    let Some((first, payload)) = bytes.split_first() else { return };
    let verb = Verb::ALL[usize::from(*first) % Verb::ALL.len()];
    let account = "123456789012".parse().ok().filter(|_| first & 0x80 == 0);
    let now: Timestamp = "2026-03-04T12:00:00Z".parse().expect("an instant");
    let regions: BTreeSet<Region> =
        ["us-east-1", "us-west-2"].map(|name| name.parse().expect("a region")).into();
    let parse = |bytes: &[u8]| Request::parse(bytes, verb, account.as_ref(), &regions, now);
    match parse(payload) {
        Ok(request) => {
            let value: Value = serde_json::from_slice(payload).expect("what was read is JSON");
            let again = parse(value.to_string().as_bytes());
            assert_eq!(again.as_ref(), Ok(&request), "read, written and read again");
            asks_for_no_more_than_it_may(&request, now, &regions);
        }
        Err(bad) => line::check(&bad.to_string(), line::REFUSAL_CHARS_MAX),
    }
}

fn asks_for_no_more_than_it_may(request: &Request, now: Timestamp, regions: &BTreeSet<Region>) {
    let look = Request { trigger: request.trigger.clone(), ..Request::default() };
    let at = match &request.trigger {
        Trigger::Event { region, at, .. } | Trigger::RestoreJob { region, at, .. } => {
            assert_eq!(*request, look, "an event asks for more than a look");
            assert!(regions.contains(region));
            *at
        }
        Trigger::Schedule { at } => {
            let asked_once = (&request.name, &request.approve, &request.accept);
            assert_eq!(asked_once, (&None, &None, &None), "a schedule asks for what is asked once");
            *at
        }
        Trigger::OnDemand => now,
    };
    assert!(at.duration_since(now) <= CLOCK_SKEW_MAX, "from the future");
    assert!(!request.hold || request.name.is_some(), "a hold without a name");
}
