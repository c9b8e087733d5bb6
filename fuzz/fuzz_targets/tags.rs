//! See `snapkeep_fuzz::tags`.
#![no_main]

snapkeep_fuzz::target!(snapkeep_fuzz::tags::check);
