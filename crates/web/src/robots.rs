//! robots.txt: what a site asks of crawlers (RFC 9309).
//!
//! [`Robots::parse`] takes the bytes of a file and never fails: whatever is no record is passed over, so that any bytes are some
//! robots.txt. [`RobotsRules`] is what such a file says, and writes one; [`RobotsCache`] is what a crawler remembers of a host's.
//!
//! ```
//! use echosphere_web::robots::{Group, PathPattern, ProductToken, Robots, RobotsRules, Rule};
//!
//! let file = b"User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /\nAllow: /about\n\nUser-agent: *\nCrawl-delay: 5\nDisallow: /*.pdf$\n";
//! let robots = Robots::parse(file);
//! assert!(!robots.allows("CCBot/2.0 (https://example.org/bot)", "/news"));
//! assert!(robots.allows("gptbot", "/about/us"));
//! assert!(!robots.allows("anyone", "/paper.pdf"));
//! assert_eq!(robots.crawl_delay("anyone"), Some(5.0));
//!
//! let mut group = Group::new(ProductToken::any());
//! group.rules = PathPattern::new("/drafts/").map(Rule::disallow).into_iter().collect();
//! let rules = RobotsRules { groups: vec![group], sitemaps: Vec::new() };
//! assert_eq!(rules.to_string(), "User-agent: *\nDisallow: /drafts/\n");
//! assert_eq!(Robots::parse(rules.to_string().as_bytes()), Robots::from(rules));
//! ```
//!
//! # Where the RFC leaves a choice
//!
//! - **Who is meant.** An agent is named by its product token or by its whole identification string. A group is for it if the
//!   group's token is one of the words of that name, in any case; of several, the longest counts, and only its groups do. A
//!   token is never compared with a part of a word: `bot` is not `foobot`, nor is `foobot` `foobot-news`. Digits are letters
//!   here, since names have them.
//! - **Length.** The longest rule is the one whose pattern has most octets once percent-encoding is uniform: `%C3` are three,
//!   `*` and `$` one each.
//! - **Octets.** Encoded letters, digits and `-._~` are decoded; what a path cannot contain as it is, is encoded; other reserved
//!   octets stay as they are written. In the query of a path `:`, `/`, `?` and `@` delimit nothing, so that they are the same
//!   in either form.
//! - **Leniency.** A colon may be missing between two words, and common misspellings of keys are understood. A pattern that
//!   starts with neither `/` nor `*` is none.
//! - **Delays.** `Crawl-delay` is no record of the RFC: it belongs to its whole group and, like every other record, ends no
//!   list of agents. Of several that hold for an agent the longest does.
//!
//! # Limits
//!
//! Files are read up to [`SIZE_MAX`] and paths up to [`PATH_OCTETS_MAX`]. Memory is linear in what is read, and an answer takes
//! at most one step for each octet of a rule and 64 octets of the path: a rule's next octet is sought in so many places at once.

mod cache;
mod lines;
mod octets;
mod path;
mod pattern;
mod places;
mod rules;
mod token;

use std::collections::BTreeMap;

pub use self::cache::{AGE_MAX, REDIRECTS_MAX, RobotsCache, RobotsFetch, UNREACHABLE_MAX};
pub use self::lines::SIZE_MAX;
pub use self::path::PATH_OCTETS_MAX;
pub use self::pattern::PathPattern;
pub use self::rules::{Access, CRAWL_DELAY_MAX, Group, RobotsRules, Rule};
pub use self::token::ProductToken;

use self::path::Path;

/// A robots.txt that can be asked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Robots {
    rules: RobotsRules,
    /// Positions of the groups of each agent, by its token in small letters.
    groups: BTreeMap<String, Vec<usize>>,
}

impl Robots {
    /// Reads a file. Of one that is longer than [`SIZE_MAX`], the lines that end by then.
    pub fn parse(bytes: &[u8]) -> Self {
        Self::from(RobotsRules::parse(bytes))
    }

    /// Whether an agent may fetch a path, which may have a query; a fragment counts as absent.
    pub fn allows(&self, agent: &str, path: &str) -> bool {
        let path = Path::new(path);
        path.is_robots_txt() || self.strongest(agent, &path) != Some(Access::Disallow)
    }

    /// Seconds that an agent is asked to wait between two fetches, finite and at most [`CRAWL_DELAY_MAX`].
    pub fn crawl_delay(&self, agent: &str) -> Option<f64> {
        let delays = self.groups_of(agent).filter_map(|group| group.crawl_delay);
        delays.reduce(f64::max)
    }

    /// Addresses of sitemaps in the order of the file, each as it would be written: without spaces, in ASCII.
    pub fn sitemaps(&self) -> &[String] {
        &self.rules.sitemaps
    }

    /// What the file says, without what cannot be written down: groups without agents, delays that are no number.
    pub fn rules(&self) -> &RobotsRules {
        &self.rules
    }

    /// What the longest rule that matches says; `allow` if two are as long.
    fn strongest(&self, agent: &str, path: &Path) -> Option<Access> {
        let mut strongest = None;
        for rule in self.groups_of(agent).flat_map(|group| &group.rules) {
            let strength = Some((rule.pattern.octets(), rule.access));
            if strength > strongest && rule.pattern.matches(path) {
                strongest = strength;
            }
        }
        strongest.map(|(_, access)| access)
    }

    /// The groups of the longest token that names the agent, or those for everyone.
    fn groups_of(&self, agent: &str) -> impl Iterator<Item = &Group> {
        let named = token::words(agent)
            .filter_map(|word| Some((word.len(), self.groups.get(&word.to_ascii_lowercase())?)))
            .reduce(|best, next| if next.0 > best.0 { next } else { best });
        let positions = named.map(|(_, positions)| positions);
        let positions = positions.or_else(|| self.groups.get(token::ANY));
        positions
            .into_iter()
            .flatten()
            .map(|&position| &self.rules.groups[position])
    }
}

impl From<RobotsRules> for Robots {
    fn from(rules: RobotsRules) -> Self {
        let rules = rules.tidied();
        let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (position, group) in rules.groups.iter().enumerate() {
            for agent in &group.agents {
                let positions = groups
                    .entry(agent.as_str().to_ascii_lowercase())
                    .or_default();
                if positions.last() != Some(&position) {
                    positions.push(position);
                }
            }
        }
        Self { rules, groups }
    }
}

#[cfg(test)]
mod tests;
