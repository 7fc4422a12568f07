//! Certificates and tokens are made as the README says, and looked at by the programs that will read them.

use std::path::Path;
use std::process::Command;

use tempfile::{TempDir, tempdir};

use crate::compose::Compose;
use crate::tools::{entries, place, read, refused, run, text};

/// Lines of the README that begin with a word, with continuations.
fn lines(start: &str) -> Vec<String> {
    let text = read("README.md").replace("\\\n", " ");
    text.lines()
        .filter(|line| line.starts_with(start))
        .map(ToOwned::to_owned)
        .collect()
}

fn shell(folder: &Path, line: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-e", "-c", line]).current_dir(folder);
    shell
}

/// A folder with the script in it, as `deploy/` has it.
fn folder() -> TempDir {
    let folder = tempdir().unwrap();
    std::fs::copy(
        place("certificates.sh"),
        folder.path().join("certificates.sh"),
    )
    .unwrap();
    folder
}

/// Tokens, and the certificates of one of the README's ways.
fn made(way: usize) -> TempDir {
    let folder = folder();
    // In one shell, since the first of them is about all that follow.
    let tokens = ["umask", "openssl", "printf"].into_iter().flat_map(lines);
    let tokens: Vec<String> = tokens.collect();
    run(&mut shell(folder.path(), &tokens.join("\n")));
    run(&mut shell(folder.path(), &lines("sh certificates.sh")[way]));
    folder
}

#[test]
fn certificates_are_valid_on_both_sides_and_for_the_names_that_they_were_made_for() {
    assert_eq!(lines("sh certificates.sh").len(), 3, "one for each way");
    for (way, line) in lines("sh certificates.sh").iter().enumerate() {
        let folder = made(way);
        let entries = line.split(' ').filter_map(|word| word.split_once('='));
        for (name, hosts) in entries {
            let file = format!("secrets/{name}.pem");
            for purpose in ["sslserver", "sslclient"] {
                let verify = format!(
                    "openssl verify -x509_strict -purpose {purpose} -CAfile secrets/ca.pem {file}"
                );
                assert_eq!(
                    run(&mut shell(folder.path(), &verify)),
                    format!("{file}: OK\n")
                );
            }
            for host in hosts.split(',') {
                let kind = if host.starts_with(|letter: char| letter.is_ascii_digit()) {
                    "ip"
                } else {
                    "host"
                };
                let said = run(&mut shell(
                    folder.path(),
                    &format!("openssl x509 -noout -in {file} -check{kind} {host}"),
                ));
                assert!(said.contains("does match"), "{name} is not {host}: {said}");
            }
        }
    }
}

#[test]
fn what_the_readme_has_one_make_is_what_compose_mounts() {
    let (folder, compose) = (made(0), Compose::read());
    for (name, secret) in entries(&compose.0, "/secrets") {
        assert!(
            folder.path().join(text(secret, "/file")).is_file(),
            "who makes {name}?"
        );
    }
}

#[cfg(unix)]
#[test]
fn only_the_owner_reads_keys_and_tokens() {
    use std::os::unix::fs::PermissionsExt;
    let folder = made(0);
    for entry in std::fs::read_dir(folder.path().join("secrets")).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(
            entry.metadata().unwrap().permissions().mode() & 0o77,
            0,
            "{:?}",
            entry.path()
        );
    }
}

#[test]
fn nothing_is_overwritten_and_the_authority_is_used_again() {
    let folder = made(0);
    let file = |name: &str| std::fs::read(folder.path().join("secrets").join(name)).unwrap();
    let before = ["ca.pem", "ca.key", "node.pem", "node.key"].map(file);
    let said = refused(&mut shell(
        folder.path(),
        "sh certificates.sh secrets other=other node=else",
    ));
    assert!(said.contains("secrets/node.pem exists"), "{said}");
    assert!(
        !folder.path().join("secrets/other.pem").exists(),
        "it was half done"
    );
    run(&mut shell(
        folder.path(),
        "sh certificates.sh secrets other=other",
    ));
    assert_eq!(
        before,
        ["ca.pem", "ca.key", "node.pem", "node.key"].map(file)
    );
    run(&mut shell(
        folder.path(),
        "openssl verify -CAfile secrets/ca.pem secrets/other.pem",
    ));
}

#[test]
fn bad_arguments_are_refused_before_anything_is_made() {
    let folder = folder();
    for (arguments, complaint) in [
        ("", "usage"),
        ("secrets", "usage"),
        ("secrets node", "`node` is not NAME=HOST"),
        ("secrets node=", "is not NAME=HOST"),
        ("secrets ca=a", "cannot be the name"),
        ("secrets a/b=a", "cannot be the name"),
    ] {
        let said = refused(&mut shell(
            folder.path(),
            &format!("sh certificates.sh {arguments}"),
        ));
        assert!(said.contains(complaint), "{arguments}: {said}");
    }
    assert!(!folder.path().join("secrets/ca.pem").exists());
}

/// `nats-server -t` reads a configuration with all that it includes, and the certificates.
#[track_caller]
fn nats_reads(
    configuration: &str,
    way: usize,
    changes: &[(&str, &str)],
    environment: &[(&str, &str)],
) {
    let folder = made(way);
    let mut configuration = read(configuration);
    for (old, new) in changes {
        assert!(configuration.contains(old), "{old}");
        configuration = configuration.replace(old, new);
    }
    std::fs::write(folder.path().join("nats.conf"), configuration).unwrap();
    std::fs::copy(
        folder.path().join("secrets/nats-token.conf"),
        folder.path().join("token.conf"),
    )
    .unwrap();
    let mut server = Command::new("nats-server");
    server
        .current_dir(folder.path())
        .args(["--config", "nats.conf", "-t"]);
    let said = run(server.envs(environment.iter().copied()));
    assert!(said.contains("is valid"), "{said}");
}

#[test]
fn the_servers_configurations_are_valid() {
    let environment = [
        ("NATS_NAME", "nats-1"),
        ("NATS_STORE", "data"),
        ("NATS_CA", "secrets/ca.pem"),
        ("NATS_CERTIFICATE", "secrets/nats.pem"),
        ("NATS_KEY", "secrets/nats.key"),
    ];
    nats_reads("nats/nats.conf", 0, &[], &environment);
    let mounted = [
        ("/run/secrets/ca.crt", "secrets/ca.pem"),
        ("/run/secrets/tls.crt", "secrets/nats.pem"),
        ("/run/secrets/tls.key", "secrets/nats.key"),
        ("/data", "data"),
        ("/run/nats/nats.pid", "nats.pid"),
    ];
    nats_reads(
        "kubernetes/nats/nats.conf",
        1,
        &mounted,
        &[("POD_NAME", "nats-0")],
    );
}
