//! Manifests as kustomize renders them.

use std::process::Command;
use std::sync::OnceLock;

use crate::cluster::Cluster;
use crate::schema;
use crate::tools::{assert_fine, documents, place, run};

/// Every folder that can be rendered, below `deploy/kubernetes`.
const FOLDERS: [&str; 4] = ["nats", "base", "overlays/s3", "overlays/shared-volume"];

/// What is applied to a cluster: base with NATS and a place for checkpoints.
pub(crate) fn overlays() -> &'static [(&'static str, Cluster); 2] {
    static RENDERED: OnceLock<[(&str, Cluster); 2]> = OnceLock::new();
    RENDERED.get_or_init(|| {
        [FOLDERS[2], FOLDERS[3]].map(|folder| (folder, Cluster(documents(&rendered(folder)))))
    })
}

#[track_caller]
fn rendered(folder: &str) -> String {
    let path = place("kubernetes").join(folder);
    let mut kubectl = Command::new("kubectl");
    let output = kubectl.arg("kustomize").arg(path).output();
    let output = output
        .expect("these tests need kubectl, which `cargo xtask test` installs: kubernetes-client");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{folder}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn everything_that_is_rendered_is_what_the_kubernetes_api_knows() {
    for folder in FOLDERS {
        let documents = documents(&rendered(folder));
        assert!(documents.len() > 3, "{folder} renders to nearly nothing");
        let complaints: Vec<String> = documents
            .iter()
            .filter_map(|document| schema::check(document).err())
            .map(|complaint| format!("{folder}: {complaint}"))
            .collect();
        assert_fine(&complaints);
    }
}

#[test]
fn the_reader_is_what_the_kubernetes_api_knows() {
    for document in documents(&crate::tools::read("kubernetes/reader.yaml")) {
        schema::check(&document).unwrap();
    }
}

#[test]
fn overlays_add_a_place_for_checkpoints_and_nothing_else_changes() {
    for (folder, cluster) in overlays() {
        let coordinator = cluster.pod("coordinator");
        let store = coordinator.variable("ECHOSPHERE_CHECKPOINTS");
        assert!(store.is_some_and(|store| !store.is_empty()), "{folder}");
        assert_eq!(
            coordinator.variable("ECHOSPHERE_KEY").as_deref(),
            Some("/run/secrets/tls.key")
        );
    }
}

#[test]
fn a_folder_that_cannot_be_rendered_is_noticed() {
    let mut kubectl = Command::new("kubectl");
    kubectl.arg("kustomize").arg(place("systemd"));
    crate::tools::refused(&mut kubectl);
    run(Command::new("kubectl").args(["kustomize", "--help"]));
}
