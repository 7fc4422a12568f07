//! The Kubernetes API, as its published types have it.
//!
//! Types skip what they do not know, so a document is read and written again: what got lost on the way is unknown.

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, PersistentVolumeClaim, Pod, Service};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::tools::text;

/// Compares a document with the type that its kind names.
pub(crate) fn check(document: &Value) -> Result<(), String> {
    let (version, kind) = (text(document, "/apiVersion"), text(document, "/kind"));
    let name = format!("{kind} {}", text(document, "/metadata/name"));
    let again = match (version, kind) {
        ("v1", "ConfigMap") => again::<ConfigMap>,
        ("v1", "Namespace") => again::<Namespace>,
        ("v1", "PersistentVolumeClaim") => again::<PersistentVolumeClaim>,
        ("v1", "Pod") => again::<Pod>,
        ("v1", "Service") => again::<Service>,
        ("apps/v1", "StatefulSet") => again::<StatefulSet>,
        ("batch/v1", "Job") => again::<Job>,
        ("networking.k8s.io/v1", "NetworkPolicy") => again::<NetworkPolicy>,
        ("policy/v1", "PodDisruptionBudget") => again::<PodDisruptionBudget>,
        _ => return Err(format!("{name}: no check for {version}")),
    };
    let known = again(document).map_err(|error| format!("{name}: {error}"))?;
    lost(document, &known).map_or(Ok(()), |path| {
        Err(format!("{name}: {path} is no field of {version}"))
    })
}

fn again<T: DeserializeOwned + Serialize>(document: &Value) -> serde_json::Result<Value> {
    serde_json::to_value(T::deserialize(document)?)
}

/// The first place that is in one value and not in the other.
fn lost(before: &Value, after: &Value) -> Option<String> {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => before.iter().find_map(|(key, value)| {
            let found = after
                .get(key)
                .map_or(Some(String::new()), |other| lost(value, other));
            found.map(|rest| format!("/{key}{rest}"))
        }),
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            let mut pairs = before.iter().zip(after).enumerate();
            pairs.find_map(|(place, (before, after))| {
                lost(before, after).map(|rest| format!("/{place}{rest}"))
            })
        }
        _ => (before != after).then(String::new),
    }
}

fn service(port: &Value) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": { "name": "a" },
        "spec": { "ports": [port] },
    })
}

#[test]
fn a_document_that_the_api_knows_is_fine() {
    check(&service(&json!({ "port": 1, "targetPort": "b" }))).unwrap();
}

#[test]
fn an_unknown_field_is_noticed() {
    let complaint = check(&service(&json!({ "port": 1, "targetport": 2 }))).unwrap_err();
    assert_eq!(
        complaint,
        "Service a: /spec/ports/0/targetport is no field of v1"
    );
}

#[test]
fn a_wrong_type_and_an_unknown_kind_are_noticed() {
    let complaint = check(&service(&json!({ "port": "one" }))).unwrap_err();
    assert!(complaint.contains("invalid type"), "{complaint}");
    let complaint = check(&json!({ "apiVersion": "v1", "kind": "Sevice" })).unwrap_err();
    assert!(complaint.contains("Sevice"), "{complaint}");
}
