//! The other side: implementations of the workload that are not ours to be proud of.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::contestant::{Contestant, Launch};
use super::summary::{FLAT, KRABMAGA, MESA, NUMPY};
use crate::shell::{Step, answers, cargo, output_of, root, run_all, say};

/// Mesa needs more than a minute a repetition for a million models.
const MESA_MODELS_MAX: u64 = 100_000;

/// Builds the peers in Rust, and readies those in Python where the network allows it.
///
/// # Errors
///
/// When a peer in Rust does not build.
pub(crate) fn build(folder: &Path) -> Result<Vec<Contestant>> {
    let target = folder.join("peers");
    run_all(vec![
        build_step("build of the flat loop", "gauss_flat", &target),
        build_step("build of krABMaga", "gauss_krabmaga", &target),
    ])?;
    let release = target.join("release");
    let mut contestants = vec![
        peer(FLAT, release.join("gauss-flat"), vec![]),
        Contestant {
            threads: 2,
            ..peer(FLAT, release.join("gauss-flat"), vec![])
        },
        peer(KRABMAGA, release.join("gauss-krabmaga"), vec![]),
    ];
    match ready_python(folder) {
        Ok(python) => contestants.extend(python_peers(&python)),
        Err(error) => say(&format!("numpy and Mesa are left out: {error:#}")),
    }
    Ok(contestants)
}

/// Builds a peer in Rust.
pub(super) fn build_step(title: &'static str, peer: &str, target: &Path) -> Step {
    let mut command = cargo("build --release --locked --manifest-path");
    command.arg(peers_folder().join(peer).join("Cargo.toml"));
    command.arg("--target-dir").arg(target);
    Step::new(title, command)
}

fn peer(implementation: &'static str, program: PathBuf, arguments: Vec<String>) -> Contestant {
    let launch = Launch::Peer { program, arguments };
    Contestant {
        implementation,
        threads: 1,
        models_max: u64::MAX,
        launch,
    }
}

fn python_peers(python: &Path) -> [Contestant; 2] {
    let script = peers_folder().join("gauss.py").display().to_string();
    let [numpy, mesa] = [NUMPY, MESA].map(|name| {
        peer(
            name,
            python.to_owned(),
            vec![script.clone(), name.to_owned()],
        )
    });
    [
        numpy,
        Contestant {
            models_max: MESA_MODELS_MAX,
            ..mesa
        },
    ]
}

/// A virtual environment of our own with all libraries; kept from one benchmark to the next.
pub(super) fn ready_python(folder: &Path) -> Result<PathBuf> {
    let environment = folder.join("venv");
    let python = environment.join("bin/python");
    if !answers(Command::new(&python).args(["-c", "import mesa, numpy, scipy"])) {
        say("==> installation of numpy, scipy and Mesa");
        output_of(
            Command::new("python3")
                .args(["-m", "venv"])
                .arg(&environment),
        )?;
        let mut install = Command::new(&python);
        install.args(["-m", "pip", "install", "--quiet", "--requirement"]);
        output_of(install.arg(peers_folder().join("requirements.txt")))?;
    }
    Ok(python)
}

pub(super) fn peers_folder() -> PathBuf {
    root().join("crates/xtask/peers")
}
