//! Sites, the people who write on them, and crawlers, from a scenario.

use std::sync::Arc;

use types::document::SiteId;
use types::random::Cumulative;
use types::time::VirtualTime;
use web::{ArchiveReading, CrawlerRules, CrawlerSpec, Geography, GeographyKeys, Place, SiteClass};

use super::{AnyShard, Blueprint};
use crate::homes::{Adoption, Homes, Hosts};
use crate::partition::shard_count;
use crate::scenario::schema::{self, Clock, Population, Span};
use crate::writers::{State, Writers};

impl Blueprint<'_> {
    pub(crate) fn instant(&self, span: Span) -> VirtualTime {
        VirtualTime::START + self.duration(span)
    }

    fn site_class(&self, site: &schema::Site) -> SiteClass {
        let lifetime = |law: schema::Lifetime| web::Lifetime {
            shape: law.shape,
            scale_days: law.scale_days,
        };
        SiteClass {
            hosts: self.hosts(site),
            popularity: site.popularity,
            exponent: site.zipf,
            opt_out: web::OptOut {
                base: site.opt_out.base,
                top: site.opt_out.top_decile,
                from: self.instant(site.opt_out.from),
                ramp: self.duration(site.opt_out.ramp),
            },
            lifetime: site.lifetime.map(lifetime),
            page_lifetime: site.page_lifetime.map(lifetime),
            changes: site
                .changes
                .iter()
                .map(|kind| (kind.share, kind.per_day))
                .collect(),
            crawl_delay: site.crawl_delay_seconds,
        }
    }

    /// How many hosts are of that kind.
    fn hosts(&self, site: &schema::Site) -> u32 {
        let owner = site.owner.as_ref();
        let owner = owner.and_then(|name| {
            self.scenario
                .population
                .iter()
                .find(|one| one.name == *name)
        });
        owner.map_or(site.hosts, |population| population.count)
    }

    /// The first host of kind number `class`.
    fn first_host(&self, class: usize) -> SiteId {
        SiteId(
            self.scenario.site[..class]
                .iter()
                .map(|site| self.hosts(site))
                .sum(),
        )
    }

    fn geography(&self) -> Geography {
        let classes = self.scenario.site.iter().map(|site| self.site_class(site));
        let keys = GeographyKeys {
            site: self.keys.site,
            page: self.keys.page,
        };
        Geography::new(classes.collect(), keys)
    }

    /// Where documents live and who fetches them, if they live anywhere.
    pub(crate) fn place(&self) -> Option<Place> {
        if self.scenario.site.is_empty() {
            return None;
        }
        let crawlers = self.scenario.crawler.iter().enumerate();
        Some(Place {
            geography: Arc::new(self.geography()),
            crawlers: crawlers
                .map(|(number, crawler)| self.crawler(number as u32, crawler))
                .collect(),
        })
    }

    fn crawler(&self, number: u32, crawler: &schema::Crawler) -> CrawlerSpec {
        let mut rules = vec![(VirtualTime::START, self.rules(crawler))];
        for stage in &self.stages {
            let later = &stage.scenario.crawler[number as usize];
            rules.push((self.instant(stage.at), self.rules(later)));
        }
        CrawlerSpec {
            number,
            key: self.keys.fetch,
            first: self.instant(crawler.every),
            every: self.duration(crawler.every),
            rules,
        }
    }

    fn rules(&self, crawler: &schema::Crawler) -> CrawlerRules {
        CrawlerRules {
            fetches: crawler.fetches,
            duration: self.duration(crawler.duration),
            host_fetches_max: crawler.host_fetches_max,
            compliance: crawler.compliance,
            new_share: crawler.new_share,
            refetch_share_max: crawler.refetch_share_max,
            recrawl: match crawler.recrawl {
                schema::Recrawl::Uniform => web::Recrawl::Uniform,
                schema::Recrawl::Proportional => web::Recrawl::Proportional,
                schema::Recrawl::Age => web::Recrawl::Age,
            },
            shares: web::Shares {
                redirected: crawler.redirected,
                denied: crawler.denied,
                failed: crawler.failed,
            },
        }
    }

    /// How a population reads an archive, if it does.
    pub(super) fn archive(&self, population: &Population) -> Option<ArchiveReading> {
        let read = population.read.archive.as_ref()?;
        let named = |crawler: &schema::Crawler| crawler.name == read.crawler;
        Some(ArchiveReading {
            crawler: self.scenario.crawler.iter().position(named)?,
            cutoff: self.duration(read.cutoff),
            once: read.duplicates == schema::Duplicates::Dropped,
        })
    }

    /// The hosts of a kind, to choose among by popularity.
    fn choice_of(&self, class: usize) -> Option<Hosts> {
        let class_of = self.site_class(&self.scenario.site[class]);
        Some(Hosts {
            first: self.first_host(class),
            popularity: Cumulative::new(class_of.popularities())?,
        })
    }

    /// Where what a population publishes lives.
    pub(super) fn homes(&self, number: usize) -> Option<Homes> {
        let population = &self.scenario.population[number];
        let sites = &self.scenario.site;
        if sites.is_empty() {
            return None;
        }
        let owned = sites
            .iter()
            .position(|site| site.owner.as_ref() == Some(&population.name));
        let shared = population.publish.sites.iter().filter_map(|share| {
            let class = sites.iter().position(|site| site.name == share.site)?;
            Some((share.share, self.choice_of(class)?))
        });
        Some(Homes {
            own: owned.map(|class| self.first_host(class)),
            shared: shared.collect(),
        })
    }

    /// How a population's share of new documents grows.
    pub(super) fn adoption(&self, number: usize) -> Option<Adoption> {
        let population = &self.scenario.population[number];
        let adoption = population.publish.adoption?;
        let writers = self
            .scenario
            .site
            .iter()
            .filter_map(|site| site.writers.as_ref());
        let people: f64 = writers.map(|writers| writers.per_day).sum();
        let clock = population.publish.clock.unwrap_or(population.clock);
        let documents = f64::from(population.count) * f64::from(population.publish.documents);
        Some(Adoption {
            ceiling: adoption.ceiling,
            midpoint: self.instant(adoption.midpoint),
            scale: self.duration(adoption.scale),
            people: people * self.mean_days(clock) / documents,
        })
    }

    /// The mean of a clock's interval in days.
    fn mean_days(&self, clock: Clock) -> f64 {
        match clock {
            Clock::LockStep | Clock::Bernoulli(_) => self.scenario.generation_days,
            Clock::Periodic(days) | Clock::Poisson(days) => days,
            Clock::LogNormal { median_days, sigma } => median_days * libm::exp(sigma * sigma / 2.0),
        }
    }

    /// Those of the actors that write for people that are wanted; they are numbered after all shards of models.
    pub(crate) fn writers(&self, wanted: &dyn Fn(u32) -> bool) -> Vec<AnyShard> {
        let before: u32 = self.scenario.population.iter().map(shard_count).sum();
        let writing = self.scenario.site.iter().enumerate();
        let writing = writing.filter_map(|(class, site)| Some((class, site.writers.as_ref()?)));
        let mut actors: Vec<AnyShard> = Vec::new();
        for (number, (class, writers)) in (before..).zip(writing) {
            if let (true, Some(hosts)) = (wanted(number), self.choice_of(class)) {
                actors.push(Box::new(Writers {
                    number,
                    class: class as u32,
                    every: 1.0 / writers.per_day,
                    hosts,
                    source: Arc::new(self.source(&writers.corpus).in_kind(self.kind())),
                    kind: self.kind(),
                    key: self.keys.write,
                    state: State::default(),
                    ahead: None,
                }));
            }
        }
        actors
    }
}
