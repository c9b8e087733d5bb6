//! The settings that make alarm a standby.

use jiff::SignedDuration;
use jiff::fmt::temporal::SpanParser;
use snapkeep_policy::alarm::standby::Home;
use snapkeep_policy::bad_input::{BAD_VALUE, BadInput, MISSING_FIELD};
use snapkeep_policy::ids::Region;

/// Makes alarm a standby for the deployment at home in this region: it tells only while home is silent.
pub const STANDBY_FOR: &str = "SNAPKEEP_STANDBY_FOR";
/// Name of the deployment's bucket at home. Mandatory for a standby, which has a bucket of its own.
pub const HOME_BUCKET: &str = "SNAPKEEP_HOME_BUCKET";
/// For how long home may be silent, as ISO 8601; `PT1H` if it isn't set.
pub const STANDBY_AFTER: &str = "SNAPKEEP_STANDBY_AFTER";

const DEFAULT_AFTER: SignedDuration = SignedDuration::from_hours(1);
/// Home looks every few minutes at most.
const AFTER_MIN: SignedDuration = SignedDuration::from_mins(5);
/// Whoever hears of an outage a day later hears it from others.
const AFTER_MAX: SignedDuration = SignedDuration::from_hours(24);

/// Whom the settings make alarm stand in for, if anybody.
pub(super) fn read<'v>(
    var: impl Fn(&'static str) -> Result<Option<&'v str>, BadInput>,
) -> Result<Option<Home>, BadInput> {
    let Some(region) = var(STANDBY_FOR)? else { return Ok(None) };
    let region: Region = region.parse().map_err(|_| {
        let expected = "the region in which the deployment is at home, such as us-west-2";
        BadInput::new(BAD_VALUE, STANDBY_FOR, format!("{region:?}"), expected)
    })?;
    let bucket = var(HOME_BUCKET)?.ok_or_else(|| {
        BadInput::new(MISSING_FIELD, HOME_BUCKET, "nothing", "the name of the bucket at home")
    })?;
    let silent_after = var(STANDBY_AFTER)?.map_or(Ok(DEFAULT_AFTER), after)?;
    Ok(Some(Home { region, bucket: bucket.to_owned(), silent_after }))
}

fn after(text: &str) -> Result<SignedDuration, BadInput> {
    let after = SpanParser::new().parse_duration(text).ok();
    after.filter(|after| (AFTER_MIN..=AFTER_MAX).contains(after)).ok_or_else(|| {
        let expected = "an ISO 8601 duration from PT5M to PT24H";
        BadInput::new(BAD_VALUE, STANDBY_AFTER, format!("{text:?}"), expected)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn home(vars: &[(&'static str, &'static str)]) -> Result<Option<Home>, String> {
        let vars: BTreeMap<_, _> = vars.iter().copied().collect();
        read(|name| Ok(vars.get(name).copied())).map_err(|error| error.to_string())
    }

    #[test]
    fn alarm_is_a_standby_only_if_it_is_told_for_whom() {
        assert_eq!(home(&[(HOME_BUCKET, "b")]), Ok(None));
        let given = [(STANDBY_FOR, "us-west-2"), (HOME_BUCKET, "b")];
        let standby = home(&given).unwrap().unwrap();
        assert_eq!((standby.region.as_str(), standby.silent_after), ("us-west-2", DEFAULT_AFTER));
        let given = [given[0], given[1], (STANDBY_AFTER, "PT30M")];
        assert_eq!(home(&given).unwrap().unwrap().silent_after, SignedDuration::from_mins(30));
    }

    #[test]
    fn a_mistake_is_one_line() {
        let (west, bucket) = ((STANDBY_FOR, "us-west-2"), (HOME_BUCKET, "b"));
        for (vars, line) in [
            (
                &[(STANDBY_FOR, "west")][..],
                "BAD_VALUE SNAPKEEP_STANDBY_FOR: got \"west\", expected the region in which the \
                 deployment is at home, such as us-west-2",
            ),
            (
                &[west],
                "MISSING_FIELD SNAPKEEP_HOME_BUCKET: got nothing, expected the name of the bucket at \
                 home",
            ),
            (
                &[west, bucket, (STANDBY_AFTER, "1h")],
                "BAD_VALUE SNAPKEEP_STANDBY_AFTER: got \"1h\", expected an ISO 8601 duration from \
                 PT5M to PT24H",
            ),
            (
                &[west, bucket, (STANDBY_AFTER, "P1M")],
                "BAD_VALUE SNAPKEEP_STANDBY_AFTER: got \"P1M\", expected an ISO 8601 duration from \
                 PT5M to PT24H",
            ),
        ] {
            assert_eq!(home(vars).unwrap_err(), line);
        }
    }
}
