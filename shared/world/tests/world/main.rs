//! The simulated account, asked by the SDK's own clients.

mod copies;
mod elsewhere;
mod faults;
mod fleet;
mod lists;
mod restores;
mod snapshots;
mod support;
mod wire;
