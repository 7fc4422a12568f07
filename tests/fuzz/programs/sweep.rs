//! Fuzzing of `sweep`.

#![no_main]

#[path = "../targets/sweep.rs"]
mod sweep;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sweep::check(bytes));
