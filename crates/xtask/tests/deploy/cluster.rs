//! Rendered manifests, and the pods in them.

use serde_json::Value;

use crate::tools::{entries, list, number, text};

/// Everything that is applied together.
#[derive(Debug, Clone)]
pub(crate) struct Cluster(pub(crate) Vec<Value>);

/// The template of pods, with what it belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pod<'a> {
    pub(crate) owner: &'a Value,
    pub(crate) template: &'a Value,
}

impl Cluster {
    pub(crate) fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.0
            .iter()
            .filter(move |document| text(document, "/kind") == kind)
    }

    /// The document of that kind and name.
    pub(crate) fn find(&self, kind: &str, name: &str) -> Option<&Value> {
        self.of_kind(kind)
            .find(|document| text(document, "/metadata/name") == name)
    }

    pub(crate) fn pods(&self) -> impl Iterator<Item = Pod<'_>> {
        self.0.iter().filter_map(|owner| {
            let template = owner.pointer("/spec/template")?;
            Some(Pod { owner, template })
        })
    }

    /// The pods of that owner.
    #[track_caller]
    pub(crate) fn pod(&self, name: &str) -> Pod<'_> {
        let found = self.pods().find(|pod| pod.name() == name);
        found.unwrap_or_else(|| panic!("there are no pods of {name}"))
    }

    /// The pods that a label selector means.
    pub(crate) fn selected<'a>(&'a self, selector: &'a Value) -> impl Iterator<Item = Pod<'a>> {
        self.pods().filter(|pod| pod.is_selected(selector))
    }
}

impl<'a> Pod<'a> {
    pub(crate) fn name(self) -> &'a str {
        text(self.owner, "/metadata/name")
    }

    pub(crate) fn containers(self) -> &'a [Value] {
        list(self.template, "/spec/containers")
    }

    /// The only container.
    #[track_caller]
    pub(crate) fn container(self) -> &'a Value {
        let [container] = self.containers() else {
            panic!("{} has not one container", self.name())
        };
        container
    }

    /// The number of a port that is given by number or by name; `None` if the pod has no such port.
    pub(crate) fn port(self, port: &Value) -> Option<u64> {
        let ports = self
            .containers()
            .iter()
            .flat_map(|container| list(container, "/ports"));
        let mut known = ports.filter_map(|known| {
            let is_meant = known["name"] == *port || known["containerPort"] == *port;
            is_meant.then(|| number(known, "/containerPort"))
        });
        known.next().flatten()
    }

    /// Numbers of all its ports.
    pub(crate) fn ports(self) -> Vec<u64> {
        let ports = self
            .containers()
            .iter()
            .flat_map(|container| list(container, "/ports"));
        ports
            .filter_map(|port| number(port, "/containerPort"))
            .collect()
    }

    /// A variable's value as written.
    pub(crate) fn variable(self, name: &str) -> Option<String> {
        let variables = list(self.container(), "/env");
        let found = variables
            .iter()
            .find(|variable| text(variable, "/name") == name)?;
        Some(text(found, "/value").to_owned())
    }

    /// Words of the command line, and values of variables.
    pub(crate) fn words(self) -> Vec<&'a str> {
        let container = self.container();
        let arguments = list(container, "/command")
            .iter()
            .chain(list(container, "/args"));
        let values = list(container, "/env")
            .iter()
            .map(|variable| &variable["value"]);
        arguments.chain(values).filter_map(Value::as_str).collect()
    }

    pub(crate) fn is_selected(self, selector: &Value) -> bool {
        let label = |key: &str| self.template["metadata"]["labels"][key].as_str();
        let equal = entries(selector, "/matchLabels")
            .all(|(key, value)| label(key).is_some() && label(key) == value.as_str());
        let within = list(selector, "/matchExpressions").iter().all(|wanted| {
            assert_eq!(
                wanted["operator"], "In",
                "these tests know no other operator"
            );
            let values = list(wanted, "/values");
            label(text(wanted, "/key")).is_some_and(|label| values.iter().any(|one| one == label))
        });
        equal && within
    }
}
