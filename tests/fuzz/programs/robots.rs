//! Fuzzing of `robots`.

#![no_main]

#[path = "../targets/robots.rs"]
mod robots;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| robots::check(bytes));
