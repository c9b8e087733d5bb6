//! See `snapkeep_fuzz::request`.
#![no_main]

snapkeep_fuzz::target!(snapkeep_fuzz::request::check);
