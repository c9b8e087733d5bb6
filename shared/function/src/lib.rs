//! What the five functions have in common.
//!
//! Each function is the same walk: read the policy document, read what was asked, observe the
//! account, let the policy crate decide, carry the plan out, report. The steps are here; a function
//! adds its decision and its actions, and its `main` only wires.
//!
//! A run goes on after a failure with everything that doesn't depend on it, and then fails as a whole
//! with a report that says what was done, what wasn't and why. So a partial failure can't pass for a
//! success, and the platform's retry finds the world as it was left.

pub mod app;
pub mod carry_out;
pub mod error;
pub mod evidence;
pub mod lambda;
pub mod metrics;
pub mod report;
pub mod settings;

pub use app::{App, Tick};
pub use carry_out::carry_out;
pub use error::Error;
pub use report::{Entry, Outcome, Report};
pub use settings::Settings;
