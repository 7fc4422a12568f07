//! What fuzzing has kept (tests/fuzz) is read as it was when it was kept: without a panic, and to the same meaning.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    unreachable_pub,
    reason = "the whole file is a test, which shares its modules with programs"
)]

#[path = "../../../tests/fuzz/kept.rs"]
mod kept;
#[path = "../../../tests/fuzz/targets/load.rs"]
mod load;
#[path = "../../../tests/fuzz/targets/overrides.rs"]
mod overrides;
#[path = "../../../tests/fuzz/targets/scenario.rs"]
mod scenario;
#[path = "../../../tests/fuzz/targets/sweep.rs"]
mod sweep;
#[path = "../../../tests/fuzz/targets/theory.rs"]
mod theory;

#[test]
fn kept_inputs_of_load_are_read() {
    kept::replay(env!("CARGO_MANIFEST_DIR"), "load", load::check);
}

#[test]
fn kept_inputs_of_overrides_are_read() {
    kept::replay(env!("CARGO_MANIFEST_DIR"), "overrides", overrides::check);
}

#[test]
fn kept_inputs_of_scenario_are_read() {
    kept::replay(env!("CARGO_MANIFEST_DIR"), "scenario", scenario::check);
}

#[test]
fn kept_inputs_of_sweep_are_read() {
    kept::replay(env!("CARGO_MANIFEST_DIR"), "sweep", sweep::check);
}

#[test]
fn kept_inputs_of_theory_are_read() {
    kept::replay(env!("CARGO_MANIFEST_DIR"), "theory", theory::check);
}
