//! What is known of a replicate's web from its scenario and its log alone, without running it again.

use std::ops::Range;
use std::sync::Arc;

use types::time::VirtualTime;
use web::{Archive, Geography, Index, IndexConfig, Log, LogConfig, LogError};

use crate::build::Blueprint;
use crate::data::Data;
use crate::host::{index_config, log_config};
use crate::scenario::schema::Scenario;

/// The sites and crawlers of a replicate. Sites follow from the scenario, and what crawlers fetched from the log.
#[derive(Debug)]
pub struct Atlas {
    scenario: Scenario,
    replicate: u32,
    index: IndexConfig,
    log: LogConfig,
    horizon: VirtualTime,
    sites: Vec<String>,
    crawlers: Vec<(String, Range<usize>)>,
}

impl Atlas {
    /// The web of replicate number `replicate` of a checked scenario.
    pub fn new(scenario: &Scenario, replicate: u32) -> Self {
        let data = Data::default();
        let blueprint = Blueprint::new(scenario, &data, replicate);
        let index = IndexConfig {
            views: Vec::new(),
            ..index_config(&blueprint)
        };
        Self {
            scenario: scenario.clone(),
            replicate,
            index,
            log: log_config(&blueprint, replicate, true),
            horizon: blueprint.instant(scenario.horizon),
            sites: scenario.site.iter().map(|site| site.name.clone()).collect(),
            crawlers: (0..)
                .zip(&scenario.crawler)
                .map(|(number, crawler)| (crawler.name.clone(), blueprint.archives_of(number)))
                .collect(),
        }
    }

    /// The sites; `None` if documents live nowhere.
    pub fn geography(&self) -> Option<Arc<Geography>> {
        let place = self.index.place.as_ref()?;
        Some(Arc::clone(&place.geography))
    }

    /// Names of the kinds of sites, in the order of their classes.
    pub fn sites(&self) -> &[String] {
        &self.sites
    }

    /// Names of the crawlers, with the numbers of their archives: one, or one for each model that has the crawler to itself.
    pub fn crawlers(&self) -> &[(String, Range<usize>)] {
        &self.crawlers
    }

    /// How a log of this replicate is opened that keeps everything.
    pub fn log_config(&self) -> LogConfig {
        self.log.clone()
    }

    /// The last instant.
    pub fn horizon(&self) -> VirtualTime {
        self.horizon
    }

    /// What all crawlers have fetched until then, and what curation has kept of it, as in the run.
    ///
    /// # Errors
    /// If documents that curation looks at cannot be read.
    pub fn archives(&self, log: &mut Log, until: VirtualTime) -> Result<Vec<Archive>, LogError> {
        let data = Data::default();
        let blueprint = Blueprint::new(&self.scenario, &data, self.replicate);
        let index = Index::new(self.index.clone(), 0);
        let mut index = index.curated_by(blueprint.curators());
        index.refresh(log, until)?;
        Ok(index.archives().to_vec())
    }
}
