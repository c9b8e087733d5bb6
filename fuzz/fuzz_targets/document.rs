//! See `snapkeep_fuzz::document`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| snapkeep_fuzz::document::check(bytes));
