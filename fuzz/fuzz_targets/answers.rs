//! See `snapkeep_fuzz::answers`.
#![no_main]

snapkeep_fuzz::target!(snapkeep_fuzz::answers::check);
