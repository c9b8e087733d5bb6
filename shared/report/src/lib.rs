//! The reports of snapkeep: what management reads, and what an auditor keeps.
pub mod look;
