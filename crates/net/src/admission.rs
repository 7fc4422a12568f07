//! Which nodes a coordinator takes.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::Status;

use crate::error::NetError;
use crate::wire::Register;

/// Time between the beginning of a session and its first message.
pub(crate) const REGISTER: Duration = Duration::from_secs(10);
/// Sessions that have not registered yet.
const WAITING_MAX: usize = 256;
/// Nodes at once.
const NODES_MAX: usize = 1024;
/// Worker threads of a node.
const THREADS_MAX: u32 = 4096;
/// Characters of a name.
const NAME_CHARACTERS_MAX: usize = 64;
/// Characters that are shown of what a stranger calls itself.
const SHOWN_MAX: usize = 80;

/// What nodes are measured by.
#[derive(Debug)]
pub(crate) struct Admission {
    /// What the coordinator was built from.
    build: String,
    /// Hash of the resolved scenario.
    scenario_hash: String,
    waiting: Arc<Semaphore>,
    nodes: Arc<Semaphore>,
}

impl Admission {
    pub(crate) fn new(build: String, scenario: &str) -> Self {
        Self {
            build,
            scenario_hash: blake3::hash(scenario.as_bytes()).to_string(),
            waiting: Arc::new(Semaphore::new(WAITING_MAX)),
            nodes: Arc::new(Semaphore::new(NODES_MAX)),
        }
    }

    /// Room for a session that has yet to register.
    pub(crate) fn wait(&self) -> Result<OwnedSemaphorePermit, Status> {
        let place = Arc::clone(&self.waiting).try_acquire_owned();
        place.map_err(|_| {
            Status::resource_exhausted("too many sessions wait to register: try again in a second")
        })
    }

    /// Room for a node, or what is wrong with it.
    pub(crate) fn admit(&self, register: &Register) -> Result<OwnedSemaphorePermit, String> {
        let own = env!("CARGO_PKG_VERSION");
        if register.version != own {
            return Err(format!(
                "it runs version {} and the coordinator {own}: both must be the same",
                shown(&register.version)
            ));
        }
        check_name("the name of a node", &register.name, &['.'])?;
        if register.threads > THREADS_MAX {
            return Err(format!(
                "it has {} threads, and {THREADS_MAX} is the most",
                register.threads
            ));
        }
        if !register.scenario_hash.is_empty() && register.scenario_hash != self.scenario_hash {
            return Err(format!(
                "it is for the scenario {}, and this run is of {}: leave out --scenario-hash, or call the coordinator \
                 of the other run",
                shown(&register.scenario_hash),
                self.scenario_hash
            ));
        }
        if !register.build.is_empty() && register.build != self.build {
            tracing::warn!(
                "the node {} is of another build ({}; this one is {}): only the same build promises the same bits",
                register.name,
                shown(&register.build),
                self.build
            );
        }
        let place = Arc::clone(&self.nodes).try_acquire_owned();
        place.map_err(|_| format!("{NODES_MAX} nodes are there already, which is the most"))
    }
}

/// Looks whether a run may be called so at a broker.
///
/// # Errors
/// Says what a name is made of.
pub fn check_run_name(name: &str) -> Result<(), NetError> {
    // A dot divides the names of subjects.
    check_name("the name of a run", name, &[]).map_err(NetError::Name)
}

/// Looks whether a node may be called so.
///
/// # Errors
/// Says what a name is made of.
pub fn check_node_name(name: &str) -> Result<(), NetError> {
    check_name("the name of a node", name, &['.']).map_err(NetError::Name)
}

fn check_name(what: &str, name: &str, also: &[char]) -> Result<(), String> {
    let fits = |letter: char| {
        letter.is_ascii_alphanumeric() || "-_".contains(letter) || also.contains(&letter)
    };
    if !name.is_empty() && name.len() <= NAME_CHARACTERS_MAX && name.chars().all(fits) {
        return Ok(());
    }
    let dot = if also.is_empty() { "" } else { ", ." };
    Err(format!(
        "{what} is made of 1 to {NAME_CHARACTERS_MAX} of the characters A-Z, a-z, 0-9, _, -{dot}, and `{}` is not",
        shown(name)
    ))
}

/// The beginning of a text, without anything that a terminal would act on.
fn shown(text: &str) -> String {
    let all = text.chars().flat_map(char::escape_default);
    all.take(SHOWN_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission() -> Admission {
        Admission::new("build".to_owned(), "scenario")
    }

    fn register() -> Register {
        Register {
            name: "node-1.rack_2".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            threads: 4,
            ..Register::default()
        }
    }

    #[track_caller]
    fn refused(register: &Register, said: &str) {
        let reason = admission().admit(register).unwrap_err();
        assert!(reason.contains(said), "{reason}");
    }

    #[test]
    fn a_node_that_fits_is_admitted() {
        assert!(admission().admit(&register()).is_ok());
        let other_build = Register {
            build: "other".to_owned(),
            scenario_hash: blake3::hash(b"scenario").to_string(),
            ..register()
        };
        assert!(admission().admit(&other_build).is_ok());
    }

    #[test]
    fn names_are_short_and_plain() {
        let named = |name: &str| Register {
            name: name.to_owned(),
            ..register()
        };
        for name in ["", "a b", "a\u{1b}[2J", "\u{e4}", &"a".repeat(65)] {
            refused(&named(name), "1 to 64");
        }
        let reason = admission().admit(&named("a\u{1b}[2J")).unwrap_err();
        assert!(!reason.contains('\u{1b}'), "{reason:?}");
        assert!(check_run_name("r1-a_b").is_ok() && check_run_name("r1.a").is_err());
        assert!(check_node_name("r1.a").is_ok() && check_node_name("r1/a").is_err());
    }

    #[test]
    fn versions_threads_and_scenarios_must_fit() {
        let other = Register {
            version: "99.0.0".to_owned(),
            ..register()
        };
        refused(&other, "99.0.0");
        let other = Register {
            threads: u32::MAX,
            ..register()
        };
        refused(&other, "4096");
        let other = Register {
            scenario_hash: "00".to_owned(),
            ..register()
        };
        refused(&other, "--scenario-hash");
    }

    #[test]
    fn nodes_and_waiting_sessions_have_a_bound() {
        let admission = admission();
        let admit = |_| admission.admit(&register()).unwrap();
        let places: Vec<_> = (0..NODES_MAX).map(admit).collect();
        assert!(admission.admit(&register()).unwrap_err().contains("1024"));
        drop(places);
        assert!(admission.admit(&register()).is_ok());
        let waiting: Vec<_> = (0..WAITING_MAX)
            .map(|_| admission.wait().unwrap())
            .collect();
        assert!(admission.wait().is_err());
        drop(waiting);
        assert!(admission.wait().is_ok());
    }
}
