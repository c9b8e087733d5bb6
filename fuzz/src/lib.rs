//! What is tried on everything that comes from outside: each module takes any bytes, reads them
//! through the product's own front door, and says what must hold whatever they are.
//!
//! ```text
//! document   the policy document                             text -> rules
//! request    what a function is asked: events and requests    text -> request
//! tags       tags on snapshots and scratch databases          tags -> what all five verbs decide
//! queue      what lies in the queues of failed runs           message -> an alarm's words
//! records    evidence, and alarm's memory                     JSON -> history, and what alarm decides
//! answers    what AWS answers, through the real SDK clients   HTTP -> inventory -> what prune decides
//! databases  what a restored database answers, over TCP       bytes -> testimony
//! ```
//!
//! Nothing may panic, overflow or take for ever; the modules say what else. `fuzz_targets/` hands
//! them to libFuzzer, `corpus/` is what they are tried on in any case, and `run` is the front door.

#[cfg(feature = "wire")]
pub mod answers;
#[cfg(feature = "wire")]
pub mod databases;
pub mod document;
pub mod engine;
pub mod line;
pub mod queue;
pub mod records;
pub mod request;
pub mod tags;

#[allow(dead_code, unused_imports, reason = "made for the tests of plans, which use more of it")]
#[path = "../../shared/policy/tests/plans/fixtures.rs"]
mod fixtures;
#[allow(dead_code, unused_imports, reason = "made for the tests of plans, which use more of it")]
#[path = "../../shared/policy/tests/plans/fleet.rs"]
mod fleet;
