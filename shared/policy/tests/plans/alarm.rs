//! alarm: what is found, and what is told of it and when.

mod bridge;
mod failed;
mod figures;
mod formats;
mod found;
mod limits;
mod many;
mod measured;
mod messages;
mod notices;
mod paces;
mod restless;
mod runbook;
mod schema;
mod standby;
mod told;
mod vanished;
mod words;

use std::collections::BTreeSet;

use serde_json::Value;
use snapkeep_policy::alarm::{Action, Condition, Memory, News, Notice, plan};
use snapkeep_policy::ids::RdsArn;

use crate::fixtures::*;

const NOW: &str = "2026-03-06T12:00:00Z";

/// A database that nothing is wrong with, and its recovery point of today.
fn sound() -> Fleet {
    let shepherd = cluster("shepherd");
    Fleet::of([shepherd.clone()]).snapshot(point(&shepherd, "2026-03-06T02:00:00Z"))
}

/// Alarm's memory over several looks, with everything delivered unless said otherwise.
struct Watch {
    policy: Value,
    memory: Memory,
}

impl Watch {
    fn new(policy: Value) -> Self {
        Self { policy, memory: Memory::default() }
    }

    /// What one look has to tell: `open …`, `remind …`, `resolve …`.
    fn look(&mut self, fleet: &Fleet, now: &str) -> Vec<String> {
        self.look_and(fleet, now, true, &[])
    }

    fn look_and(
        &mut self,
        fleet: &Fleet,
        now: &str,
        delivered: bool,
        pruned: &[RdsArn],
    ) -> Vec<String> {
        let document = document(&self.policy);
        let view = fleet.view(&document, now);
        let pruned: BTreeSet<RdsArn> = pruned.iter().cloned().collect();
        let (plan, mut next) = plan(&view, &self.memory, Some(&pruned));
        let mut told = Vec::new();
        for step in &plan.steps {
            let Action::Tell(notice) = &step.action;
            told.push(line(notice));
            if delivered {
                next.told(notice, at(now));
            }
        }
        // It is stored as JSON between two runs.
        let stored = serde_json::to_string(&next).unwrap();
        self.memory = serde_json::from_str(&stored).unwrap();
        told
    }
}

/// What is told, to whom it is escalated, and of how many.
fn line(notice: &Notice) -> String {
    let Notice { news, key, level, called_in, others, alarm } = notice;
    assert_eq!(*news == News::Resolved, alarm.resolved_at.is_some(), "{key}: an OK has its time");
    let called_in = match (news, called_in) {
        (News::Escalated, Some(who)) => format!(" to level {level}: {who}"),
        _ => String::new(),
    };
    let many = match others.len() {
        0 => String::new(),
        others => format!(" ({})", others + 1),
    };
    format!("{} {key}{many}{called_in}", news.as_str())
}

const NOTHING: [&str; 0] = [];

/// Every condition that can be read: serde names them all where it knows none of a name.
fn conditions() -> Vec<Condition> {
    let unknown = serde_json::from_str::<Condition>(r#""?""#).unwrap_err().to_string();
    let words = unknown.split('`').skip(3).step_by(2);
    words.map(|word| serde_json::from_value(Value::from(word)).unwrap()).collect()
}
