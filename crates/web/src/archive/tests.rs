use types::document::SiteId;
use types::random::{Purpose, Seed};

use super::*;
use crate::site::{GeographyKeys, Lifetime, OptOut, SiteClass};
use crate::{ArchiveReading, ViewSpec};
use crate::{Batch, Index, IndexConfig, Log, LogConfig, MemoryStorage, Place, Retention};
use std::sync::Arc;
use types::content::{Content, ContentKind};
use types::document::{Lineage, Publication};

mod curated;
mod manners;
mod schedules;

const HOSTS: u32 = 40;
const PAGES: u32 = 50;

fn days(days: f64) -> VirtualTime {
    VirtualTime::START + VirtualDuration::from_days(days)
}

fn class() -> SiteClass {
    SiteClass {
        hosts: HOSTS,
        popularity: 1.0,
        exponent: 0.0,
        opt_out: OptOut::NEVER,
        lifetime: None,
        page_lifetime: None,
        changes: Vec::new(),
        crawl_delay: 0.0,
    }
}

fn rules() -> CrawlerRules {
    CrawlerRules {
        fetches: 1_000_000,
        duration: VirtualDuration::from_days(10.0),
        host_fetches_max: u32::MAX,
        compliance: 1.0,
        new_share: 1.0,
        refetch_share_max: 1.0,
        recrawl: Recrawl::Uniform,
        shares: Shares::default(),
        discovery: Discovery::Sitemaps,
        robots_failed: 0.0,
        latency: 0.0,
        burst: 0,
    }
}

fn key(purpose: Purpose) -> StreamKey {
    Seed(11).key(0, purpose)
}

/// A web of one class, of which every host has as many pages from the first day on, and one crawler that comes every so many days.
fn web(class: SiteClass, rules: CrawlerRules, every: f64) -> (Log, Index) {
    web_of(class, rules, every, PAGES)
}

/// The same with so many pages on every host.
fn web_of(class: SiteClass, rules: CrawlerRules, every: f64, pages: u32) -> (Log, Index) {
    let hosts = class.hosts;
    let keys = GeographyKeys {
        site: key(Purpose::Site),
        page: key(Purpose::Page),
    };
    let crawler = CrawlerSpec {
        number: 0,
        key: key(Purpose::Fetch),
        schedule: Schedule {
            every: VirtualDuration::from_days(every),
            clock: CrawlClock::Periodic,
            anywhere: false,
        },
        rules: vec![(VirtualTime::START, rules)],
    };
    let read = ArchiveReading {
        crawler: 0,
        cutoff: VirtualDuration(0),
        once: true,
    };
    let view = ViewSpec {
        regime: Retention::Accumulate,
        with_authors: false,
        archive: Some(read),
    };
    let config = IndexConfig {
        retention: Retention::Accumulate,
        lag: VirtualDuration::from_days(1.0),
        generation: VirtualDuration::from_days(30.0),
        views: vec![view],
        place: Some(Place {
            geography: Arc::new(Geography::new(vec![class], keys)),
            crawlers: vec![crawler],
        }),
    };
    let kind = ContentKind::Symbols;
    let log = LogConfig {
        kind,
        memory_bytes_max: 1 << 20,
        keep_all: false,
        prefix: String::new(),
    };
    let mut log = Log::new(log, Arc::new(MemoryStorage::default()));
    let batches = (0..hosts).map(|host| {
        let mut content = Content::empty(kind);
        if let Content::Symbols { symbols, .. } = &mut content {
            symbols.extend(std::iter::repeat_n(host, pages as usize));
        }
        let publication = Publication {
            author: None,
            models: 1,
            generation: 0,
            time: VirtualTime::START,
            lineage: Lineage::REAL,
            documents: pages,
            site: Some(SiteId(host)),
        };
        Batch {
            publications: vec![publication],
            content,
        }
    });
    log.append(batches.collect()).unwrap();
    (log, Index::new(config, 0))
}

fn all() -> u64 {
    u64::from(HOSTS * PAGES)
}

#[test]
fn everything_is_fetched_once_and_not_again_while_it_stays_the_same() {
    let (mut log, mut index) = web(class(), rules(), 30.0);
    index.refresh(&mut log, days(29.0)).unwrap();
    assert!(index.view(0).is_empty());
    index.refresh(&mut log, days(30.0)).unwrap();
    assert_eq!(u64::from(index.view(0).len()), all());
    index.refresh(&mut log, days(60.0)).unwrap();
    let [first, second] = index.archives()[0].snapshots() else {
        panic!("two crawls");
    };
    assert_eq!(first.tally.count(FetchOutcome::Success), all());
    assert_eq!(second.tally.count(FetchOutcome::NotModified), all());
    assert_eq!(u64::from(index.view(0).len()), all());
}

#[test]
fn archives_do_not_depend_on_when_the_index_is_refreshed() {
    let changes = vec![(1.0, 0.01)];
    let page_lifetime = Some(Lifetime {
        shape: 0.76,
        scale_days: 400.0,
    });
    let class = SiteClass {
        page_lifetime,
        changes,
        ..class()
    };
    let rules = CrawlerRules {
        fetches: 700,
        recrawl: Recrawl::Age,
        new_share: 0.3,
        ..rules()
    };
    let (mut log, mut one) = web(class.clone(), rules.clone(), 20.0);
    one.refresh(&mut log, days(365.0)).unwrap();
    let (mut log, mut many) = web(class, rules, 20.0);
    for day in 1..=365 {
        many.refresh(&mut log, days(f64::from(day))).unwrap();
    }
    assert_eq!(
        one.archives()[0].snapshots(),
        many.archives()[0].snapshots()
    );
    assert_eq!(one.view(0).len(), many.view(0).len());
}

#[test]
fn a_compliant_crawler_leaves_out_who_disallows() {
    let opt_out = OptOut {
        base: 0.5,
        top: 0.5,
        from: days(0.0),
        ramp: VirtualDuration(0),
    };
    let class = SiteClass { opt_out, ..class() };
    let crawl = |compliance| {
        let (mut log, mut index) = web(
            class.clone(),
            CrawlerRules {
                compliance,
                ..rules()
            },
            30.0,
        );
        index.refresh(&mut log, days(30.0)).unwrap();
        let sites = index.geography().unwrap().sites();
        let closed = sites
            .iter()
            .filter(|site| site.disallows_from.is_some())
            .count();
        let tally = index.archives()[0].tally();
        (
            closed as u64 * u64::from(PAGES),
            tally.disallowed,
            tally.fetches(),
        )
    };
    let (closed, disallowed, fetched) = crawl(1.0);
    assert!(closed > 0);
    assert_eq!((disallowed, fetched), (closed, all() - closed));
    assert_eq!(crawl(0.0).2, all());
    let (closed, disallowed, _) = crawl(0.5);
    assert!(disallowed > 0 && disallowed < closed);
}

#[test]
fn delay_and_caps_bound_what_is_fetched_from_a_host() {
    let slow = SiteClass {
        crawl_delay: 86_400.0,
        ..class()
    };
    let (mut log, mut index) = web(slow, rules(), 30.0);
    index.refresh(&mut log, days(30.0)).unwrap();
    assert_eq!(index.archives()[0].tally().fetches(), u64::from(HOSTS) * 10);
    let capped = CrawlerRules {
        host_fetches_max: 7,
        ..rules()
    };
    let (mut log, mut index) = web(class(), capped, 30.0);
    index.refresh(&mut log, days(30.0)).unwrap();
    assert_eq!(index.archives()[0].tally().fetches(), u64::from(HOSTS) * 7);
}

#[test]
fn shares_of_outcomes_are_those_asked_for() {
    let shares = Shares {
        redirected: 0.2,
        denied: 0.1,
        failed: 0.05,
    };
    let (mut log, mut index) = web(class(), CrawlerRules { shares, ..rules() }, 30.0);
    index.refresh(&mut log, days(30.0)).unwrap();
    let tally = index.archives()[0].tally();
    for (outcome, share) in [
        (FetchOutcome::Redirected, 0.2),
        (FetchOutcome::Denied, 0.1),
        (FetchOutcome::Failed, 0.05),
        (FetchOutcome::Success, 0.65),
    ] {
        let (measured, n) = (tally.count(outcome) as f64 / all() as f64, all() as f64);
        let error = (share * (1.0 - share) / n).sqrt();
        assert!(
            (measured - share).abs() < 5.0 * error,
            "{outcome:?}: {measured}"
        );
    }
}

#[test]
fn who_wants_news_does_not_come_for_what_it_knows() {
    let news = CrawlerRules {
        refetch_share_max: 0.0,
        ..rules()
    };
    let (mut log, mut index) = web(class(), news, 30.0);
    index.refresh(&mut log, days(60.0)).unwrap();
    let snapshots = index.archives()[0].snapshots();
    let fetches = [0, 1].map(|number: usize| snapshots[number].tally.fetches());
    assert_eq!(fetches, [all(), 0]);
}

#[test]
fn what_has_gone_is_found_out_once() {
    let page_lifetime = Some(Lifetime {
        shape: 1.0,
        scale_days: 30.0,
    });
    let (mut log, mut index) = web(
        SiteClass {
            page_lifetime,
            ..class()
        },
        rules(),
        30.0,
    );
    index.refresh(&mut log, days(60.0)).unwrap();
    let snapshots = index.archives()[0].snapshots();
    let gone = snapshots[0].tally.count(FetchOutcome::Gone);
    let (share, expected) = (gone as f64 / all() as f64, 1.0 - (-1_f64).exp());
    assert!((share - expected).abs() < 0.06, "{share}");
    assert_eq!(snapshots[1].tally.fetches(), all() - gone);
}

/// Pages that change at one rate, all fetched every interval I: on average a share (1 - exp(-r I)) / (r I) of what the crawler has
/// is as it is on the web (Cho and Garcia-Molina 2000); before the next crawl, a share exp(-r I).
#[test]
fn copies_age_as_poisson_says() {
    let (rate, every) = (0.05, 20.0);
    let class = SiteClass {
        changes: vec![(1.0, rate)],
        ..class()
    };
    let (mut log, mut index) = web(class, rules(), every);
    index.refresh(&mut log, days(39.9999)).unwrap();
    let (geography, archive) = (index.geography().unwrap(), &index.archives()[0]);
    let fresh = (0..HOSTS * PAGES).filter(|&page| {
        let since = archive.captured(page).unwrap();
        let place = (Sequence(u64::from(page)), SiteId(page / PAGES));
        geography
            .first_change(place, since, days(39.9999))
            .is_none()
    });
    let (share, expected) = (fresh.count() as f64 / all() as f64, (-rate * every).exp());
    let error = (expected * (1.0 - expected) / all() as f64).sqrt();
    assert!(
        (share - expected).abs() < 5.0 * error,
        "{share}, not {expected}"
    );
}

/// What a crawl costs depends on the pages that there are, and neither on those that were fetched before nor on their square.
#[test]
fn a_small_crawler_visits_a_host_of_a_million_pages() {
    let small = CrawlerRules {
        fetches: 100,
        new_share: 0.5,
        recrawl: Recrawl::Age,
        ..rules()
    };
    let crowded = SiteClass {
        hosts: 1,
        changes: vec![(0.5, 0.1)],
        ..class()
    };
    let (mut log, mut index) = web_of(crowded, small, 1.0, 1_000_000);
    index.refresh(&mut log, days(200.0)).unwrap();
    let [archive] = index.archives() else {
        panic!("one crawler");
    };
    let tally = archive.tally();
    assert_eq!(archive.snapshots().len(), 200);
    assert_eq!(tally.fetches(), 200 * 100);
    assert_eq!(tally.allowed, 200 * 1_000_000);
    assert!((5_000..20_000).contains(&index.view(0).len()));
}
