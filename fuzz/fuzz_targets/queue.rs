//! See `snapkeep_fuzz::queue`.
#![no_main]

snapkeep_fuzz::target!(snapkeep_fuzz::queue::check);
