//! The decisions of snapkeep, and nothing else.
//!
//! Every rule of the product is a pure function of what was observed, the policy document and one
//! instant; what it returns is a plan: data, with a reason on every line. There is no AWS here, no
//! async, no clock and no environment (a lint and `./test` enforce it), so a dry run is the plan
//! printed, a simulation is the plan applied elsewhere, and a crash is answered by looking again.
//!
//! Read it in this order: [`inventory`] is what can be seen, [`document`] is what is wanted,
//! [`create`], [`copy`], [`verify`], [`prune`] and [`alarm`] decide, one `plan` each, and [`plan`]
//! is the shape of every answer. [`retention`] and [`schedule`] hold the two calculations on which
//! the rest stands.

pub mod alarm;
pub mod bad_input;
pub mod budget;
pub mod copy;
pub mod create;
pub mod doctor;
pub mod document;
pub mod history;
pub mod ids;
pub mod inventory;
mod json;
pub mod metrics;
pub mod period;
pub mod plan;
pub mod prune;
pub mod quota;
pub mod recovery_point;
pub mod request;
pub mod retention;
pub mod schedule;
pub mod scratch;
pub mod selection;
pub mod shard;
pub mod status;
pub mod tags;
pub mod verb;
pub mod verify;
pub mod view;
pub mod words;
