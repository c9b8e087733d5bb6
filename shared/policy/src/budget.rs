//! How much one run may do. What a plan has beyond it is left to the next run, and said so.
//!
//! A run ends 20 s before its timeout whatever its plan holds, and goes on at the next tick. A budget
//! bounds it in another way: by calls. AWS throttles an account's RDS calls as a whole, people's and
//! deploy pipelines' among them, so no run of ours may send thousands at once, however much time it has;
//! and a mistake in a policy does so much in a run and no more, while somebody may still look.
//!
//! Plans come with what is most urgent first, so what is left out is what can wait. Deletes are bounded
//! a second time, group by group, by the retention's guard.

use crate::plan::Plan;
use crate::verb::Verb;

/// The steps that one run of `verb` takes, at most. Beside the lists that it reads, a create or a copy
/// is one call, a delete two, a verification's step up to three and the time to question a database.
#[must_use]
pub fn steps_max(verb: Verb) -> usize {
    match verb {
        // Half a minute at 20 calls a second, or two minutes when every call waits for its answer.
        Verb::Create => 500,
        // More than the copies that AWS lets be in flight into four regions.
        Verb::Copy => 100,
        // A question may take minutes. Most runs have fewer for `concurrent_max`.
        Verb::Verify => 100,
        // As many calls as 500 creates.
        Verb::Prune => 250,
        // Messages are bounded by their groups.
        Verb::Alarm => usize::MAX,
    }
}

/// Leaves the steps beyond the budget of `verb` to the next run.
pub(crate) fn keep_within<A>(plan: &mut Plan<A>, verb: Verb) {
    let max = steps_max(verb);
    let left = plan.steps.len().saturating_sub(max);
    if left > 0 {
        plan.steps.truncate(max);
        plan.note(verb, format!("{left} steps are left to the next run: one takes {max} at most"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_the_budget_is_left_to_the_next_run_and_counted() {
        for (steps, kept, notes) in [(0, 0, 0), (99, 99, 0), (100, 100, 0), (107, 100, 1)] {
            let mut plan = Plan::default();
            (0..steps).for_each(|step| plan.step(step, "due"));
            keep_within(&mut plan, Verb::Copy);
            assert_eq!((plan.steps.len(), plan.notes.len()), (kept, notes), "{steps} steps");
            assert!(plan.steps.iter().map(|step| step.action).eq(0..kept), "the first ones stay");
        }
        let mut plan = Plan::default();
        (0..251).for_each(|step| plan.step(step, "expired"));
        keep_within(&mut plan, Verb::Prune);
        assert_eq!(plan.notes[0].subject, "prune");
        assert_eq!(plan.notes[0].text, "1 steps are left to the next run: one takes 250 at most");
    }
}
