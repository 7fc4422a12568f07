//! Which crate may depend on what.

use crate::manifest::{Dependency, Manifest, manifests};
use crate::tree::{File, Violation, assert_none, files, lines_of};

/// The crates of the workspace, each with those of them that it may depend on.
const GRAPH: [(&str, &[&str]); 12] = [
    ("types", &[]),
    ("sim", &["types"]),
    ("web", &["types"]),
    ("learn", &["types"]),
    ("neural", &["types", "learn"]),
    ("report", &["types"]),
    ("corpora", &[]),
    (
        "ecosystem",
        &[
            "types", "sim", "web", "learn", "neural", "corpora", "report",
        ],
    ),
    ("net", &["types", "web", "ecosystem"]),
    (
        "cli",
        &[
            "types",
            "sim",
            "web",
            "learn",
            "corpora",
            "report",
            "ecosystem",
            "net",
        ],
    ),
    ("xtask", &[]),
    ("book", &[]),
];

/// Packages of others that only some crates may name; a `*` stands for the rest of the name.
const RESTRICTED: [(&[&str], &[&str], &str); 9] = [
    (
        &[
            "tokio*",
            "actix*",
            "tonic*",
            "prost*",
            "axum*",
            "hyper*",
            "tower*",
            "async-nats",
            "reqwest",
            "rustls",
            "object_store",
        ],
        &["net", "cli"],
        "sockets and their runtimes stay at the edge",
    ),
    (
        &[
            "indicatif",
            "ratatui",
            "crossterm",
            "ctrlc",
            "tracing-subscriber",
        ],
        &["cli"],
        "only the binary talks to a terminal",
    ),
    (
        &["clap*"],
        &["cli", "xtask"],
        "only programs have arguments",
    ),
    (
        &["anyhow"],
        &["cli", "xtask"],
        "libraries have errors that a caller can tell apart",
    ),
    (
        &["ndarray*", "faer*"],
        &["learn"],
        "arrays stay behind the learner",
    ),
    (
        &["rayon*"],
        &["sim", "ecosystem", "net", "cli"],
        "threads belong to the hosts",
    ),
    (
        &["parquet*", "arrow*"],
        &["report"],
        "file formats stay behind the report",
    ),
    (
        &["safetensors"],
        &["neural"],
        "tensors stay behind the family of neural models",
    ),
    (
        &["sha1"],
        &["web"],
        "a broken hash is for the format that asks for it",
    ),
];

/// The crates that have something to write down: scenarios, records, checkpoints, manifests.
const WITH_SERDE: [&str; 11] = [
    "types",
    "sim",
    "web",
    "learn",
    "neural",
    "corpora",
    "ecosystem",
    "report",
    "net",
    "cli",
    "xtask",
];

/// Our crates depend on one another only as the graph says.
fn the_graph_is_kept(files: &[File]) -> Vec<Violation> {
    complaints(files, |manifest, dependency| {
        let row = GRAPH
            .iter()
            .find(|(name, _)| *name == manifest.crate_folder);
        let is_ours = GRAPH.iter().any(|(name, _)| *name == dependency.name);
        let is_allowed = row.is_some_and(|(_, allowed)| allowed.contains(&&*dependency.name));
        (is_ours && !is_allowed).then_some("not in the graph of crates")
    })
}

/// Every crate has its row in the graph, so that a new one cannot slip by.
fn the_graph_is_complete(files: &[File]) -> Vec<Violation> {
    let manifests = match manifests(files) {
        Ok(manifests) => manifests,
        Err(unreadable) => return unreadable,
    };
    let is_known =
        |manifest: &&Manifest<'_>| GRAPH.iter().any(|(name, _)| *name == manifest.crate_folder);
    let unknown = manifests.iter().filter(|manifest| !is_known(manifest));
    unknown
        .map(|manifest| Violation::new(&manifest.file.path, 1, "has no row in the graph"))
        .collect()
}

/// Packages of others are named only where they belong.
fn packages_stay_where_they_belong(files: &[File]) -> Vec<Violation> {
    complaints(files, |manifest, dependency| {
        let rule = RESTRICTED.iter().find(|(patterns, allowed, _)| {
            let is_meant = patterns
                .iter()
                .any(|pattern| fits(pattern, &dependency.name));
            is_meant && !allowed.contains(&manifest.crate_folder)
        });
        let undeclared = dependency.name == "serde" && !WITH_SERDE.contains(&manifest.crate_folder);
        let reason = rule.map(|(_, _, reason)| *reason);
        reason.or(undeclared.then_some("not among the crates that write something down"))
    })
}

/// Asks a rule about every dependency of every crate.
fn complaints(
    files: &[File],
    rule: impl Fn(&Manifest<'_>, &Dependency) -> Option<&'static str>,
) -> Vec<Violation> {
    let manifests = match manifests(files) {
        Ok(manifests) => manifests,
        Err(unreadable) => return unreadable,
    };
    let mut violations = Vec::new();
    for manifest in &manifests {
        for dependency in &manifest.dependencies {
            if let Some(reason) = rule(manifest, dependency) {
                let message = format!(
                    "`{}` depends on `{}`: {reason}",
                    manifest.crate_folder, dependency.name
                );
                violations.push(Violation::new(
                    &manifest.file.path,
                    dependency.line,
                    message,
                ));
            }
        }
    }
    violations
}

fn fits(pattern: &str, name: &str) -> bool {
    pattern
        .strip_suffix('*')
        .map_or(pattern == name, |start| name.starts_with(start))
}

#[test]
fn the_tree_keeps_the_graph() {
    assert_none(&the_graph_is_kept(&files()));
}

#[test]
fn the_tree_has_no_crate_outside_the_graph() {
    assert_none(&the_graph_is_complete(&files()));
}

#[test]
fn the_tree_keeps_packages_where_they_belong() {
    assert_none(&packages_stay_where_they_belong(&files()));
}

#[test]
fn a_forbidden_edge_is_noticed() {
    let bad = "[dependencies]\ntypes.workspace = true\nlearn.workspace = true\n";
    let file = File::new("crates/sim/Cargo.toml", bad);
    assert_eq!(lines_of(&the_graph_is_kept(&[file])), [3]);
    let good = "[dependencies]\ntypes.workspace = true\nrayon = \"1\"\n\n[dev-dependencies]\nlearn = \"1\"";
    assert_none(&the_graph_is_kept(&[File::new(
        "crates/sim/Cargo.toml",
        good,
    )]));
}

#[test]
fn a_new_crate_is_noticed() {
    assert_eq!(
        the_graph_is_complete(&[File::new("crates/other/Cargo.toml", "")]).len(),
        1
    );
    assert_none(&the_graph_is_complete(&[File::new(
        "crates/sim/Cargo.toml",
        "",
    )]));
}

#[test]
fn a_misplaced_package_is_noticed() {
    let text =
        "[dependencies]\ntokio-util = \"1\"\nndarray = \"1\"\nrayon = \"1\"\nserde = \"1\"\n";
    let lines = |folder: &str| {
        let path = format!("crates/{folder}/Cargo.toml");
        lines_of(&packages_stay_where_they_belong(&[File::new(&path, text)]))
    };
    assert_eq!(lines("learn"), [2, 4]);
    assert_eq!(lines("cli"), [3]);
    assert_eq!(lines("unlisted"), [2, 3, 4, 5]);
}

#[test]
fn a_star_stands_for_the_rest() {
    assert!(fits("arrow*", "arrow-array") && fits("arrow*", "arrow") && fits("ctrlc", "ctrlc"));
    assert!(!fits("ctrlc", "ctrlc-async"));
}
