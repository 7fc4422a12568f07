//! Fuzzing of `overrides`.

#![no_main]

#[path = "../targets/overrides.rs"]
mod overrides;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| overrides::check(bytes));
