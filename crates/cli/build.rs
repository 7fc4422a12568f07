//! Notes what the binary is made of, for the manifest of every run.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../../.git/HEAD");
    println!("cargo::rerun-if-changed=../../.git/refs/heads");
    let commit = first_line(Command::new("git").args(["rev-parse", "--short=12", "HEAD"]));
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let toolchain = first_line(Command::new(rustc).arg("--version"));
    println!("cargo::rustc-env=ECHOSPHERE_COMMIT={commit}");
    println!("cargo::rustc-env=ECHOSPHERE_TOOLCHAIN={toolchain}");
    let target = std::env::var_os("TARGET").unwrap_or_default();
    println!(
        "cargo::rustc-env=ECHOSPHERE_TARGET={}",
        target.to_string_lossy()
    );
}

/// What the command prints first, or `unknown`: a source package has no repository around it.
fn first_line(command: &mut Command) -> String {
    let output = command
        .output()
        .ok()
        .filter(|output| output.status.success());
    let text = output
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .unwrap_or_default();
    text.lines().next().unwrap_or("unknown").to_owned()
}
