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

/// Fields without a comment right above them.
fn without_comment(text: &str) -> Vec<&str> {
    let is_field = |line: &str| line.ends_with(';') && line.contains(" = ") && !line.contains('"');
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let pairs = lines.windows(2);
    pairs
        .filter(|pair| is_field(pair[1]) && !pair[0].starts_with("//"))
        .map(|pair| pair[1])
        .collect()
}

#[test]
fn every_field_says_what_it_is() {
    for entry in std::fs::read_dir(root().join("proto/echosphere/v1")).expect("it is there") {
        let path = entry.expect("it can be read").path();
        let text = std::fs::read_to_string(&path).expect("it is text");
        assert_eq!(without_comment(&text), [""; 0], "{}", path.display());
    }
    assert_eq!(
        without_comment("// Here.\nuint32 a = 1;\nuint32 b = 2;"),
        ["uint32 b = 2;"]
    );
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
