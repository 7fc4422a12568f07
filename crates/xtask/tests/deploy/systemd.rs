//! Units, read by systemd itself.

use std::path::Path;
use std::process::Command;

use tempfile::{TempDir, tempdir};

use crate::tools::{place, read, run};

const COORDINATOR: &str = "echosphere-coordinator.service";
const NODE: &str = "echosphere-node@.service";
const DROP_IN: &str = "nats-server.service.d/echosphere.conf";
/// How exposed a service may be, by the measure of `systemd-analyze security`: tenths of a ten.
const EXPOSURE_MAX: u32 = 20;

/// The units in a folder, with a program that exists, and a stand-in for the unit of Debian's nats-server.
fn units() -> TempDir {
    let folder = tempdir().unwrap();
    for unit in [COORDINATOR, NODE] {
        let text = read(&format!("systemd/{unit}"));
        assert!(
            text.contains("ExecStart=/usr/local/bin/echosphere "),
            "{unit}"
        );
        write(
            folder.path(),
            unit,
            &text.replace("/usr/local/bin/echosphere", "/bin/true"),
        );
    }
    let text = read(&format!("systemd/{DROP_IN}"));
    write(
        folder.path(),
        DROP_IN,
        &text.replace("/usr/sbin/nats-server", "/bin/true"),
    );
    let unit =
        "[Service]\nExecStart=/bin/true\nUser=nats\n\n[Install]\nWantedBy=multi-user.target\n";
    write(folder.path(), "nats-server.service", unit);
    folder
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// What systemd says of all units.
fn verified(folder: &Path) -> String {
    let mut analyze = Command::new("systemd-analyze");
    analyze.args(["verify", "--man=no"]);
    for unit in [
        COORDINATOR,
        "echosphere-node@1.service",
        "nats-server.service",
    ] {
        analyze.arg(folder.join(unit));
    }
    run(&mut analyze)
}

/// Lines about our units; a machine's own may have something to say too.
fn complaints(said: &str, folder: &Path) -> Vec<String> {
    let ours =
        |line: &&str| line.contains(&*folder.to_string_lossy()) || line.contains("echosphere");
    said.lines().filter(ours).map(ToOwned::to_owned).collect()
}

#[test]
fn systemd_has_nothing_to_say_about_the_units() {
    let folder = units();
    assert_eq!(complaints(&verified(folder.path()), folder.path()), [""; 0]);
}

#[test]
fn a_misspelt_unit_is_noticed() {
    let folder = units();
    let text = read(&format!("systemd/{NODE}"));
    let bad = text
        .replace("ProtectClock=yes", "ProtectClok=yes")
        .replace("/usr/local/bin/echosphere", "/bin/true");
    write(folder.path(), NODE, &bad);
    write(folder.path(), DROP_IN, "[Service]\nRestart=some times\n");
    assert_eq!(complaints(&verified(folder.path()), folder.path()).len(), 2);
}

#[test]
fn services_are_hardly_exposed() {
    let folder = units();
    for unit in [COORDINATOR, "echosphere-node@1.service"] {
        let mut analyze = Command::new("systemd-analyze");
        analyze.args([
            "security",
            "--offline=yes",
            &format!("--threshold={EXPOSURE_MAX}"),
        ]);
        run(analyze.arg(folder.path().join(unit)));
    }
}

/// The values of a setting, in order.
fn values<'a>(unit: &'a str, setting: &'a str) -> impl Iterator<Item = &'a str> {
    unit.lines()
        .filter_map(move |line| line.strip_prefix(setting)?.strip_prefix('='))
}

#[test]
fn credentials_that_are_named_are_loaded() {
    for unit in [COORDINATOR, NODE, DROP_IN] {
        let text = read(&format!("systemd/{unit}"));
        let loaded = values(&text, "LoadCredential").map(|value| value.split(':').next().unwrap());
        let loaded: Vec<&str> = loaded.collect();
        let named = values(&text, "Environment").flat_map(|line| line.split(' '));
        let named: Vec<&str> = named
            .filter_map(|word| Some(word.split_once("=%d/")?.1))
            .collect();
        assert_eq!(named, loaded, "{unit}");
    }
}

/// Variables of a command line come from the example files.
#[test]
fn variables_of_command_lines_are_in_the_examples() {
    for (unit, file) in [(COORDINATOR, "coordinator.env"), (NODE, "node.env")] {
        let (text, examples) = (
            read(&format!("systemd/{unit}")),
            read(&format!("systemd/{file}")),
        );
        let line = values(&text, "ExecStart").next().unwrap();
        for variable in line
            .split("${")
            .skip(1)
            .map(|rest| rest.split('}').next().unwrap())
        {
            let is_given = values(&examples, variable).count() == 1;
            assert!(is_given, "{unit}: who gives {variable}?");
        }
        assert!(
            values(&text, "EnvironmentFile").any(|path| path.ends_with(file)),
            "{unit}"
        );
    }
    assert!(place("systemd/nats.env").is_file() && place("systemd/store.env").is_file());
}
