//! Who may talk to whom, and on which ports: policies, services, ports and addresses say the same.

use serde_json::Value;

use crate::cluster::{Cluster, Pod};
use crate::kustomize::overlays;
use crate::tools::{assert_fine, list, number, text};

/// The connections that a run consists of: from, to, port.
const CONNECTIONS: [(&str, &str, u64); 4] = [
    ("node", "coordinator", 7400),
    ("node", "nats", 4222),
    ("coordinator", "nats", 4222),
    ("nats", "nats", 6222),
];
/// Ports that Prometheus reads.
const METRICS: [(&str, u64); 2] = [("coordinator", 7401), ("node", 7402)];

/// Whether a policy's rules of one direction let the other side in, on that port.
fn rules_allow(rules: &[Value], side: &str, other: Pod<'_>, port: u64) -> bool {
    rules.iter().any(|rule| {
        let peers = list(rule, side)
            .iter()
            .filter_map(|peer| peer.get("podSelector"));
        let ports = list(rule, "/ports");
        let has_port = ports.iter().any(|one| number(one, "/port") == Some(port));
        has_port
            && peers
                .into_iter()
                .any(|selector| other.is_selected(selector))
    })
}

fn policies<'a>(cluster: &'a Cluster, pod: Pod<'a>) -> impl Iterator<Item = &'a Value> {
    let all = cluster.of_kind("NetworkPolicy");
    all.filter(move |policy| pod.is_selected(&policy["spec"]["podSelector"]))
}

/// A connection needs leave at both ends.
fn is_allowed(cluster: &Cluster, from: &str, to: &str, port: u64) -> bool {
    let (from, to) = (cluster.pod(from), cluster.pod(to));
    let out =
        policies(cluster, from).any(|one| rules_allow(list(one, "/spec/egress"), "/to", to, port));
    let into = policies(cluster, to)
        .any(|one| rules_allow(list(one, "/spec/ingress"), "/from", from, port));
    out && into
}

#[test]
fn a_run_may_connect_and_nothing_else_may() {
    for (folder, cluster) in overlays() {
        for from in cluster.pods() {
            for to in cluster.pods() {
                for port in to.ports() {
                    let wanted = CONNECTIONS.contains(&(from.name(), to.name(), port));
                    let is = is_allowed(cluster, from.name(), to.name(), port);
                    assert_eq!(
                        is,
                        wanted,
                        "{folder}: {} to {}, {port}",
                        from.name(),
                        to.name()
                    );
                }
            }
        }
    }
}

#[test]
fn what_is_not_allowed_is_denied() {
    for (folder, cluster) in overlays() {
        let policy = cluster.find("NetworkPolicy", "default-deny").unwrap();
        assert!(
            cluster
                .pods()
                .all(|pod| pod.is_selected(&policy["spec"]["podSelector"])),
            "{folder}"
        );
        assert_eq!(list(policy, "/spec/policyTypes"), ["Ingress", "Egress"]);
        assert!(policy["spec"].get("ingress").is_none() && policy["spec"].get("egress").is_none());
    }
}

#[test]
fn prometheus_may_read_metrics() {
    for (folder, cluster) in overlays() {
        for (name, port) in METRICS {
            let is_read = |rule: &Value| {
                let ports = list(rule, "/ports");
                list(rule, "/from")
                    .iter()
                    .any(|peer| peer.get("namespaceSelector").is_some())
                    && ports.iter().any(|one| number(one, "/port") == Some(port))
            };
            let mut policies = policies(cluster, cluster.pod(name));
            assert!(
                policies.any(|one| list(one, "/spec/ingress").iter().any(is_read)),
                "{folder}: {name}"
            );
        }
    }
}

/// Ports of services and probes that no container has.
fn unknown_ports(cluster: &Cluster) -> Vec<String> {
    let mut complaints = Vec::new();
    for service in cluster.of_kind("Service") {
        let selector = serde_json::json!({ "matchLabels": service["spec"]["selector"] });
        let pods: Vec<Pod<'_>> = cluster.selected(&selector).collect();
        let name = text(service, "/metadata/name");
        if pods.len() != 1 {
            complaints.push(format!("{name} selects {} owners of pods", pods.len()));
        }
        for port in list(service, "/spec/ports") {
            let agrees = |pod: &Pod<'_>| pod.port(&port["targetPort"]) == number(port, "/port");
            if !pods.iter().all(agrees) {
                complaints.push(format!(
                    "the service {name} has a port that its pods do not have: {port}"
                ));
            }
        }
    }
    for pod in cluster.pods() {
        for probe in ["startupProbe", "readinessProbe", "livenessProbe"] {
            let probe = &pod.container()[probe];
            let ports = ["/grpc/port", "/httpGet/port"].map(|pointer| probe.pointer(pointer));
            let known = ports
                .into_iter()
                .flatten()
                .filter_map(|port| pod.port(port));
            if known.count() != 1 {
                complaints.push(format!(
                    "{} is probed at a port that it does not have: {probe}",
                    pod.name()
                ));
            }
        }
    }
    complaints
}

#[test]
fn services_and_probes_have_ports_that_pods_have() {
    for (_, cluster) in overlays() {
        assert_fine(&unknown_ports(cluster));
    }
}

#[test]
fn a_port_that_no_pod_has_is_noticed() {
    let mut cluster = overlays()[0].1.clone();
    for document in &mut cluster.0 {
        if let Some(port) =
            document.pointer_mut("/spec/template/spec/containers/0/ports/0/containerPort")
        {
            *port = Value::from(1);
        }
    }
    // Three services; no probe, because those are of other ports or go by name.
    assert_eq!(unknown_ports(&cluster).len(), 3);
}

/// Addresses that a process listens on are its container's ports, and no port is without.
#[test]
fn processes_listen_on_the_ports_of_their_pods() {
    for (folder, cluster) in overlays() {
        for name in ["coordinator", "node"] {
            let pod = cluster.pod(name);
            let words = pod.words();
            let listens = words
                .iter()
                .filter_map(|word| word.strip_prefix("0.0.0.0:")?.parse().ok());
            assert_eq!(
                listens.collect::<Vec<u64>>(),
                pod.ports(),
                "{folder}: {name}"
            );
        }
    }
}

/// Every address that a process is told is a service's, with a port that this service has.
#[test]
fn addresses_are_those_of_services() {
    for (folder, cluster) in overlays() {
        let mut found = 0;
        for pod in cluster.pods() {
            for address in pod.words().iter().flat_map(|word| word.split(',')) {
                let Some((_, address)) = address
                    .split_once("://")
                    .filter(|(scheme, _)| *scheme != "s3")
                else {
                    continue;
                };
                let (host, port) = address.split_once(':').unwrap();
                let service = cluster.find("Service", host.rsplit('.').next().unwrap());
                let ports = service.map_or(&[][..], |service| list(service, "/spec/ports"));
                let port: u64 = port.parse().unwrap();
                assert!(
                    ports.iter().any(|one| one["port"] == port),
                    "{folder}: {address}"
                );
                found += 1;
            }
        }
        assert_eq!(
            found, 4,
            "{folder}: one coordinator and three servers are named"
        );
    }
}

#[test]
fn servers_of_nats_know_one_another() {
    let file = crate::tools::read("kubernetes/nats/nats.conf");
    for (folder, cluster) in overlays() {
        let pod = cluster.pod("nats");
        for number in 0..number(pod.owner, "/spec/replicas").unwrap() {
            let route = format!("nats-route://nats-{number}.nats:6222\n");
            assert!(file.contains(&route), "{folder}: {route}");
        }
        for port in pod.ports() {
            assert!(
                file.contains(&format!("0.0.0.0:{port}\n")),
                "{folder}: {port}"
            );
        }
    }
}
