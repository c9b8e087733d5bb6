//! See `snapkeep_fuzz::records`.
#![no_main]

snapkeep_fuzz::target!(snapkeep_fuzz::records::check);
