//! Sites, the people who write on them, and crawlers, from a scenario.

use std::ops::Range;
use std::sync::Arc;

use types::document::SiteId;
use types::random::Cumulative;
use types::time::VirtualTime;
use web::{
    ArchiveReading, CrawlerRules, CrawlerSpec, Geography, GeographyKeys, Place, Schedule, SiteClass,
};

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
        let owner = site.owner.as_ref().and_then(|name| self.population(name));
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
        let links = self.scenario.web.links;
        Geography::new(classes.collect(), keys).with_links(web::LinkLaw {
            per_page: links.per_page,
            copied: links.copied,
        })
    }

    /// Where documents live and who fetches them, if they live anywhere.
    pub(crate) fn place(&self) -> Option<Place> {
        if self.scenario.site.is_empty() {
            return None;
        }
        let crawlers = 0..self.scenario.crawler.len();
        Some(Place {
            geography: Arc::new(self.geography()),
            crawlers: crawlers.flat_map(|number| self.crawlers(number)).collect(),
        })
    }

    /// The archives that a crawler of the scenario makes, by their numbers: one, or one for each model that has it to itself.
    pub(crate) fn archives_of(&self, crawler: usize) -> Range<usize> {
        let archives = |crawler: &schema::Crawler| {
            let owner = crawler.private_to.as_ref();
            let owner = owner.and_then(|name| self.population(name));
            owner.map_or(1, |population| population.count as usize)
        };
        let (before, from) = self.scenario.crawler.split_at(crawler);
        let first = before.iter().map(archives).sum();
        first..first + from.first().map_or(0, archives)
    }

    fn population(&self, name: &str) -> Option<&Population> {
        self.scenario.population.iter().find(|one| one.name == name)
    }

    /// All crawlers that one of the scenario stands for.
    fn crawlers(&self, number: usize) -> impl Iterator<Item = CrawlerSpec> {
        let crawler = &self.scenario.crawler[number];
        let mut rules = vec![(VirtualTime::START, self.rules(crawler))];
        for stage in &self.stages {
            let later = &stage.scenario.crawler[number];
            rules.push((self.instant(stage.at), self.rules(later)));
        }
        let schedule = Schedule {
            every: self.duration(crawler.every),
            clock: match crawler.clock {
                schema::CrawlClock::Periodic => web::CrawlClock::Periodic,
                schema::CrawlClock::Poisson => web::CrawlClock::Poisson,
                schema::CrawlClock::LogNormal(spread) => web::CrawlClock::LogNormal(spread.sigma),
            },
            anywhere: crawler.private_to.is_some(),
        };
        let key = self.keys.fetch;
        self.archives_of(number).map(move |archive| CrawlerSpec {
            number: archive as u32,
            key,
            schedule,
            rules: rules.clone(),
        })
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
            discovery: match crawler.discovery {
                schema::Discovery::Sitemaps => web::Discovery::Sitemaps,
                schema::Discovery::Links(links) => web::Discovery::Links {
                    hops: links.hops,
                    listed: links.listed,
                },
            },
            robots_failed: crawler.robots_failed,
            latency: crawler.latency_seconds,
            burst: crawler.host_burst,
        }
    }

    /// Whose archive a population reads, if it reads one.
    fn crawler_of(&self, population: &Population) -> Option<usize> {
        let read = population.read.archive.as_ref()?;
        let named = |crawler: &schema::Crawler| crawler.name == read.crawler;
        self.scenario.crawler.iter().position(named)
    }

    /// True if each model of a population reads an archive of its own.
    pub(crate) fn reads_privately(&self, population: &Population) -> bool {
        let crawler = self.crawler_of(population);
        crawler.is_some_and(|number| self.scenario.crawler[number].private_to.is_some())
    }

    /// How a population reads an archive, if it does; the first of its models, where each has its own.
    pub(super) fn archive(&self, population: &Population) -> Option<ArchiveReading> {
        let read = population.read.archive.as_ref()?;
        let number = self.crawler_of(population)?;
        Some(ArchiveReading {
            crawler: self.archives_of(number).start,
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
