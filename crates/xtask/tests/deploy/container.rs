//! The container file: pinned, static, and nothing inside but the program.

use crate::compose::Compose;
use crate::tools::{entries, is_pinned, list, place, read};

/// Instructions and what they are given; comments and continuations are resolved.
fn instructions() -> Vec<(String, String)> {
    let lines: Vec<String> = read("Containerfile")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(ToOwned::to_owned)
        .collect();
    let text = lines.join("\n").replace("\\\n", " ");
    let words = text.lines().filter_map(|line| line.split_once(' '));
    words
        .map(|(word, rest)| (word.to_owned(), rest.to_owned()))
        .collect()
}

/// What an instruction of the last stage is given.
fn last_stage(word: &str) -> Vec<String> {
    let all = instructions();
    let start = all.iter().rposition(|(word, _)| word == "FROM").unwrap();
    let found = all[start..].iter().filter(|(other, _)| other == word);
    found.map(|(_, rest)| rest.clone()).collect()
}

#[test]
fn the_image_is_the_program_and_nothing_else() {
    assert_eq!(last_stage("FROM"), ["scratch"]);
    assert_eq!(last_stage("USER"), ["65532:65532"]);
    assert_eq!(last_stage("ENTRYPOINT"), ["[\"/echosphere\"]"]);
    assert!(last_stage("RUN").is_empty(), "there is no shell");
    assert!(
        last_stage("LABEL")[0].contains("org.opencontainers.image.licenses=\"MIT OR Apache-2.0\"")
    );
}

#[test]
fn what_it_is_built_with_says_its_version() {
    let all = instructions();
    let stages: Vec<&str> = all
        .iter()
        .filter(|(word, _)| word == "FROM")
        .map(|(_, rest)| rest.as_str())
        .collect();
    assert!(
        is_pinned(stages[0].split(' ').next().unwrap()),
        "{stages:?}"
    );
    let version = env!("CARGO_PKG_RUST_VERSION");
    assert!(
        stages[0].contains(&format!("rust:{version}")),
        "the workspace asks for Rust {version}"
    );
    assert!(all.iter().any(|(word, rest)| word == "RUN"
        && rest.contains("+crt-static")
        && rest.contains("--locked")));
}

/// A volume on a folder that the image does not have would belong to root.
#[test]
fn the_image_has_a_folder_for_every_volume() {
    let made = &instructions()
        .into_iter()
        .find(|(word, _)| word == "RUN")
        .unwrap()
        .1;
    for (name, service) in
        entries(&Compose::read().0, "/services").filter(|(_, one)| one.get("build").is_some())
    {
        for volume in list(service, "/volumes") {
            let path = volume.as_str().unwrap().rsplit(':').next().unwrap();
            assert!(made.contains(&format!("/folders{path} ")), "{name}: {path}");
        }
    }
}

/// Podman looks for the one, Docker for the other.
#[test]
fn both_lists_of_what_is_sent_are_the_same() {
    let podman = std::fs::read_to_string(place("../.containerignore")).unwrap();
    assert_eq!(podman, read("Containerfile.dockerignore"));
    for path in podman.lines().filter_map(|line| line.strip_prefix('!')) {
        assert!(place("..").join(path).exists(), "there is no {path}");
    }
}
