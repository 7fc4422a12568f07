//! Fuzzing of `theory`.

#![no_main]

#[path = "../targets/theory.rs"]
mod theory;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| theory::check(bytes));
