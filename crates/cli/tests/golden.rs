//! The numbers of every built-in scenario, at a reduced size, do not move by accident.
//!
//! `tests/golden/digests.json` holds a digest for each. A change of numbers is the breaking change
//! of a simulator: bless it with `cargo xtask bless` and say why under "Changes of numbers".

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/cases.rs"]
mod cases;
#[path = "common/printed.rs"]
mod printed;
#[path = "common/program.rs"]
mod program;

use std::collections::BTreeMap;
use std::path::Path;

use cases::small;
use printed::printed;
use tempfile::tempdir;

const SCENARIOS: [&str; 10] = [
    "specialists",
    "collapse",
    "zipf-tails",
    "hundred-voices",
    "asynchronous",
    "g1",
    "heavy-tails",
    "two-towns",
    "paper-regression-four",
    "paper-regression-homogenisation",
];

#[test]
fn golden_digests_have_not_moved() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/digests.json");
    let folder = tempdir().unwrap();
    let digest = |name: &&str| {
        // The seed is fixed here, so that a scenario may choose another without moving these.
        small(name).with("seed=11").run(folder.path(), name, &[]);
        let digest = printed(folder.path(), &format!("digest {name}"));
        ((*name).to_owned(), digest.trim().to_owned())
    };
    let digests: BTreeMap<String, String> = SCENARIOS.iter().map(digest).collect();
    if std::env::var_os("ECHOSPHERE_BLESS").is_some() {
        let text = serde_json::to_string_pretty(&digests).unwrap() + "\n";
        std::fs::write(&path, text).unwrap();
    }
    let golden: BTreeMap<String, String> =
        serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(digests, golden);
}
