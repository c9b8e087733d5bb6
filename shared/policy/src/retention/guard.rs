//! What stands between a decision and a delete: doubt, the cap, and the hash that lifts the cap once.

use jiff::tz::TimeZone;
use jiff::{SpanFieldwise, Timestamp};

use super::Verified;
use super::decision::{Fate, GuardStatus};
use super::judge::{Judged, Standing};
use super::rules::{Count, Guard, Retention};
use crate::ids::fnv1a;
use crate::plan::{Refusal, RefusalCode};

/// What of a group the guards ask for.
#[derive(Debug, Default)]
pub(super) struct Census<'p> {
    pub(super) managed: usize,
    pub(super) delete_ids: Vec<&'p str>,
    eligible: usize,
    verified: usize,
}

impl<'p> Census<'p> {
    pub(super) fn count(&mut self, judged: &Judged<'_, 'p>) {
        let is_eligible = judged.standing == Standing::Eligible;
        let is_verified = is_eligible && judged.point.verified == Verified::Pass;
        self.managed += usize::from(judged.fate != Fate::Ignore);
        self.eligible += usize::from(is_eligible);
        self.verified += usize::from(is_verified);
        self.delete_ids.extend((judged.fate == Fate::Delete).then_some(judged.point.id));
    }
}

/// Why nothing of the group may be deleted, if so. Doubt comes before the cap: no approval lifts it.
pub(super) fn refusal(
    census: &Census<'_>,
    rules: &Retention,
    guard: &GuardStatus,
) -> Option<Refusal> {
    let &Census { managed, eligible, verified, ref delete_ids } = census;
    let refuse = |code, message| Some(Refusal { code, message });
    if managed > 0 && eligible == 0 {
        let message = format!(
            "verification failed on all {managed} recovery points: nothing is deleted; \
             find out why, and take a new one"
        );
        refuse(RefusalCode::NoEligible, message)
    } else if eligible > 0 && verified == 0 && rules.verified_floor > 0 {
        let message = format!(
            "none of {eligible} recovery points is verified and the policy wants {}: \
             nothing is deleted; verify one first",
            rules.verified_floor
        );
        refuse(RefusalCode::NoVerified, message)
    } else if guard.blocked {
        let message = format!(
            "{} of {managed} recovery points would go at once, and {} may: \
             look at the plan, then approve its hash {}",
            delete_ids.len(),
            guard.deletes_max,
            guard.plan_hash
        );
        refuse(RefusalCode::GuardBlocked, message)
    } else {
        None
    }
}

/// Names a set of deletes together with all it was decided from, so that an approval is of no use
/// for any other. The same in every run until a recovery point comes, goes or changes its fate.
pub(super) fn plan_hash(
    rules: &Retention,
    zone: &TimeZone,
    anchor: Option<Timestamp>,
    census: &Census<'_>,
) -> String {
    let mut delete_ids = census.delete_ids.clone();
    delete_ids.sort_unstable();
    let zone = zone.iana_name().map_or_else(|| format!("{zone:?}"), str::to_owned);
    let anchor = anchor.map_or_else(String::new, |anchor| anchor.to_string());
    let mut text = format!("{}\n{zone}\n{anchor}", canonical(rules));
    for id in delete_ids {
        text.push('\n');
        text.push_str(id);
    }
    format!("{:016x}", fnv1a(&text))
}

/// The rules as one text, in an order and a form that later versions will keep.
fn canonical(rules: &Retention) -> String {
    let Retention {
        keep_last,
        hourly,
        daily,
        weekly,
        monthly,
        yearly,
        within,
        within_hourly,
        within_daily,
        within_weekly,
        within_monthly,
        within_yearly,
        keep_oldest,
        min_keep,
        verified_floor,
        expire_after,
        quarantine,
        guard: Guard { max_deletes, max_percent },
        drain,
    } = rules;
    let mut text = String::new();
    for count in [keep_last, hourly, daily, weekly, monthly, yearly] {
        match count {
            Count::Exactly(count) => text.push_str(&format!("{count};")),
            Count::All => text.push_str("all;"),
        }
    }
    let windows = [within, within_hourly, within_daily, within_weekly, within_monthly];
    for length in windows.into_iter().chain([within_yearly, expire_after, &Some(*quarantine)]) {
        text.push_str(&length.map_or_else(String::new, |SpanFieldwise(length)| length.to_string()));
        text.push(';');
    }
    let drain = drain.map_or_else(String::new, |drain| drain.to_string());
    text.push_str(&format!("{keep_oldest};{min_keep};{verified_floor};"));
    text.push_str(&format!("{max_deletes};{max_percent};{drain}"));
    text
}
