//! Sites: hosts with an owner's rules, popularity and a day on which they die, all functions of their number.

mod changes;
mod lifetime;
mod links;

use types::document::{Sequence, SiteId};
use types::random::StreamKey;
use types::time::{VirtualDuration, VirtualTime};

use crate::robots::{Group, PathPattern, ProductToken, RobotsRules, Rule};

pub use self::lifetime::Lifetime;
pub use self::links::LinkLaw;

/// What hosts of one kind have in common.
#[derive(Debug, Clone, PartialEq)]
pub struct SiteClass {
    /// Number of hosts.
    pub hosts: u32,
    /// Popularity of the r-th host of the class: this times r^-exponent over the mean of r^-exponent.
    pub popularity: f64,
    /// Exponent of Zipf's law within the class; 0: all alike.
    pub exponent: f64,
    /// Who keeps crawlers out.
    pub opt_out: OptOut,
    /// Until hosts die, with all their pages.
    pub lifetime: Option<Lifetime>,
    /// Until pages die.
    pub page_lifetime: Option<Lifetime>,
    /// Kinds of pages: their share, and how often a day they change.
    pub changes: Vec<(f64, f64)>,
    /// Seconds that crawlers are asked to wait between two fetches from one host.
    pub crawl_delay: f64,
}

/// Which hosts disallow crawlers in robots.txt, and since when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OptOut {
    /// Share of the hosts below the top decile of quality that opt out in the end.
    pub base: f64,
    /// The same, of the top decile.
    pub top: f64,
    /// When the first opt out.
    pub from: VirtualTime,
    /// Until all that ever do have opted out; they do so at a constant rate.
    pub ramp: VirtualDuration,
}

/// One host.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Site {
    /// Position of its class.
    pub class: u16,
    /// How often it is visited, relative to other hosts.
    pub popularity: f64,
    /// Rank by quality, uniform in [0, 1).
    pub quality: f64,
    /// When it disallows crawlers; `None`: never.
    pub disallows_from: Option<VirtualTime>,
    /// When it dies.
    pub dies: VirtualTime,
}

impl Site {
    /// True if it disallows crawlers.
    pub fn is_closed(&self, time: VirtualTime) -> bool {
        self.disallows_from.is_some_and(|since| since <= time)
    }
}

/// All hosts of a web, and the laws of their pages.
#[derive(Debug, Clone, PartialEq)]
pub struct Geography {
    classes: Vec<SiteClass>,
    sites: Vec<Site>,
    pages: StreamKey,
    links: LinkLaw,
}

/// The keys of the streams that sites and pages draw from.
#[derive(Debug, Clone, Copy)]
pub struct GeographyKeys {
    /// What a site is like.
    pub site: StreamKey,
    /// When a page changes and dies.
    pub page: StreamKey,
}

impl SiteClass {
    /// The popularity of each host, the most popular one first.
    pub fn popularities(&self) -> impl Iterator<Item = f64> {
        let power = |rank: u32| libm::pow(f64::from(rank), -self.exponent);
        let total: f64 = (1..=self.hosts).map(power).sum();
        let scale = self.popularity * f64::from(self.hosts) / total;
        (1..=self.hosts).map(move |rank| scale * power(rank))
    }
}

/// Events of a page's stream that are no cells of its changes.
const DEATH: u32 = u32::MAX;
const KIND: u32 = u32::MAX - 1;
const LINKS: u32 = u32::MAX - 2;

impl Geography {
    /// The hosts of all classes, one class after the other.
    pub fn new(classes: Vec<SiteClass>, keys: GeographyKeys) -> Self {
        let mut sites = Vec::new();
        for (number, class) in classes.iter().enumerate() {
            for popularity in class.popularities() {
                let mut rng = keys.site.stream(sites.len() as u32, 0);
                let (quality, inclination) = (rng.uniform(), rng.uniform());
                sites.push(Site {
                    class: number as u16,
                    popularity,
                    quality,
                    disallows_from: class.opt_out.since(quality, inclination),
                    dies: death(class.lifetime, VirtualTime::START, rng.uniform()),
                });
            }
        }
        Self {
            classes,
            sites,
            pages: keys.page,
            links: LinkLaw::default(),
        }
    }

    /// The same web with other links.
    #[must_use]
    pub fn with_links(self, links: LinkLaw) -> Self {
        Self { links, ..self }
    }

    /// All hosts, by number.
    pub fn sites(&self) -> &[Site] {
        &self.sites
    }

    /// A host.
    pub fn site(&self, id: SiteId) -> &Site {
        &self.sites[id.0 as usize]
    }

    /// What the host has in common with others of its class.
    pub fn class(&self, id: SiteId) -> &SiteClass {
        &self.classes[usize::from(self.site(id).class)]
    }

    /// What a host asks of crawlers.
    pub fn robots(&self, id: SiteId, time: VirtualTime) -> RobotsRules {
        let mut group = Group::new(ProductToken::any());
        if self.site(id).is_closed(time) {
            group.rules = PathPattern::new("/")
                .map(Rule::disallow)
                .into_iter()
                .collect();
        }
        let delay = self.class(id).crawl_delay;
        group.crawl_delay = (delay > 0.0).then_some(delay);
        RobotsRules {
            groups: vec![group],
            sitemaps: Vec::new(),
        }
    }

    /// When a page that was put on `site` at `born` dies, with its host at the latest.
    pub fn page_dies(&self, page: Sequence, site: SiteId, born: VirtualTime) -> VirtualTime {
        let own = match self.class(site).page_lifetime {
            None => VirtualTime(u64::MAX),
            Some(law) => death(Some(law), born, self.stream(page, DEATH).uniform()),
        };
        own.min(self.site(site).dies)
    }

    /// How often a day the page changes, on average.
    pub fn change_rate(&self, page: Sequence, site: SiteId) -> f64 {
        let kinds = &self.class(site).changes;
        if kinds.is_empty() {
            return 0.0;
        }
        let mut left = self.stream(page, KIND).uniform();
        for &(share, rate) in kinds {
            if left < share {
                return rate;
            }
            left -= share;
        }
        0.0
    }

    /// The first change of a page in (`after`, `until`]: Poisson, the same whoever asks.
    pub fn first_change(
        &self,
        (page, site): (Sequence, SiteId),
        after: VirtualTime,
        until: VirtualTime,
    ) -> Option<VirtualTime> {
        let rate = self.change_rate(page, site);
        let cells = changes::Cells::new(rate, |cell| self.stream(page, cell))?;
        cells.first(after, until)
    }

    /// The last change of a page in (`after`, `until`].
    pub fn last_change(
        &self,
        (page, site): (Sequence, SiteId),
        after: VirtualTime,
        until: VirtualTime,
    ) -> Option<VirtualTime> {
        let rate = self.change_rate(page, site);
        let cells = changes::Cells::new(rate, |cell| self.stream(page, cell))?;
        cells.last(after, until)
    }

    /// Calls `visit` with the pages that a page links to, in the order of its links; a page may be linked to twice.
    pub fn links(&self, page: Sequence, visit: impl FnMut(Sequence)) {
        self.links
            .targets(page, |page| self.stream(page, LINKS), visit);
    }

    fn stream(&self, page: Sequence, event: u32) -> types::random::Stream {
        self.pages.stream(page.0 as u32, event)
    }
}

/// When something that came into being at `born` dies.
fn death(law: Option<Lifetime>, born: VirtualTime, uniform: f64) -> VirtualTime {
    law.map_or(VirtualTime(u64::MAX), |law| born + law.quantile(uniform))
}

impl OptOut {
    /// Nobody opts out.
    pub const NEVER: Self = Self {
        base: 0.0,
        top: 0.0,
        from: VirtualTime::START,
        ramp: VirtualDuration(0),
    };

    /// When a host of this quality opts out, if `inclination`, uniform in [0, 1), is less than the share that does.
    fn since(self, quality: f64, inclination: f64) -> Option<VirtualTime> {
        let share = if quality >= TOP_DECILE {
            self.top
        } else {
            self.base
        };
        let wait = |part: f64| VirtualDuration((part * self.ramp.0 as f64) as u64);
        (inclination < share).then(|| self.from + wait(inclination / share))
    }
}

/// Hosts from here on are the top decile.
const TOP_DECILE: f64 = 0.9;

#[cfg(test)]
mod tests;
