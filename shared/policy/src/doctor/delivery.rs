//! Whether anybody hears an alarm.

use crate::doctor::{Area, Check, Seen};

/// A topic for alarms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// Who listens to it.
    pub subscriptions: Subscriptions,
    /// Its own policy, as JSON; empty if it has none.
    pub policy: String,
}

/// How many listen. A subscription by email is none until somebody follows the link in the first mail,
/// and falls back when somebody follows the one that ends it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Subscriptions {
    /// Those that are delivered to.
    pub confirmed: usize,
    /// Those that nobody has confirmed.
    pub pending: usize,
}

pub(super) fn judge(arn: &str, is_named: bool, topic: &Seen<Option<Topic>>) -> Check {
    let area = Area::Subscriptions;
    let Subscriptions { confirmed, pending } = match topic {
        Err(unseen) => return Check::unseen(area, unseen),
        Ok(Some(topic)) => topic.subscriptions,
        Ok(None) if is_named => {
            return Check::wrong(area, format!("{arn} doesn't exist"), "correct --topic");
        }
        Ok(None) => {
            let next = "apply the module, or name the topic with --topic";
            return Check::unknown(area, format!("{arn} isn't deployed yet"), next);
        }
    };
    match (confirmed, pending) {
        (0, 0) => Check::wrong(
            area,
            format!("nobody subscribes to {arn}"),
            "subscribe whoever is on duty",
        ),
        (_, 0) => Check::ok(area, format!("{arn} has {confirmed} confirmed")),
        (_, _) => {
            let what = format!("{arn} has {confirmed} confirmed and {pending} pending");
            Check::wrong(area, what, "confirm what is pending, or remove it: it hears nothing")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::{Unseen, Verdict};

    #[test]
    fn an_alarm_is_heard_if_somebody_confirmed_and_nobody_is_pending() {
        let of = |confirmed, pending| {
            let subscriptions = Subscriptions { confirmed, pending };
            Ok(Some(Topic { subscriptions, policy: String::new() }))
        };
        let refused = Unseen { what: "list: AccessDenied".to_owned(), next: "ask".to_owned() };
        let table = [
            (true, of(0, 0), Verdict::Wrong, "nobody subscribes to T"),
            (true, of(1, 0), Verdict::Ok, "T has 1 confirmed"),
            (true, of(0, 1), Verdict::Wrong, "T has 0 confirmed and 1 pending"),
            (true, of(2, 1), Verdict::Wrong, "T has 2 confirmed and 1 pending"),
            (true, Ok(None), Verdict::Wrong, "T doesn't exist"),
            (false, Ok(None), Verdict::Unknown, "T isn't deployed yet"),
            (true, Err(refused), Verdict::Unknown, "list: AccessDenied"),
        ];
        for (is_named, topic, verdict, what) in table {
            let check = judge("T", is_named, &topic);
            assert_eq!((check.verdict, &*check.what), (verdict, what));
            assert_eq!(check.next.is_some(), verdict != Verdict::Ok);
        }
    }
}
