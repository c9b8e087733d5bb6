//! What doctor answers: its lines, its JSON, its exit code.

use serde::Serialize;
use snapkeep_policy::doctor::{Area, Check, Verdict};

use crate::exit::Exit;
use crate::ui;

/// What `--output json` prints: part of the command line's contract.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    checks: Vec<Check>,
    ok: usize,
    wrong: usize,
    unknown: usize,
}

impl Answer {
    pub(super) fn of(checks: Vec<Check>) -> Self {
        let count = |verdict| checks.iter().filter(|check| check.verdict == verdict).count();
        let (ok, wrong, unknown) =
            (count(Verdict::Ok), count(Verdict::Wrong), count(Verdict::Unknown));
        Self { checks, ok, wrong, unknown }
    }

    /// What couldn't be looked at is no success: whoever waits for this code would deploy on it.
    pub(super) fn exit(&self) -> Exit {
        if self.wrong + self.unknown == 0 { Exit::Nothing } else { Exit::Error }
    }

    pub(super) fn print(&self) {
        let heading = ui::HEADING;
        for area in Area::ALL {
            let mut checks = self.checks.iter().filter(|check| check.area == area).peekable();
            if checks.peek().is_none() {
                continue;
            }
            anstream::println!("{heading}{}{heading:#}", area.heading());
            checks.for_each(print);
            anstream::println!();
        }
        let Self { ok, wrong, unknown, .. } = self;
        anstream::println!(
            "{heading}Doctor:{heading:#} {ok} ok, {wrong} wrong, {unknown} unknown."
        );
    }
}

fn print(check: &Check) {
    let (style, mark) = match check.verdict {
        Verdict::Ok => (ui::GOOD, "✓"),
        Verdict::Wrong => (ui::BAD, "✗"),
        Verdict::Unknown => (ui::DIM, "?"),
    };
    let Check { what, next, .. } = check;
    let next = next.as_ref().map_or(String::new(), |next| format!(": {next}"));
    anstream::println!("{style}{mark}{style:#} {what}{next}");
}
