//! What `deploy/` says, checked as far as that goes without a cluster.
//!
//! Manifests are rendered by kustomize and held against the types of the Kubernetes API; units are read by systemd itself,
//! configurations by nats-server, certificates by openssl. What one file names, another has to define.
//! The flags and variables that are used are compared with the program's own help in `crates/cli/tests/deploy.rs`.

#![expect(
    clippy::unwrap_used,
    reason = "the whole program is a test: what goes wrong ends it"
)]

mod certificates;
mod cluster;
mod compose;
mod container;
mod kustomize;
mod network;
mod pods;
mod schema;
mod secrets;
mod systemd;
mod tools;
