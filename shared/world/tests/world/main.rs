//! The simulated account, asked by the SDK's own clients.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail it")]

mod copies;
mod elsewhere;
mod faults;
mod fleet;
mod lists;
mod observed;
mod restores;
mod snapshots;
mod support;
mod wire;
