//! See `snapkeep_fuzz::databases`.
#![no_main]

snapkeep_fuzz::target!(snapkeep_fuzz::databases::check);
