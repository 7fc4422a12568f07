//! Fuzzing of `warc`.

#![no_main]

#[path = "../targets/warc.rs"]
mod warc;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| warc::check(bytes));
