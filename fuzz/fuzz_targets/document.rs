//! See `snapkeep_fuzz::document`.
#![no_main]

snapkeep_fuzz::target!(snapkeep_fuzz::document::check);
