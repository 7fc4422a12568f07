//! Names of hosts.

use std::collections::BTreeMap;

use types::document::SiteId;

use crate::site::Geography;

/// What the names of all hosts end in. Nothing of that name is ever looked up in the network (RFC 6761).
pub const SUFFIX: &str = "localhost";

/// The names of all hosts: `KIND-N.localhost` for the N-th host of a kind, from 1 on.
#[derive(Debug, Clone)]
pub struct HostNames {
    /// Of each class, the label that it has in names, and its first host.
    classes: Vec<(String, u32)>,
    /// Of each label, its class.
    by_label: BTreeMap<String, usize>,
    hosts: u32,
}

impl HostNames {
    /// Names for the hosts of a web whose classes are called so, in their order. What cannot stand in a name of a host is replaced by a hyphen; classes that
    /// are alike then get a number.
    pub fn new(names: &[String], geography: &Geography) -> Self {
        let hosts = geography.sites().len() as u32;
        let mut all = Self {
            classes: Vec::new(),
            by_label: BTreeMap::new(),
            hosts,
        };
        let class_of = |site: &u32| usize::from(geography.site(SiteId(*site)).class);
        for (class, name) in names.iter().enumerate() {
            let first = (0..hosts).find(|site| class_of(site) == class);
            let mut label = label(name);
            if all.by_label.contains_key(&label) {
                label = format!("{label}-{class}x");
            }
            all.by_label.insert(label.clone(), class);
            all.classes.push((label, first.unwrap_or(hosts)));
        }
        all
    }

    /// Number of hosts.
    pub fn hosts(&self) -> u32 {
        self.hosts
    }

    /// The name of a host.
    pub fn of(&self, site: SiteId) -> String {
        let (label, first) = self.class(site);
        format!("{label}-{}.{SUFFIX}", site.0 - first + 1)
    }

    /// The label that hosts of this kind have in their names.
    pub fn kind(&self, site: SiteId) -> &str {
        &self.class(site).0
    }

    fn class(&self, site: SiteId) -> &(String, u32) {
        let class = self.classes.partition_point(|class| class.1 <= site.0);
        &self.classes[class.max(1) - 1]
    }

    /// The host of that name, in any case.
    pub fn site(&self, name: &str) -> Option<SiteId> {
        let name = name.to_ascii_lowercase();
        let name = name.strip_suffix(SUFFIX)?.strip_suffix('.')?;
        let (label, digits) = name.rsplit_once('-')?;
        let class = *self.by_label.get(label)?;
        let rank: u32 = digits.parse().ok().filter(|&rank| rank > 0)?;
        let next = self.classes.get(class + 1);
        let end = next.map_or(self.hosts, |class| class.1);
        let site = self.classes[class].1.checked_add(rank - 1)?;
        (site < end && rank.to_string() == digits).then_some(SiteId(site))
    }
}

/// A name as a label of a name of a host (RFC 1123).
fn label(name: &str) -> String {
    let letter = |letter: char| match letter {
        'a'..='z' | '0'..='9' => letter,
        'A'..='Z' => letter.to_ascii_lowercase(),
        _ => '-',
    };
    let label: String = name.chars().map(letter).take(40).collect();
    match label.trim_matches('-') {
        "" => "site".to_owned(),
        label => label.to_owned(),
    }
}
