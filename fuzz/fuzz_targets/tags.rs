//! See `snapkeep_fuzz::tags`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| snapkeep_fuzz::tags::check(bytes));
