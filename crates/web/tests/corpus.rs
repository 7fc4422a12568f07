//! What fuzzing has kept (tests/fuzz) is read as it was when it was kept: without a panic, and to the same meaning.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    unreachable_pub,
    reason = "the whole file is a test, which shares its modules with programs"
)]

#[path = "../../../tests/fuzz/kept.rs"]
mod kept;
#[path = "../../../tests/fuzz/targets/robots.rs"]
mod robots;
#[path = "../../../tests/fuzz/targets/warc.rs"]
mod warc;

#[test]
fn kept_inputs_of_robots_are_read() {
    kept::replay(env!("CARGO_MANIFEST_DIR"), "robots", robots::check);
}

#[test]
fn kept_inputs_of_warc_are_read() {
    kept::replay(env!("CARGO_MANIFEST_DIR"), "warc", warc::check);
}
