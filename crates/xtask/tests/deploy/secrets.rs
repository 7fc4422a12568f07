//! Secrets are named in manifests and made by hand, as the README says: no file holds one.

use std::collections::BTreeMap;

use crate::cluster::Pod;
use crate::kustomize::overlays;
use crate::tools::{list, read, text};

/// Names of secrets that the README has one make, each with its keys.
fn documented() -> BTreeMap<String, Vec<String>> {
    let text = read("README.md").replace("\\\n", " ");
    let mut names: Vec<&str> = Vec::new();
    let mut found = BTreeMap::new();
    for line in text.lines() {
        if let Some(list) = line.strip_prefix("for name in ") {
            names = list.trim_end_matches("; do").split(' ').collect();
        }
        let Some((_, made)) = line.split_once("create secret generic ") else {
            continue;
        };
        let mut words = made.split_whitespace();
        let secret = words.next().unwrap();
        let keys: Vec<String> = words.filter_map(key).collect();
        if secret.contains("$name") {
            let each = names
                .iter()
                .map(|name| (secret.replace("$name", name), keys.clone()));
            found.extend(each);
        } else {
            found.insert(secret.to_owned(), keys);
        }
    }
    found
}

/// The key that an argument of `kubectl create secret` makes.
fn key(argument: &str) -> Option<String> {
    let made = ["--from-file=", "--from-literal="]
        .iter()
        .find_map(|flag| argument.strip_prefix(flag))?;
    let key = match made.split_once('=') {
        Some((key, _)) => key,
        None => made.rsplit('/').next()?,
    };
    Some(key.to_owned())
}

/// Names of the secrets that a pod refers to.
fn referred(pod: Pod<'_>) -> Vec<&str> {
    let volumes = list(pod.template, "/spec/volumes").iter();
    let sources = volumes.flat_map(|volume| list(volume, "/projected/sources"));
    let variables = list(pod.container(), "/envFrom").iter();
    let names = sources.map(|source| text(source, "/secret/name"));
    let names = names.chain(variables.map(|source| text(source, "/secretRef/name")));
    names.filter(|name| !name.is_empty()).collect()
}

#[test]
fn secrets_that_pods_need_are_in_the_readme() {
    let documented = documented();
    assert_eq!(documented["node-tls"], ["ca.crt", "tls.crt", "tls.key"]);
    let mut used: Vec<&str> = Vec::new();
    for (folder, cluster) in overlays() {
        for pod in cluster.pods() {
            let names = referred(pod);
            assert!(
                names.len() >= 2,
                "{folder}: {} shows nobody who it is",
                pod.name()
            );
            for name in &names {
                assert!(
                    documented.contains_key(*name),
                    "{folder}: who makes {name}?"
                );
            }
            used.extend(names);
        }
    }
    let unused: Vec<_> = documented
        .keys()
        .filter(|name| !used.contains(&name.as_str()))
        .collect();
    assert!(unused.is_empty(), "nobody needs {unused:?}");
}

#[test]
fn files_that_variables_name_are_keys_of_mounted_secrets() {
    let documented = documented();
    for (folder, cluster) in overlays() {
        for name in ["coordinator", "node"] {
            let pod = cluster.pod(name);
            let keys: Vec<&String> = referred(pod)
                .iter()
                .flat_map(|name| &documented[*name])
                .collect();
            let files = pod
                .words()
                .into_iter()
                .filter_map(|word| word.strip_prefix("/run/secrets/"));
            let files: Vec<&str> = files.collect();
            assert_eq!(files.len(), 5, "{folder}: {name}");
            for file in files {
                assert!(
                    keys.iter().any(|key| *key == file),
                    "{folder}: {name} has no {file}"
                );
            }
        }
    }
}

#[test]
fn no_manifest_holds_a_secret() {
    for (folder, cluster) in overlays() {
        assert!(cluster.of_kind("Secret").next().is_none(), "{folder}");
    }
}
