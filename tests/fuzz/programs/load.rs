//! Fuzzing of `load`.

#![no_main]

#[path = "../targets/load.rs"]
mod load;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| load::check(bytes));
