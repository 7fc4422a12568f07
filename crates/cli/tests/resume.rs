//! A run that was killed goes on as if nothing had happened.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/cases.rs"]
mod cases;
#[path = "common/damage.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod damage;
#[path = "common/program.rs"]
mod program;
#[path = "common/running.rs"]
mod running;
#[path = "common/trial.rs"]
mod trial;

use std::os::unix::process::ExitStatusExt;

use cases::{Case, result, small};
use damage::{flip_a_byte, newest};
use program::{echosphere, manifest};
use running::{Running, checkpoints};
use tempfile::tempdir;
use trial::Trial;

/// Kills a run without warning once checkpoint number `number` is there.
#[track_caller]
fn kill_after(trial: &Trial, number: u64) {
    let mut running = trial.start(&["--checkpoint-every", "1"]);
    running.wait_until(|| checkpoints(&trial.run()).last() >= Some(&number));
    kill(running);
    assert_eq!(manifest(&trial.run())["status"], "running");
}

/// Ends a run as a power failure would.
#[track_caller]
fn kill(mut running: Running) {
    running.0.kill().unwrap();
    let status = running.0.wait().unwrap();
    assert_eq!(status.signal(), Some(9), "it was faster than the kill");
}

/// Killed early, killed again later at another thread count, then interrupted, and every time resumed.
#[track_caller]
fn check(case: Case) {
    let trial = Trial::new(case);
    kill_after(&trial, 1);
    let go_on = [
        "resume",
        "cut",
        "-q",
        "--threads",
        "1",
        "--checkpoint-every",
        "1",
    ];
    let mut again = Running::start(trial.folder.path(), go_on);
    let first = checkpoints(&trial.run()).last().copied();
    again
        .wait_until(|| checkpoints(&trial.run()).last() >= first.map(|number| number + 2).as_ref());
    kill(again);
    trial.resume(&["--threads", "4"]);
}

#[test]
fn specialists_survive_kills() {
    check(small("specialists").with("horizon.generations=8"));
}

#[test]
fn networks_survive_kills() {
    check(small("specialists-neural").with("horizon.generations=8"));
}

#[test]
fn collapse_survives_kills() {
    check(small("collapse"));
}

#[test]
fn zipf_tails_survive_kills() {
    check(small("zipf-tails"));
}

#[test]
fn hundred_voices_survive_kills() {
    check(small("hundred-voices"));
}

#[test]
fn a_web_that_is_crawled_survives_kills() {
    check(small("common-crawl-2026"));
    check(small("closed-gardens"));
}

#[test]
fn asynchronous_survives_kills() {
    check(small("asynchronous"));
}

#[test]
fn densities_survive_kills() {
    // Long enough that something is left after the second kill.
    check(small("heavy-tails").with("horizon.generations=30"));
    check(small("two-towns").with("horizon.generations=200"));
}

#[test]
fn regressions_survive_kills() {
    check(small("paper-regression-homogenisation").with("horizon.generations=400"));
}

#[test]
fn g1_survives_kills() {
    check(small("g1"));
}

#[test]
fn a_run_killed_before_its_first_checkpoint_begins_again() {
    let trial = Trial::new(small("collapse").with("horizon.generations=3000"));
    let mut running = trial.start(&[]);
    running.wait_until(|| trial.run().join("manifest.json").exists());
    kill(running);
    assert!(checkpoints(&trial.run()).is_empty());
    trial.resume(&[]);
}

#[test]
fn run_with_resume_goes_on_too() {
    let trial = Trial::new(small("zipf-tails"));
    kill_after(&trial, 3);
    let answer = echosphere(
        trial.folder.path(),
        trial.case.arguments("cut", &["--resume"]),
    );
    answer.ok();
    assert!(result(&trial.run()) == trial.whole);
}

#[test]
fn run_with_resume_refuses_to_go_on_with_something_else() {
    let trial = Trial::new(small("zipf-tails"));
    kill_after(&trial, 3);
    let other = trial.case.arguments("cut", &["--resume", "--seed", "5"]);
    let answer = echosphere(trial.folder.path(), other);
    assert_eq!(answer.code, Some(2), "{}", answer.err);
    assert!(answer.err.contains("another scenario"), "{}", answer.err);
    trial.resume(&[]);
}

/// A moment earlier than any other test can kill it.
#[test]
fn a_run_killed_before_its_manifest_begins_again() {
    let folder = tempdir().unwrap();
    let run = folder.path().join("out");
    std::fs::create_dir_all(run.join("checkpoints/segments")).unwrap();
    std::fs::write(run.join("base"), "somewhere").unwrap();
    std::fs::write(run.join("scenario.toml.partial"), "title").unwrap();
    let begun = small("collapse").run(folder.path(), "out", &["--resume"]);
    assert!(begun == small("collapse").run(folder.path(), "other", &[]));
    assert!(!run.join("scenario.toml.partial").exists());
}

#[test]
fn a_damaged_checkpoint_is_passed_over() {
    let trial = Trial::new(small("specialists").with("horizon.generations=8"));
    kill_after(&trial, 3);
    flip_a_byte(&newest(&trial.run()));
    let said = trial.resume(&[]);
    assert!(said.contains("damaged"), "nobody was told: {said}");
}

#[test]
fn without_any_whole_checkpoint_nothing_is_made_up() {
    let trial = Trial::new(small("collapse"));
    kill_after(&trial, 3);
    for number in checkpoints(&trial.run()) {
        flip_a_byte(
            &trial
                .run()
                .join(format!("checkpoints/{number:012}.checkpoint")),
        );
    }
    let answer = echosphere(trial.folder.path(), ["resume", "cut"]);
    assert_eq!(answer.code, Some(2), "{}", answer.err);
    assert!(
        answer.err.contains("no intact checkpoint in") && answer.err.contains("cut: begin again"),
        "{}",
        answer.err
    );
}

#[test]
fn a_finished_run_and_a_folder_without_run_cannot_be_resumed() {
    let folder = tempdir().unwrap();
    small("collapse").run(folder.path(), "done", &[]);
    let before = result(&folder.path().join("done"));
    for (name, said) in [
        ("done", "the run in done is finished"),
        (".", "not a run folder"),
    ] {
        let answer = echosphere(folder.path(), ["resume", name]);
        assert_eq!(answer.code, Some(2));
        assert!(answer.err.contains(said), "{}", answer.err);
    }
    assert!(result(&folder.path().join("done")) == before);
}

/// Everything stays readable and is read: 10 models publish 16 MB of numbers in the course of the run.
fn hoarders(memory_mib: u32) -> Case {
    let numbers = [
        "replicates=1",
        "horizon.generations=25",
        "population.collector.count=10",
        "population.collector.publish.documents=2000",
        "population.collector.training.mixing=drawn",
        "population.collector.training.budget.documents=100",
    ];
    let mut case = small("collapse");
    "accumulate".clone_into(&mut case.scenario);
    case.changes = numbers.map(str::to_owned).to_vec();
    case.with(&format!("web.memory_mib={memory_mib}"))
}

#[test]
fn spilling_changes_nothing() {
    let folder = tempdir().unwrap();
    let roomy = hoarders(1000).run(folder.path(), "roomy", &[]);
    let tight = hoarders(1);
    let mut running = Running::start(folder.path(), tight.arguments("tight", &[]));
    let segments = folder.path().join("tight/checkpoints/segments");
    // No checkpoint asked for them: they are there because memory is short.
    running
        .wait_until(|| std::fs::read_dir(&segments).is_ok_and(|mut names| names.next().is_some()));
    assert!(checkpoints(&folder.path().join("tight")).is_empty());
    running.finish().ok();
    assert!(result(&folder.path().join("tight")) == roomy);
}

#[test]
fn a_spilled_log_survives_kills() {
    check(hoarders(1));
}

/// So many rows that a replicate is written in several parts, and replicates run one after another.
#[test]
fn parts_of_the_table_survive_kills() {
    let case = small("g1").with("replicates=2");
    let case = case
        .with("population.voice.count=9000")
        .with("observe.models_max=9000");
    let trial = Trial::new(case);
    let mut running = trial.start(&["--checkpoint-every", "3"]);
    let second = trial.run().join("metrics.parts/000001.parquet");
    running.wait_until(|| second.exists());
    kill(running);
    trial.resume(&[]);
}

#[test]
fn kept_documents_survive_kills() {
    let trial = Trial::new(small("zipf-tails").with("replicates=1"));
    trial
        .case
        .run(trial.folder.path(), "kept", &["--keep-documents"]);
    let mut running = trial.start(&["--checkpoint-every", "1", "--keep-documents"]);
    running.wait_until(|| checkpoints(&trial.run()).last() >= Some(&3));
    kill(running);
    trial.resume(&[]);
    let documents =
        |run: &str| std::fs::read(trial.folder.path().join(run).join("documents.parquet"));
    assert!(documents("cut").unwrap() == documents("kept").unwrap());
}
