use std::collections::BTreeMap;

use snapkeep_policy::verb::Verb;

use super::{Fleet, Order, Run, live};

/// Thirty databases in each region, in two shards, and time for two thirds of a shard's creates.
fn order() -> Order {
    Order {
        databases: 60,
        recovery_points: 5,
        shards: 2,
        timeout_seconds: 48,
        latency_ms: 1_000,
        throttled_percent: 5,
        seed: 1,
    }
}

fn of(runs: &[Run], verb: Verb) -> Vec<&Run> {
    runs.iter().filter(|run| run.verb == verb).collect()
}

#[tokio::test]
async fn a_day_in_which_runs_run_out_of_time_and_calls_are_throttled_misses_nothing() {
    let day = live(&order(), |_| {}).await.unwrap();
    assert!(day.is_well(), "{day:#?}");
    assert_eq!((day.created, day.copied, day.pruned), (60, 60, 120));
    assert_eq!(day.recovery_points_before, day.recovery_points_after);
    let left: usize = of(&day.runs, Verb::Create).iter().map(|run| run.out_of_time).sum();
    assert!(left > 0, "no run of create left anything to the next: the day is too easy");
    assert!(of(&day.runs, Verb::Copy).len() > 4, "one run of copy did it: the day is too easy");
    assert!(day.throttled > 10, "only {} calls were throttled", day.throttled);
    let timeout = f64::from(order().timeout_seconds);
    // alarm's few dozen calls don't grow with the fleet; at this latency they alone take the time.
    for run in day.runs.iter().filter(|run| run.verb != Verb::Alarm) {
        assert!(run.seconds < timeout, "killed: {run:?}");
    }
}

#[tokio::test]
async fn a_fleet_that_takes_too_long_to_list_is_told_and_nothing_of_it_is_deleted() {
    // Nine seconds are usable, not seven of them to look: after the policy document, six of eight lists.
    let small = Order { databases: 4, recovery_points: 3, shards: 1, ..order() };
    let order = Order { timeout_seconds: 12, latency_ms: 1_000, throttled_percent: 0, ..small };
    let fleet = Fleet::furnish(&order).await.unwrap();
    fleet.world().advance_to(fleet.start + super::fleet::SLOT);
    for verb in [Verb::Create, Verb::Copy, Verb::Prune] {
        let run = fleet.wake(verb, None).await;
        // One region may have been listed in time: what is right there is right whatever the other does.
        let may_act = verb != Verb::Prune;
        assert!(!run.errors.is_empty() && (may_act || run.done == 0), "{run:?}");
        for told in &run.errors {
            assert!(told.contains("OutOfTime"), "{told}");
            assert!(told.contains("raise the function's timeout"), "{told}");
        }
        assert!(run.seconds < 12.0, "killed: {run:?}");
    }
}

/// Calls to RDS, those to S3, and all lists of tags.
fn counted(calls: &BTreeMap<String, u64>) -> (u64, u64, u64) {
    let of = |service: &str| {
        calls.iter().filter(|(name, _)| name.starts_with(service)).map(|(_, count)| count).sum()
    };
    (of("rds:"), of("s3:"), calls.get("rds:ListTagsForResource").copied().unwrap_or_default())
}

/// Pages of all lists of both regions, as they are now; an empty list is a page.
fn pages(fleet: &Fleet) -> u64 {
    let pages = |items: usize| items.div_ceil(100).max(1) as u64;
    let world = fleet.world();
    let mut all = 0;
    for region in fleet.regions() {
        let (databases, snapshots) = (world.databases(&region), world.snapshots(&region));
        let clusters = databases.iter().filter(|it| it.instance_class.is_none()).count();
        let of_clusters = snapshots.iter().filter(|it| it.engine == "docdb").count();
        all += pages(clusters) + pages(databases.len() - clusters);
        all += pages(of_clusters) + pages(snapshots.len() - of_clusters);
    }
    all
}

/// Beside RDS, each run reads the policy document, and finds its place in the evidence and writes there
/// (prune its intent, too).
const S3_CALLS_MAX: u64 = 10;

#[tokio::test]
async fn no_run_makes_more_calls_than_pages_and_steps_need() {
    for databases in [10, 100] {
        let order = Order {
            databases,
            recovery_points: 10,
            shards: 1,
            timeout_seconds: 900,
            latency_ms: 0,
            throttled_percent: 0,
            seed: 1,
        };
        let fleet = Fleet::furnish(&order).await.unwrap();
        let world = fleet.world();
        world.advance_to(fleet.start + super::fleet::SLOT);
        let mut steps = Vec::new();
        // Copies and their originals go once the copies are there.
        for (verb, calls_per_step, wait_hours) in
            [(Verb::Create, 1, 3), (Verb::Copy, 1, 3), (Verb::Prune, 2, 0)]
        {
            let pages = pages(&fleet);
            let run = fleet.wake(verb, None).await;
            let (rds, s3, tags) = counted(&run.calls);
            let done = run.done as u64;
            assert_eq!(run.errors, Vec::<String>::new(), "{verb}");
            assert_eq!(rds, pages + calls_per_step * done + 2, "{verb} of {databases}: {run:?}");
            assert!(s3 <= S3_CALLS_MAX, "{verb} of {databases}: {run:?}");
            assert_eq!(tags, 0, "{verb} of {databases}");
            assert_eq!(rds + s3, run.calls.values().sum::<u64>(), "{verb}: {run:?}");
            steps.push(done);
            world.advance_to(world.now() + jiff::SignedDuration::from_hours(wait_hours));
        }
        // Into each of two regions, AWS copies five clusters and twenty instances at a time.
        let copied = u64::from(databases).min(50);
        let databases = u64::from(databases);
        assert_eq!(steps, [databases, copied, databases + copied], "of {databases}");
    }
}
