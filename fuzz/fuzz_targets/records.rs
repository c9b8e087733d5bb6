//! See `snapkeep_fuzz::records`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| snapkeep_fuzz::records::check(bytes));
