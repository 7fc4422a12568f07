//! What a robots.txt says, and how it is written.

use std::fmt;

use super::lines::{Key, records};
use super::octets::encoded;
use super::pattern::PathPattern;
use super::token::ProductToken;

/// The longest delay in seconds: a day. Whoever asks for more gets this.
pub const CRAWL_DELAY_MAX: f64 = 86_400.0;

/// What a robots.txt says; its text is that of the file.
///
/// The text, read again, says the same, up to [`SIZE_MAX`](super::SIZE_MAX).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RobotsRules {
    /// Who may fetch what.
    pub groups: Vec<Group>,
    /// Addresses of sitemaps. Whatever would end a line, or the address, is percent-encoded in the file.
    pub sitemaps: Vec<String>,
}

/// What some agents may fetch. An agent that is in several groups has the rules of all of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Whom it is for; nobody if empty, and then it is left out of the file.
    pub agents: Vec<ProductToken>,
    /// What they may fetch and what not, in any order.
    pub rules: Vec<Rule>,
    /// Seconds between two fetches. What is negative or no number is left out of the file.
    pub crawl_delay: Option<f64>,
}

/// What holds for paths that match a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Whether they may be fetched.
    pub access: Access,
    /// Which paths.
    pub pattern: PathPattern,
}

/// Whether something may be fetched. Of two equal patterns the greater one holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// It may not.
    Disallow,
    /// It may.
    Allow,
}

impl Rule {
    /// Nothing that matches may be fetched.
    pub fn disallow(pattern: PathPattern) -> Self {
        let access = Access::Disallow;
        Self { access, pattern }
    }

    /// What matches may be fetched.
    pub fn allow(pattern: PathPattern) -> Self {
        let access = Access::Allow;
        Self { access, pattern }
    }
}

impl Group {
    /// A group for one agent, without rules.
    pub fn new(agent: ProductToken) -> Self {
        Self {
            agents: vec![agent],
            ..Self::empty()
        }
    }

    fn empty() -> Self {
        Self {
            agents: Vec::new(),
            rules: Vec::new(),
            crawl_delay: None,
        }
    }

    /// A rule without a pattern says nothing.
    fn add(&mut self, access: Access, pattern: &[u8]) {
        let pattern = PathPattern::read(pattern);
        self.rules
            .extend(pattern.map(|pattern| Rule { access, pattern }));
    }

    /// The longest delay counts.
    fn delay(&mut self, value: &[u8]) {
        let seconds = str::from_utf8(value)
            .ok()
            .and_then(|text| text.parse().ok());
        let delays = [self.crawl_delay, finite(seconds)].into_iter().flatten();
        self.crawl_delay = delays.reduce(f64::max);
    }
}

/// A delay as it is obeyed: finite and not negative.
fn finite(seconds: Option<f64>) -> Option<f64> {
    let seconds = seconds.filter(|seconds| seconds.is_finite() && *seconds >= 0.0);
    seconds.map(|seconds| seconds.abs().min(CRAWL_DELAY_MAX))
}

/// An address in octets that a line can carry.
fn address(text: &[u8]) -> String {
    let written = |&octet: &u8| match octet {
        b'!'..=b'~' if octet != b'#' => char::from(octet).to_string(),
        _ => encoded(octet),
    };
    text.trim_ascii().iter().map(written).collect()
}

impl RobotsRules {
    /// Reads a file. Agents that follow each other share a group, whatever else but rules stands between them.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let mut read = Self::default();
        let mut takes_agents = false;
        for (key, value) in records(bytes) {
            if key == Key::UserAgent && !takes_agents {
                read.groups.push(Group::empty());
            }
            takes_agents = match key {
                Key::UserAgent => true,
                Key::Allow | Key::Disallow => false,
                Key::CrawlDelay | Key::Sitemap => takes_agents,
            };
            read.add(key, value);
        }
        read
    }

    fn add(&mut self, key: Key, value: &[u8]) {
        if key == Key::Sitemap {
            self.sitemaps.push(address(value));
        }
        // What comes before the first agent is for nobody.
        let Some(group) = self.groups.last_mut() else {
            return;
        };
        match key {
            Key::UserAgent => group.agents.extend(ProductToken::read(value)),
            Key::Allow => group.add(Access::Allow, value),
            Key::Disallow => group.add(Access::Disallow, value),
            Key::CrawlDelay => group.delay(value),
            Key::Sitemap => {}
        }
    }

    /// The same without what has no meaning.
    pub(super) fn tidied(mut self) -> Self {
        self.groups.retain(|group| !group.agents.is_empty());
        for group in &mut self.groups {
            group.crawl_delay = finite(group.crawl_delay);
        }
        for sitemap in &mut self.sitemaps {
            *sitemap = address(sitemap.as_bytes());
        }
        self.sitemaps.retain(|sitemap| !sitemap.is_empty());
        self
    }
}

impl fmt::Display for RobotsRules {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tidied = self.clone().tidied();
        let groups = tidied.groups.iter().map(ToString::to_string);
        let mut blocks: Vec<String> = groups.collect();
        if !tidied.sitemaps.is_empty() {
            blocks.push(format!(
                "Sitemap: {}\n",
                tidied.sitemaps.join("\nSitemap: ")
            ));
        }
        out.write_str(&blocks.join("\n"))
    }
}

impl fmt::Display for Group {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for agent in &self.agents {
            writeln!(out, "User-agent: {agent}")?;
        }
        if let Some(seconds) = finite(self.crawl_delay) {
            writeln!(out, "Crawl-delay: {seconds}")?;
        }
        for rule in &self.rules {
            writeln!(out, "{rule}")?;
        }
        if self.rules.is_empty() {
            // Otherwise its agents would belong to the next group.
            writeln!(out, "Disallow:")?;
        }
        Ok(())
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.access {
            Access::Allow => "Allow",
            Access::Disallow => "Disallow",
        };
        write!(out, "{name}: {}", self.pattern)
    }
}
