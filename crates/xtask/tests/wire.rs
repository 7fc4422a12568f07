//! The generated wire code is what `proto/` says.

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Compiles `proto/` without a system compiler, as one file.
fn generated() -> String {
    let proto = root().join("proto");
    let files = [
        "echosphere/v1/log.proto",
        "echosphere/v1/claim.proto",
        "echosphere/v1/coordinator.proto",
    ];
    let descriptors = protox::compile(files, [proto]).expect("proto/ compiles");
    let out = tempfile::tempdir().expect("there is room");
    tonic_prost_build::configure()
        .bytes(".")
        .btree_map(".")
        .out_dir(out.path())
        .compile_fds(descriptors)
        .expect("the generator takes what the compiler gives");
    std::fs::read_to_string(out.path().join("echosphere.v1.rs")).expect("one package, one file")
}

#[test]
fn golden_wire_code_is_up_to_date() {
    let path = root().join("crates/net/src/wire/generated.rs");
    let fresh = generated();
    if std::env::var_os("ECHOSPHERE_BLESS").is_some() {
        return std::fs::write(&path, fresh).expect("the tree can be written");
    }
    let committed = std::fs::read_to_string(&path).expect("it is committed");
    assert!(
        committed == fresh,
        "proto/ has changed: run `cargo xtask bless` and commit {}",
        path.display()
    );
}
