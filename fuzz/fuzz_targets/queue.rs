//! See `snapkeep_fuzz::queue`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| snapkeep_fuzz::queue::check(bytes));
