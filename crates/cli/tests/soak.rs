//! Faults at random, run after run, and always the same bits. Needs `nats-server`.
//!
//! As a test it takes half a minute; `cargo xtask soak` goes on for as long as one likes.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/broker.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod broker;
#[path = "common/cases.rs"]
mod cases;
#[path = "common/damage.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod damage;
#[path = "common/nodes.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod nodes;
#[path = "soak/perform.rs"]
mod perform;
#[path = "soak/plan.rs"]
mod plan;
#[path = "common/program.rs"]
mod program;
#[path = "common/running.rs"]
mod running;
#[path = "common/trial.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod trial;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use cases::{Case, small};
use perform::{Tally, perform};
use plan::plan;
use program::manifest;
use tempfile::tempdir;
use trial::Trial;

/// Populations of different kinds, each long enough to be disturbed several times.
fn cases() -> Vec<Case> {
    vec![
        small("g1").with("horizon.generations=400"),
        small("asynchronous")
            .with("replicates=1")
            .with("horizon.days=80"),
        small("hundred-voices").with("horizon.generations=60"),
    ]
}

/// A case and how it ends undisturbed.
struct Whole {
    case: Case,
    result: cases::Result,
    windows: u64,
}

#[test]
fn faults_at_random_change_nothing() {
    let seed = setting("SEED", 1);
    let length = Duration::from_secs(setting("SECONDS", 20));
    let mut run = setting("RUNS_FROM", 0);
    let wholes: Vec<Whole> = cases().into_iter().map(whole).collect();
    let windows: Vec<u64> = wholes.iter().map(|whole| whole.windows).collect();
    let (begun, mut tally) = (now(), Tally::default());
    while begun.elapsed() < length {
        let plan = plan(seed, run, &windows);
        let whole = &wholes[plan.case];
        let started = now();
        say(&format!(
            "run {run} of seed {seed}: {}, {} nodes, {} broker(s)",
            whole.case.scenario, plan.nodes, plan.brokers
        ));
        let trial = Trial {
            case: whole.case.clone(),
            whole: whole.result.clone(),
            folder: tempdir().unwrap(),
        };
        let performed = catch_unwind(AssertUnwindSafe(|| perform(&trial, &plan, &mut tally)));
        if let Err(reason) = performed {
            let folder = trial.folder.keep();
            say(&format!("  FAILED; its files are in {}", folder.display()));
            say(&format!(
                "  again: cargo xtask soak --seed {seed} --runs-from {run}"
            ));
            resume_unwind(reason);
        }
        tally.windows += whole.windows;
        let digest = &whole.result.digest[..16];
        say(&format!(
            "  equal digests {digest} after {:.1} s",
            started.elapsed().as_secs_f64()
        ));
        run += 1;
    }
    say(&closing(&tally, begun.elapsed()));
}

fn whole(case: Case) -> Whole {
    let folder = tempdir().unwrap();
    let result = case.run(folder.path(), "whole", &[]);
    let windows = manifest(&folder.path().join("whole"))["windows"]
        .as_u64()
        .unwrap();
    Whole {
        case,
        result,
        windows,
    }
}

fn closing(tally: &Tally, took: Duration) -> String {
    let faults = tally.faults.iter();
    let faults: Vec<String> = faults
        .map(|(kind, count)| format!("{kind:<20} {count:>6}\n"))
        .collect();
    format!(
        "\nruns                 {:>6}   all digests equal\nwindows              {:>6}\n\
         computed again       {:>6}   because nodes were lost\n{}seconds              {:>6.0}",
        tally.runs,
        tally.windows,
        tally.again,
        faults.concat(),
        took.as_secs_f64()
    )
}

/// A setting from `cargo xtask soak`.
#[expect(
    clippy::disallowed_methods,
    reason = "a test takes no arguments of its own"
)]
fn setting(name: &str, default: u64) -> u64 {
    let text = std::env::var(format!("ECHOSPHERE_SOAK_{name}"));
    text.map_or(default, |text| text.parse().unwrap())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a soak has a length in wall time"
)]
fn now() -> Instant {
    Instant::now()
}

/// Prints a line for whoever watches.
#[expect(clippy::print_stdout, reason = "a soak tells what it does")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}
