//! The compose file: what services name is there, and they are confined, bounded, watched and restarted.

use serde_json::Value;

use crate::tools::{assert_fine, documents, entries, is_pinned, list, number, place, read, text};

/// The file, with variables at their defaults.
pub(crate) struct Compose(pub(crate) Value);

/// The one service that runs as root for a moment, with a right that it needs.
const OWNER: &str = "owner";

impl Compose {
    #[track_caller]
    pub(crate) fn read() -> Self {
        let mut all = documents(&with_defaults(&read("compose.yaml")));
        assert_eq!(all.len(), 1);
        Self(all.remove(0))
    }

    fn services(&self) -> impl Iterator<Item = (&str, &Value)> {
        entries(&self.0, "/services")
    }

    /// Those that stay.
    fn lasting(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.services().filter(|(name, _)| *name != OWNER)
    }
}

/// `${NAME:-default}` becomes `default`.
fn with_defaults(text: &str) -> String {
    let mut parts = text.split("${");
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (variable, rest) = part.split_once('}').expect("a variable ends with a brace");
        let (_, default) = variable
            .split_once(":-")
            .expect("every variable has a default");
        whole.push_str(default);
        whole.push_str(rest);
    }
    whole
}

/// The name of a secret, config or volume that a service uses, in the short form or the long one.
fn used(entry: &Value) -> &str {
    let name = entry.as_str().unwrap_or_else(|| text(entry, "/source"));
    name.split_once(':').map_or(name, |(name, _)| name)
}

/// Names that services use and nobody defines, or the other way round.
fn undefined(compose: &Compose, kind: &str) -> Vec<String> {
    let pointer = format!("/{kind}");
    let defined: Vec<&str> = entries(&compose.0, &pointer)
        .map(|(name, _)| name)
        .collect();
    let lists = compose
        .services()
        .flat_map(|(_, service)| list(service, &pointer));
    // An anonymous volume is a path alone.
    let used: Vec<&str> = lists
        .map(used)
        .filter(|name| !name.starts_with('/'))
        .collect();
    let unknown = used.iter().filter(|name| !defined.contains(name));
    let idle = defined.iter().filter(|name| !used.contains(name));
    let complaints = unknown.map(|name| format!("{name} is not among the {kind}"));
    complaints
        .chain(idle.map(|name| format!("nobody uses {name} of the {kind}")))
        .collect()
}

#[test]
fn secrets_configs_and_volumes_are_defined_and_used() {
    let compose = Compose::read();
    for kind in ["secrets", "configs", "volumes"] {
        assert_fine(&undefined(&compose, kind));
    }
    for (name, config) in entries(&compose.0, "/configs") {
        assert!(
            place(text(config, "/file")).is_file(),
            "there is no file for {name}"
        );
    }
}

#[test]
fn a_volume_that_nobody_defines_is_noticed() {
    let text = "services: { a: { volumes: ['b:/b', /c] } }\nvolumes: { d: {} }";
    let complaints = undefined(&Compose(documents(text).remove(0)), "volumes");
    assert_eq!(
        complaints,
        ["b is not among the volumes", "nobody uses d of the volumes"]
    );
}

#[test]
fn services_wait_for_services_that_can_tell() {
    let compose = Compose::read();
    for (name, service) in compose.services() {
        for (other, how) in entries(service, "/depends_on") {
            let other = &compose.0["services"][other];
            let tells = match text(how, "/condition") {
                "service_healthy" => other.get("healthcheck").is_some(),
                "service_completed_successfully" => other["restart"] == "no",
                _ => false,
            };
            assert!(
                tells,
                "{name} waits for something that will not be told: {how}"
            );
        }
    }
    let waited = |name: &str| entries(&compose.0["services"][name], "/depends_on").count();
    assert_eq!(
        [waited("coordinator"), waited("node"), waited("nats-1")],
        [3, 1, 1]
    );
}

#[test]
fn services_are_confined_bounded_watched_and_restarted() {
    for (name, service) in Compose::read().lasting() {
        assert_eq!(service["user"], "65532:65532", "{name}");
        assert_eq!(service["read_only"], true, "{name}");
        assert_eq!(list(service, "/cap_drop"), ["ALL"], "{name}");
        assert!(service.get("cap_add").is_none(), "{name}");
        assert_eq!(
            list(service, "/security_opt"),
            ["no-new-privileges:true"],
            "{name}"
        );
        for pointer in [
            "/deploy/resources/limits/cpus",
            "/deploy/resources/limits/memory",
            "/stop_grace_period",
        ] {
            assert!(!text(service, pointer).is_empty(), "{name}: {pointer}");
        }
        assert_eq!(
            list(service, "/healthcheck/test")[0],
            "CMD",
            "{name}: there is no shell"
        );
        assert!(
            ["on-failure", "unless-stopped"].contains(&text(service, "/restart")),
            "{name}"
        );
    }
}

#[test]
fn images_say_which_version_they_are() {
    for (name, service) in Compose::read().services() {
        assert!(is_pinned(text(service, "/image")), "{name}");
    }
}

#[test]
fn the_one_service_of_root_only_gives_volumes_away() {
    let compose = Compose::read();
    let owner = &compose.0["services"][OWNER];
    assert_eq!(list(owner, "/entrypoint")[0], "chown");
    assert_eq!(
        (&owner["network_mode"], list(owner, "/cap_add")),
        (&"none".into(), &["CHOWN".into()][..])
    );
}

#[test]
fn numbers_of_nodes_and_servers_agree() {
    let compose = Compose::read();
    let (coordinator, node) = (
        &compose.0["services"]["coordinator"],
        &compose.0["services"]["node"],
    );
    let words = list(coordinator, "/command");
    let flag = |flag: &str| {
        words
            .iter()
            .skip_while(|word| *word != flag)
            .nth(1)
            .and_then(Value::as_str)
    };
    assert_eq!(
        flag("--nodes").map(str::parse),
        number(node, "/deploy/replicas").map(Ok)
    );
    let servers: Vec<&str> = text(coordinator, "/environment/ECHOSPHERE_NATS")
        .split(',')
        .collect();
    assert_eq!(
        flag("--nats-replicas").map(str::parse),
        Some(Ok(servers.len()))
    );
    let named = |name: &str| servers.contains(&format!("tls://{name}:4222").as_str());
    let others = ["owner", "coordinator", "node"];
    assert!(
        compose
            .services()
            .all(|(name, _)| named(name) || others.contains(&name))
    );
}

#[test]
fn servers_of_nats_know_one_another_and_have_what_their_file_asks_for() {
    let (compose, file) = (Compose::read(), read("nats/nats.conf"));
    for (name, service) in compose
        .services()
        .filter(|(name, _)| name.starts_with("nats-"))
    {
        assert!(
            file.contains(&format!("nats-route://{name}:6222\n")),
            "{name} is in no route"
        );
        assert_eq!(text(service, "/environment/NATS_NAME"), name);
        let asked = file
            .split('$')
            .skip(1)
            .map(|rest| rest.split_whitespace().next().unwrap());
        for variable in asked {
            assert!(
                !service["environment"][variable].is_null(),
                "{name} has no {variable}"
            );
        }
    }
}
