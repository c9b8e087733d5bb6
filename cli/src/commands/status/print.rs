//! The status for people: an answer first, then a line for each database.

use super::{Answer, Line};
use crate::ui;

/// Fits a terminal, a mail and a ticket.
const COLUMNS_MAX: u16 = 100;

pub(super) fn answer(answer: &Answer) {
    let (heading, dim, bad) = (ui::HEADING, ui::DIM, ui::BAD);
    let Answer { deployment, now, proven, protected, unprotected, .. } = answer;
    let style = if proven == protected && answer.unseen.is_empty() { ui::GOOD } else { ui::BAD };
    let databases = if *protected == 1 { "database is" } else { "databases are" };
    anstream::println!(
        "{heading}Restorable?{heading:#} {style}{proven} of {protected}{style:#} {databases} proven \
         within their limits."
    );
    let alarms = match answer.open_alarms {
        Some(1) => "1 open alarm".to_owned(),
        Some(count) => format!("{count} open alarms"),
        None => "open alarms unknown".to_owned(),
    };
    anstream::println!(
        "{dim}{deployment}, as of {now:.0}; {alarms}; {unprotected} unprotected{dim:#}\n"
    );
    if !answer.databases.is_empty() {
        anstream::println!("{}\n", table(&answer.databases));
    }
    for Line { database, region, wrong, next_step, .. } in &answer.databases {
        for line in wrong {
            anstream::println!("{bad}✗{bad:#} {database} in {region}: {line}");
        }
        if let Some(next_step) = next_step {
            anstream::println!("{dim}  {next_step}{dim:#}");
        }
    }
    for line in &answer.unseen {
        anstream::println!("{dim}? {line}{dim:#}");
    }
}

fn table(lines: &[Line]) -> comfy_table::Table {
    let mut table = ui::table([
        "", "database", "engine", "region", "policy", "newest", "proven", "loss/RPO", "took/RTO",
        "last", "copies", "alarms",
    ]);
    let width = table.width().unwrap_or(COLUMNS_MAX).min(COLUMNS_MAX);
    table.set_width(width);
    for column in table.column_iter_mut() {
        column.set_padding((0, 1));
    }
    for line in lines {
        let mark = if line.proven && line.open_alarms == 0 { "✓" } else { "✗" };
        let Line { database, engine, region, policy, .. } = line;
        let copies: Vec<String> = line.copies.values().map(ToString::to_string).collect();
        table.add_row([
            mark.to_owned(),
            database.clone(),
            engine.clone(),
            region.clone(),
            policy.clone(),
            age(line.newest_age_seconds),
            age(line.verified_age_seconds),
            against(line.exposure_seconds, line.rpo_seconds),
            against(line.recovery_seconds, line.rto_seconds),
            line.verdict.map_or("-", |verdict| verdict.as_str()).to_owned(),
            if copies.is_empty() { "-".to_owned() } else { copies.join("+") },
            line.open_alarms.to_string(),
        ]);
    }
    table
}

/// What is, and what may be.
fn against(is: Option<i64>, may_be: Option<i64>) -> String {
    match may_be {
        Some(_) => format!("{}/{}", age(is), age(may_be)),
        None => age(is),
    }
}

/// A length of time in its largest unit: a table is no place for more.
fn age(seconds: Option<i64>) -> String {
    let Some(seconds) = seconds else { return "-".to_owned() };
    match seconds / 60 {
        minutes @ ..120 => format!("{minutes}m"),
        minutes @ 120..2_880 => format!("{}h", minutes / 60),
        minutes => format!("{}d", minutes / 1_440),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_in_its_largest_unit() {
        for (seconds, expected) in [
            (None, "-"),
            (Some(59), "0m"),
            (Some(7_199), "119m"),
            (Some(7_200), "2h"),
            (Some(172_799), "47h"),
            (Some(172_800), "2d"),
        ] {
            assert_eq!(age(seconds), expected);
        }
    }
}
