//! See `snapkeep_fuzz::request`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| snapkeep_fuzz::request::check(bytes));
