//! What a crawler asks hosts before it fetches from them.

use types::document::SiteId;
use types::time::VirtualTime;

use super::{Archive, CrawlerRules};
use crate::robots::{RobotsCache, RobotsFetch};
use crate::site::Geography;

/// Marks the events in which a crawler decides whether it obeys a host.
const OBEDIENCE: u32 = 1 << 31;
/// Marks the events in which a host does not answer when it is asked for robots.txt.
const SILENCE: u32 = 1 << 30;
/// Where the number of the crawler stands in those.
const CRAWLER_SHIFT: u32 = 18;

impl Archive {
    /// Whether the crawler leaves a host alone. It obeys all hosts, some, or none.
    pub(super) fn leaves(
        &mut self,
        rules: &CrawlerRules,
        (geography, site): (&Geography, SiteId),
        time: VirtualTime,
    ) -> bool {
        if rules.robots_failed > 0.0 {
            let may = self.asks(rules, (geography, site), time);
            return !may && self.obeys(rules, site);
        }
        geography.site(site).is_closed(time) && self.obeys(rules, site)
    }

    fn obeys(&self, rules: &CrawlerRules, site: SiteId) -> bool {
        let event = OBEDIENCE | self.spec.number;
        self.spec.key.stream(site.0, event).uniform() < rules.compliance
    }

    /// Whether a host allows it, as far as the crawler knows: it asks for robots.txt again where what it knows is older than a day, and
    /// a share of hosts does not answer (RFC 9309).
    fn asks(
        &mut self,
        rules: &CrawlerRules,
        (geography, site): (&Geography, SiteId),
        time: VirtualTime,
    ) -> bool {
        let crawl = self.snapshots.len() as u32;
        let event = SILENCE | self.spec.number << CRAWLER_SHIFT | crawl;
        let silent = self.spec.key.stream(site.0, event).uniform() < rules.robots_failed;
        let known: &mut RobotsCache = self.robots.entry(site).or_default();
        if known.is_due(time) {
            let text = geography.robots(site, time).to_string();
            let answer = if silent {
                RobotsFetch::Unreachable
            } else {
                RobotsFetch::Success(text.as_bytes())
            };
            known.note(answer, time);
        }
        known.allows(AGENT, "/", time).unwrap_or(false)
    }
}

/// What crawlers call themselves. Hosts treat all of them alike.
const AGENT: &str = "crawler";
