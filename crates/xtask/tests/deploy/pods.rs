//! Pods are confined, bounded, watched, and have what they mount.

use serde_json::Value;

use crate::cluster::{Cluster, Pod};
use crate::kustomize::overlays;
use crate::tools::{assert_fine, documents, is_pinned, list, number, read, text};

/// What the values at a path of a pod or of a container have to be.
const CONFINED: [(&str, &str); 5] = [
    ("/spec/securityContext/runAsNonRoot", "true"),
    ("/spec/securityContext/runAsUser", "65532"),
    ("/spec/securityContext/runAsGroup", "65532"),
    (
        "/spec/securityContext/seccompProfile/type",
        "\"RuntimeDefault\"",
    ),
    ("/spec/automountServiceAccountToken", "false"),
];
const CONTAINED: [(&str, &str); 3] = [
    ("/securityContext/allowPrivilegeEscalation", "false"),
    ("/securityContext/readOnlyRootFilesystem", "true"),
    ("/securityContext/capabilities/drop", "[\"ALL\"]"),
];
/// Both have to be said.
const BOUNDED: [&str; 4] = [
    "/resources/requests/cpu",
    "/resources/requests/memory",
    "/resources/limits/cpu",
    "/resources/limits/memory",
];

/// Where values are not what they have to be.
fn unequal(value: &Value, wanted: &[(&str, &str)]) -> Vec<String> {
    let is = |pointer| value.pointer(pointer).map(ToString::to_string);
    let bad = wanted
        .iter()
        .filter(|(pointer, wanted)| is(pointer).as_deref() != Some(wanted));
    bad.map(|(pointer, wanted)| format!("{pointer} is not {wanted}"))
        .collect()
}

fn confinement(template: &Value) -> Vec<String> {
    let mut complaints = unequal(template, &CONFINED);
    for container in list(template, "/spec/containers") {
        complaints.extend(unequal(container, &CONTAINED));
        let missing = BOUNDED
            .iter()
            .filter(|pointer| container.pointer(pointer).is_none());
        complaints.extend(missing.map(|pointer| format!("{pointer} is missing")));
        let image = text(container, "/image");
        if !is_pinned(image) {
            complaints.push(format!("the image {image} has no version"));
        }
    }
    complaints
}

#[test]
fn pods_are_confined_and_bounded() {
    for (folder, cluster) in overlays() {
        for pod in cluster.pods() {
            let complaints = confinement(pod.template);
            assert!(
                complaints.is_empty(),
                "{folder}, {}: {complaints:?}",
                pod.name()
            );
        }
    }
    assert_fine(&confinement(&documents(&read("kubernetes/reader.yaml"))[0]));
}

#[test]
fn a_pod_with_too_many_rights_is_noticed() {
    let mut cluster = overlays()[0].1.clone();
    for document in &mut cluster.0 {
        if let Some(user) = document.pointer_mut("/spec/template/spec/securityContext/runAsUser") {
            *user = Value::from(0);
        }
        if let Some(image) = document.pointer_mut("/spec/template/spec/containers/0/image") {
            *image = Value::from("nats");
        }
    }
    for pod in cluster.pods() {
        assert_eq!(confinement(pod.template).len(), 2);
    }
}

/// How long a probe has to fail before it counts.
fn patience(container: &Value, probe: &str) -> u64 {
    let of = |key: &str| number(container, &format!("/{probe}/{key}")).unwrap_or_default();
    of("periodSeconds") * of("failureThreshold")
}

#[test]
fn a_restart_takes_longer_to_decide_than_being_left_alone() {
    for (folder, cluster) in overlays() {
        for pod in cluster.pods() {
            let [starting, ready, alive] = ["startupProbe", "readinessProbe", "livenessProbe"]
                .map(|probe| patience(pod.container(), probe));
            let name = pod.name();
            assert!(
                0 < ready && ready < alive && alive < starting,
                "{folder}: {name}"
            );
        }
    }
}

#[test]
fn processes_of_ours_have_a_native_probe_and_nodes_are_drained() {
    for (_, cluster) in overlays() {
        for name in ["coordinator", "node"] {
            let container = cluster.pod(name).container();
            assert!(number(container, "/livenessProbe/grpc/port").is_some());
        }
        let container = cluster.pod("node").container();
        let hook = list(container, "/lifecycle/preStop/exec/command");
        assert_eq!(hook[..2], ["/echosphere", "drain"]);
        let grace = number(
            cluster.pod("node").template,
            "/spec/terminationGracePeriodSeconds",
        );
        assert!(grace >= Some(60));
    }
}

#[test]
fn disruptions_are_bounded_where_there_are_several_pods() {
    for (folder, cluster) in overlays() {
        for owner in cluster.of_kind("StatefulSet") {
            let name = text(owner, "/metadata/name");
            let budget = cluster.find("PodDisruptionBudget", name);
            let selector = budget.map(|budget| &budget["spec"]["selector"]);
            let meant =
                selector.map(|selector| cluster.selected(selector).map(Pod::name).collect());
            assert_eq!(meant, Some(vec![name]), "{folder}");
            let spread = list(owner, "/spec/template/spec/topologySpreadConstraints");
            assert!(
                spread
                    .iter()
                    .all(|one| cluster.pod(name).is_selected(&one["labelSelector"]))
            );
            assert!(!spread.is_empty(), "{folder}: {name}");
            let headless = cluster.find("Service", text(owner, "/spec/serviceName"));
            assert_eq!(
                headless.map(|service| &service["spec"]["clusterIP"]),
                Some(&Value::from("None"))
            );
        }
    }
}

/// A coordinator waits for as many nodes as there are, and asks for as many copies of the log as servers can keep.
#[test]
fn numbers_of_pods_agree() {
    for (folder, cluster) in overlays() {
        let words = cluster.pod("coordinator").words();
        let flag = |flag: &str| {
            let at = words.iter().position(|word| *word == flag);
            at.and_then(|at| words.get(at + 1)?.parse::<u64>().ok())
        };
        let replicas = |name| number(cluster.pod(name).owner, "/spec/replicas");
        assert_eq!(flag("--nodes"), replicas("node"), "{folder}");
        assert_eq!(flag("--nats-replicas"), replicas("nats"), "{folder}");
        let servers = cluster
            .pod("coordinator")
            .variable("ECHOSPHERE_NATS")
            .unwrap();
        assert_eq!(Some(servers.split(',').count() as u64), replicas("nats"));
    }
}

/// Where a mount is of no volume, or a volume of nothing.
fn unmounted(cluster: &Cluster, pod: Pod<'_>) -> Vec<String> {
    let volumes = list(pod.template, "/spec/volumes");
    let claims = list(pod.owner, "/spec/volumeClaimTemplates");
    let named = volumes.iter().map(|volume| text(volume, "/name"));
    let named: Vec<&str> = named
        .chain(claims.iter().map(|claim| text(claim, "/metadata/name")))
        .collect();
    let mounts = list(pod.container(), "/volumeMounts");
    let mounted: Vec<&str> = mounts.iter().map(|mount| text(mount, "/name")).collect();
    let mut complaints: Vec<String> = Vec::new();
    complaints.extend(
        mounted
            .iter()
            .filter(|name| !named.contains(name))
            .map(|name| format!("{name} is no volume")),
    );
    complaints.extend(
        named
            .iter()
            .filter(|name| !mounted.contains(name))
            .map(|name| format!("{name} is not mounted")),
    );
    for volume in volumes {
        for (kind, pointer) in [
            ("ConfigMap", "/configMap/name"),
            ("PersistentVolumeClaim", "/persistentVolumeClaim/claimName"),
        ] {
            let name = text(volume, pointer);
            if !name.is_empty() && cluster.find(kind, name).is_none() {
                complaints.push(format!("there is no {kind} {name}"));
            }
        }
        let sources = list(volume, "/projected/sources")
            .iter()
            .map(|source| text(source, "/configMap/name"));
        let missing =
            sources.filter(|name| !name.is_empty() && cluster.find("ConfigMap", name).is_none());
        complaints.extend(missing.map(|name| format!("there is no ConfigMap {name}")));
    }
    complaints
}

#[test]
fn what_pods_mount_is_there() {
    for (folder, cluster) in overlays() {
        for pod in cluster.pods() {
            assert_eq!(unmounted(cluster, pod), [""; 0], "{folder}: {}", pod.name());
        }
    }
}

#[test]
fn a_missing_volume_is_noticed() {
    let mut cluster = overlays()[1].1.clone();
    cluster.0.retain(|document| {
        document["kind"] != "PersistentVolumeClaim" && document["kind"] != "ConfigMap"
    });
    let complaints = |name| unmounted(&cluster, cluster.pod(name)).len();
    assert_eq!(
        [
            complaints("coordinator"),
            complaints("node"),
            complaints("nats")
        ],
        [3, 1, 1]
    );
}
