//! What a crawler has fetched: a fold of the log and of time.

mod budget;
mod curator;
mod discovery;
mod fetch;
mod holdings;
mod manners;
mod recrawl;
mod schedule;

use std::collections::BTreeMap;

use types::document::{Sequence, SiteId};
use types::random::StreamKey;
use types::time::{VirtualDuration, VirtualTime};

use crate::log::LogError;
use crate::pages::Pages;
use crate::robots::RobotsCache;
use crate::site::Geography;

pub(crate) use self::curator::Web;
pub use self::curator::{Capture, Captures, Curation, CurationStage, Curator};
pub use self::discovery::Discovery;
pub use self::fetch::{FETCH_OUTCOMES, FetchOutcome, Shares, Tally};
pub use self::holdings::{Holdings, Kept};
pub use self::recrawl::Recrawl;
pub use self::schedule::{CrawlClock, Schedule};

/// How a crawler goes about.
#[derive(Debug, Clone, PartialEq)]
pub struct CrawlerRules {
    /// Fetches a crawl.
    pub fetches: u32,
    /// Time of a crawl, which bounds what a host's delay allows.
    pub duration: VirtualDuration,
    /// Fetches a crawl from one host, at most.
    pub host_fetches_max: u32,
    /// Probability that it obeys the rules of a host.
    pub compliance: f64,
    /// Share of the fetches from a host that go to pages it has never fetched.
    pub new_share: f64,
    /// Share of the fetches from a host that may go to pages that it knows, if there are too few others.
    pub refetch_share_max: f64,
    /// Which of the pages that it knows it fetches again.
    pub recrawl: Recrawl,
    /// What happens to fetches.
    pub shares: Shares,
    /// How it comes to know of pages.
    pub discovery: Discovery,
    /// Share of the fetches of robots.txt that come to nothing.
    pub robots_failed: f64,
    /// Seconds that a host takes to answer; there is one connection to a host at a time.
    pub latency: f64,
    /// Fetches from a host before its delay counts.
    pub burst: u32,
}

/// A crawler: when it crawls, and how, from when on.
#[derive(Debug, Clone, PartialEq)]
pub struct CrawlerSpec {
    /// Its number, which addresses its streams.
    pub number: u32,
    /// The streams of what it fetches.
    pub key: StreamKey,
    /// When it crawls.
    pub schedule: Schedule,
    /// How it goes about from these instants on, ascending; the first is the start.
    pub rules: Vec<(VirtualTime, CrawlerRules)>,
}

/// One crawl.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// When.
    pub time: VirtualTime,
    /// The pages that were fetched with success, ascending.
    pub captures: Vec<u32>,
    /// What of them is kept; everything if nobody curates.
    pub curation: Option<Curation>,
    /// What came of its fetches.
    pub tally: Tally,
}

impl Snapshot {
    /// The pages that can be read, ascending.
    pub fn kept(&self) -> &[u32] {
        let curation = self.curation.as_ref();
        curation.map_or(&self.captures, |curation| &curation.kept)
    }
}

/// All crawls of a crawler so far.
#[derive(Debug, Clone)]
pub struct Archive {
    spec: CrawlerSpec,
    next: VirtualTime,
    /// Of each page, what the crawler knows.
    known: Vec<Known>,
    snapshots: Vec<Snapshot>,
    /// What hosts have said of themselves; empty where they always answer.
    robots: BTreeMap<SiteId, RobotsCache>,
}

/// What a crawler knows of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Known {
    /// When it was fetched last; the start if never.
    fetched: VirtualTime,
    captured: bool,
    gone: bool,
    /// Links from a home page by which it was found; 0 if by none.
    hops: u8,
}

impl Known {
    fn is_new(self) -> bool {
        self.fetched == VirtualTime::START
    }
}

impl Archive {
    /// No crawls yet.
    pub fn new(spec: CrawlerSpec) -> Self {
        Self {
            next: spec.schedule.first((spec.key, spec.number)),
            spec,
            known: Vec::new(),
            snapshots: Vec::new(),
            robots: BTreeMap::new(),
        }
    }

    /// All crawls, oldest first.
    pub fn snapshots(&self) -> &[Snapshot] {
        &self.snapshots
    }

    /// When the next crawl is due.
    pub fn next(&self) -> VirtualTime {
        self.next
    }

    /// When a page was fetched last, if with success.
    pub fn captured(&self, page: u32) -> Option<VirtualTime> {
        let known = self.known.get(page as usize)?;
        known.captured.then_some(known.fetched)
    }

    /// What came of all fetches so far.
    pub fn tally(&self) -> Tally {
        let mut all = Tally::default();
        for snapshot in &self.snapshots {
            all.add(&snapshot.tally);
        }
        all
    }

    /// Makes the crawl that is due, and has it curated.
    ///
    /// # Errors
    /// If what a curator asks for cannot be read. The archive must not be used then.
    pub(crate) fn crawl(
        &mut self,
        web: Web<'_>,
        curator: Option<&mut Box<dyn Curator>>,
    ) -> Result<(), LogError> {
        let time = self.next();
        let (captures, tally) = self.capture(web.geography, web.pages);
        let seen = Captures {
            web,
            time,
            numbers: &captures,
        };
        let place = (self.spec.key, self.spec.number);
        self.next = time
            + self
                .spec
                .schedule
                .interval(place, self.snapshots.len() as u32 + 1);
        let curation = curator.map(|curator| curator.curate(&seen)).transpose()?;
        self.snapshots.push(Snapshot {
            time,
            captures,
            curation,
            tally,
        });
        Ok(())
    }

    /// Fetches what is due among these pages.
    fn capture(&mut self, geography: &Geography, pages: &Pages) -> (Vec<u32>, Tally) {
        let time = self.next();
        self.known.resize(pages.len(), Known::default());
        let rules = self.rules(time).clone();
        let mut rng = self
            .spec
            .key
            .stream(self.spec.number, self.snapshots.len() as u32);
        let mut tally = Tally::default();
        self.look_at_homes(rules.discovery, (geography, pages), time);
        let hosts = self.hosts(&rules, (geography, pages), time, &mut tally);
        let mut chosen = Vec::new();
        for (host, fetches) in budget::allocate(&hosts, u64::from(rules.fetches)) {
            let within = recrawl::Host {
                pages: pages.of_site(host),
                geography,
                site: host,
                time,
            };
            chosen.extend(self.choose(&rules, &within, fetches, &mut rng));
        }
        let mut captures = Vec::new();
        for page in chosen {
            let outcome = self.fetch(&rules, (geography, pages), (page, time), &mut rng);
            tally.note(outcome);
            self.note(page, time, outcome);
            if outcome == FetchOutcome::Success {
                captures.push(page);
            }
        }
        captures.sort_unstable();
        self.follow(rules.discovery, geography, &captures);
        (captures, tally)
    }

    fn rules(&self, time: VirtualTime) -> &CrawlerRules {
        let after = self.spec.rules.partition_point(|rule| rule.0 <= time);
        &self.spec.rules[after.max(1) - 1].1
    }

    /// The hosts that may be fetched from, and how much.
    fn hosts(
        &mut self,
        rules: &CrawlerRules,
        (geography, pages): (&Geography, &Pages),
        time: VirtualTime,
        tally: &mut Tally,
    ) -> Vec<budget::Host> {
        let mut hosts = Vec::new();
        for (number, site) in geography.sites().iter().enumerate() {
            let id = SiteId(number as u32);
            let known = pages.of_site(id).iter();
            let known = known.map(|&page| self.known[page as usize]);
            let open = known.filter(|known| !known.gone && rules.discovery.finds(*known));
            let pages = open.clone().count() as u32;
            let new = open.filter(|known| known.is_new()).count() as u32;
            let willing = rules.willing(pages, new);
            if pages == 0 {
                continue;
            }
            if self.leaves(rules, (geography, id), time) {
                tally.disallowed += u64::from(pages);
                continue;
            }
            tally.allowed += u64::from(pages);
            let polite = rules.patience(geography.class(id).crawl_delay);
            hosts.push(budget::Host {
                site: id,
                weight: site.popularity,
                cap: willing.min(rules.host_fetches_max).min(polite),
            });
        }
        hosts
    }

    /// Chooses what to fetch from one host.
    fn choose(
        &self,
        rules: &CrawlerRules,
        host: &recrawl::Host<'_>,
        fetches: u32,
        rng: &mut types::random::Stream,
    ) -> Vec<u32> {
        let (mut new, mut old) = (Vec::new(), Vec::new());
        for &page in host.pages {
            match self.known[page as usize] {
                Known { gone: true, .. } => {}
                known if !rules.discovery.finds(known) => {}
                known if known.is_new() => new.push(page),
                known => old.push((page, known.fetched)),
            }
        }
        let wanted = libm::round(f64::from(fetches) * rules.new_share) as usize;
        let least = (fetches as usize).saturating_sub(old.len());
        let first = wanted.max(least).min(new.len());
        let mut chosen = recrawl::some_of(new, first, rng);
        let rest = (fetches as usize - first).min(old.len());
        chosen.extend(rules.recrawl.choose(host, &old, rest, rng));
        chosen
    }

    /// What comes of one fetch.
    fn fetch(
        &self,
        rules: &CrawlerRules,
        (geography, pages): (&Geography, &Pages),
        (number, time): (u32, VirtualTime),
        rng: &mut types::random::Stream,
    ) -> FetchOutcome {
        let page = pages.page(number);
        if let Some(mishap) = rules.shares.mishap(rng.uniform()) {
            return mishap;
        }
        if page.dies <= time {
            return FetchOutcome::Gone;
        }
        let (Some(site), Some(since)) = (page.site, self.captured(number)) else {
            return FetchOutcome::Success;
        };
        let change = geography.first_change((Sequence(u64::from(number)), site), since, time);
        match change {
            Some(_) => FetchOutcome::Success,
            None => FetchOutcome::NotModified,
        }
    }

    /// Remembers what came of a fetch.
    fn note(&mut self, page: u32, time: VirtualTime, outcome: FetchOutcome) {
        let known = &mut self.known[page as usize];
        match outcome {
            FetchOutcome::Success | FetchOutcome::NotModified => {
                known.captured = true;
                known.fetched = time;
            }
            FetchOutcome::Gone => known.gone = true,
            FetchOutcome::Redirected | FetchOutcome::Denied | FetchOutcome::Failed => {}
        }
    }
}

impl CrawlerRules {
    /// Fetches that it would make from a host of so many pages, of which so many are new to it.
    fn willing(&self, pages: u32, new: u32) -> u32 {
        let first = 1.0 - self.refetch_share_max;
        if first <= 0.0 {
            return pages;
        }
        pages.min(libm::floor(f64::from(new) / first) as u32)
    }

    /// Fetches from one host that its delay and its pace leave time for: a token bucket that is full at the beginning.
    fn patience(&self, delay_seconds: f64) -> u32 {
        let seconds = self.duration.days() * 86_400.0;
        let most = |interval: f64| {
            if interval > 0.0 {
                (seconds / interval) as u32
            } else {
                u32::MAX
            }
        };
        let polite = most(delay_seconds).saturating_add(self.burst);
        polite.min(most(self.latency))
    }
}

#[cfg(test)]
mod tests;
