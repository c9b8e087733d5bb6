//! The five plans from outside: what each verb decides on a fleet that is described line by line, with
//! literal dates; and what all of them lead to when their plans are carried out again and again.

#![expect(clippy::unwrap_used, reason = "helpers of tests, which may")]

mod alarm;
mod apply;
mod copy;
mod create;
mod doctor;
mod fixpoint;
mod fixtures;
mod fleet;
mod forged;
mod listed;
mod metrics;
mod prune;
mod seen;
mod shards;
mod status;
mod untrusted;
mod verify;
