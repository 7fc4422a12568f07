//! What is asked about sites and crawlers.

mod curated;

use std::ops::Range;

use types::time::VirtualTime;
use web::{Archive, FETCH_OUTCOMES, Geography, Holdings, Index, Log, Tally};

use crate::build::Blueprint;
use crate::metrics::{
    ARCHIVE_AGE, ARCHIVE_COVERAGE, ARCHIVE_DOCUMENTS, ARCHIVE_FRESHNESS, ARCHIVE_REAL_SHARE,
    CURATED_DOCUMENTS, CURATED_QUALITY, CURATED_REAL_SHARE, CURATED_SHARE, DAYS_SINCE_REAL,
    DISALLOWED_SHARE, FETCH_SHARE, LIVE_DOCUMENTS, LIVE_REAL_SHARE, LIVE_SHARE,
    PUBLISHED_REAL_SHARE, REJECTED_DOCUMENTS,
};
use crate::scenario::schema::Crawler;

/// One number about the web.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// Name of the metric.
    pub metric: &'static str,
    /// What it refers to, if not to the whole web.
    pub target: Option<String>,
    /// The number.
    pub value: f64,
}

/// More are never asked for: of the whole web, and of each crawler its outcomes, what it holds, what each kind of stage did to either
/// origin, what curation kept, and how old the newest real document is.
pub(crate) const FACTS_MAX: usize = 5 + CRAWLERS_MAX * (6 + 1 + 5 + 8 * 2 * 2 + 4 + 1);

/// Crawlers of a scenario, by its schema.
const CRAWLERS_MAX: usize = 100;

/// What is asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asking {
    /// Names of the metrics.
    wanted: Vec<&'static str>,
    /// Names of the crawlers, with the numbers of their archives.
    crawlers: Vec<(String, Range<usize>)>,
}

/// All metrics of sites and crawlers that are measured without being named.
const ALWAYS: [&str; 13] = [
    LIVE_SHARE,
    PUBLISHED_REAL_SHARE,
    LIVE_REAL_SHARE,
    LIVE_DOCUMENTS,
    FETCH_SHARE,
    DISALLOWED_SHARE,
    ARCHIVE_DOCUMENTS,
    ARCHIVE_REAL_SHARE,
    ARCHIVE_COVERAGE,
    CURATED_SHARE,
    REJECTED_DOCUMENTS,
    CURATED_DOCUMENTS,
    CURATED_REAL_SHARE,
];

/// Those that are not.
const NAMED: [&str; 4] = [
    ARCHIVE_FRESHNESS,
    ARCHIVE_AGE,
    CURATED_QUALITY,
    DAYS_SINCE_REAL,
];

/// Those for which copies are compared with their pages.
const COMPARED: [&str; 2] = [ARCHIVE_FRESHNESS, ARCHIVE_AGE];

impl Asking {
    pub(crate) fn new(blueprint: &Blueprint<'_>) -> Self {
        let always = ALWAYS.into_iter().filter(|name| blueprint.wants(name));
        let named = NAMED.into_iter().filter(|name| blueprint.names(name));
        let crawlers = blueprint.scenario.crawler.iter().enumerate();
        let archives = |(number, crawler): (usize, &Crawler)| {
            (crawler.name.clone(), blueprint.archives_of(number))
        };
        Self {
            wanted: always.chain(named).collect(),
            crawlers: crawlers.map(archives).collect(),
        }
    }

    fn wants(&self, metrics: &[&str]) -> bool {
        metrics.iter().any(|metric| self.wanted.contains(metric))
    }

    /// Answers, as of `time`; none without sites.
    pub(crate) fn answers(&self, (log, index): (&Log, &Index), time: VirtualTime) -> Vec<Fact> {
        let Some(geography) = index.geography().filter(|_| !self.wanted.is_empty()) else {
            return Vec::new();
        };
        let census = index.pages().census(time);
        let mut facts = Vec::new();
        let live = census.live as f64;
        self.tell(LIVE_DOCUMENTS, None, Some(live), &mut facts);
        let shares = [
            (
                PUBLISHED_REAL_SHARE,
                census.published_real,
                census.published,
            ),
            (LIVE_REAL_SHARE, census.live_real, census.live),
            (LIVE_SHARE, census.live, census.published),
        ];
        for (metric, part, whole) in shares {
            self.tell(metric, None, share(part, whole), &mut facts);
        }
        let since = |born: VirtualTime| time.since(born).days();
        if self.wants(&[DAYS_SINCE_REAL]) {
            let newest = newest_real(log, time).map(since);
            self.tell(DAYS_SINCE_REAL, None, newest, &mut facts);
        }
        for (name, archives) in &self.crawlers {
            let Some(archives) = index.archives().get(archives.clone()) else {
                continue;
            };
            self.of_fetches(archives, name, &mut facts);
            let holdings = self.holdings(archives, geography, index, time);
            let everything = census.live * archives.len() as u64;
            self.of_holdings((&holdings, archives.len()), everything, name, &mut facts);
            self.of_curation(archives, (geography, index.pages()), name, &mut facts);
            let newest = holdings.newest_real.map(since);
            self.tell(DAYS_SINCE_REAL, Some(name.clone()), newest, &mut facts);
        }
        facts
    }

    fn tell(
        &self,
        metric: &'static str,
        target: Option<String>,
        value: Option<f64>,
        facts: &mut Vec<Fact>,
    ) {
        if let (Some(value), true) = (value, self.wanted.contains(&metric)) {
            facts.push(Fact {
                metric,
                target,
                value,
            });
        }
    }

    fn of_fetches(&self, archives: &[Archive], name: &str, facts: &mut Vec<Fact>) {
        let mut tally = Tally::default();
        for archive in archives {
            tally.add(&archive.tally());
        }
        for (outcome, word) in FETCH_OUTCOMES {
            let part = share(tally.count(outcome), tally.fetches());
            self.tell(FETCH_SHARE, Some(format!("{name}: {word}")), part, facts);
        }
        let left = share(tally.disallowed, tally.allowed + tally.disallowed);
        self.tell(DISALLOWED_SHARE, Some(name.to_owned()), left, facts);
    }

    fn holdings(
        &self,
        archives: &[Archive],
        geography: &Geography,
        index: &Index,
        time: VirtualTime,
    ) -> Holdings {
        let mut all = Holdings::default();
        for archive in archives {
            let compare = self.wants(&COMPARED);
            all.add(&archive.holdings((geography, index.pages()), time, compare));
        }
        all
    }

    /// What a crawler holds; means, where each of several has an archive of its own.
    fn of_holdings(
        &self,
        (holdings, archives): (&Holdings, usize),
        everything: u64,
        name: &str,
        facts: &mut Vec<Fact>,
    ) {
        let copies = holdings.pages;
        let age = (copies > 0).then(|| holdings.age_days / copies as f64);
        let values = [
            (ARCHIVE_DOCUMENTS, Some(copies as f64 / archives as f64)),
            (ARCHIVE_REAL_SHARE, share(holdings.real, copies)),
            (ARCHIVE_COVERAGE, share(holdings.live, everything)),
            (ARCHIVE_FRESHNESS, share(holdings.fresh, copies)),
            (ARCHIVE_AGE, age),
        ];
        for (metric, value) in values {
            self.tell(metric, Some(name.to_owned()), value, facts);
        }
    }
}

/// When the newest real document from before `time` was published. What is published from then on may or may not be in the log.
fn newest_real(log: &Log, time: VirtualTime) -> Option<VirtualTime> {
    let segments = log.segment_numbers().rev();
    let mut all = segments.flat_map(|number| log.segment(number).publications.iter().rev());
    let newest = all.find(|item| item.is_real() && item.time < time && item.documents > 0);
    newest.map(|item| item.time)
}

/// A part of a whole; none of nothing.
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests;
