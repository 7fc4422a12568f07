//! Fuzzing of `scenario`.

#![no_main]

#[path = "../targets/scenario.rs"]
mod scenario;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scenario::check(bytes));
