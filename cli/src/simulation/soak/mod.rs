//! The gate: many small accounts, each with its own weather and its own neighbours, lived through by the
//! shipped handlers while every call is watched.
//!
//! [`small`] draws an account from a seed, [`rates`] its random faults and [`acts`] what people and events
//! do; [`run`] lives through it and [`rest`] waits for it to come to rest. [`checks`] and [`ends`] hold the
//! [`invariants`], with [`gfs`] for what retention keeps; [`catalogue`] counts the faults. [`scenarios`] are run
//! exhaustively instead, and held against each other by [`compare`]. Each run is a process of its own ([`outcome`]), and [`farm`] runs many of them,
//! twice each, and makes failures small.

mod acts;
mod catalogue;
mod checks;
mod compare;
mod draw;
mod ends;
pub mod farm;
mod gfs;
pub mod invariants;
pub mod outcome;
mod rates;
mod rest;
mod run;
mod scenarios;
mod small;
mod stagehand;

pub use catalogue::{ROWS, UNMET};
use outcome::{Order, Report, What};

/// One run, in this process.
///
/// # Errors
/// A policy that is refused, or a scenario that doesn't exist.
pub async fn live(order: &Order) -> Result<Report, String> {
    match &order.what {
        What::Seed(seed) => {
            let outcome = run::seed(*seed, order.only.as_ref()).await?;
            Ok(Report { outcome, extent: None })
        }
        What::Scenario { name, upset } => {
            let scenario =
                scenarios::Scenario::named(name).ok_or(format!("no scenario is named {name}"))?;
            let (outcome, extent) = scenario.run(*upset).await?;
            Ok(Report { outcome, extent: Some(extent) })
        }
    }
}
