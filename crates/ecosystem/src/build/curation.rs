//! Who curates archives, from a scenario.

use std::sync::Arc;

use learn::{Detector, KeepShares, MinHash, NoisyRank, Pipeline, Scope, Stage};
use types::time::VirtualTime;
use web::Curator;

use super::Blueprint;
use crate::curation::{ArchiveCurator, Watermarks};
use crate::scenario::schema::{CurationStage, DedupScope, NearDuplicates, Scenario};

impl Blueprint<'_> {
    /// Who curates each archive, by its number; nobody where the scenario never asks for it.
    pub(crate) fn curators(&self) -> Vec<Option<Box<dyn Curator>>> {
        let numbers = 0..self.scenario.crawler.len();
        if self.scenario.site.is_empty() || !numbers.clone().any(|number| self.is_curated(number)) {
            return Vec::new();
        }
        let watermarks = Arc::new(self.watermarks());
        let curator = |number: usize| -> Option<Box<dyn Curator>> {
            if !self.is_curated(number) {
                return None;
            }
            let pipelines = self.courses(|scenario| self.pipeline(scenario, number));
            Some(Box::new(ArchiveCurator::new(
                pipelines,
                Arc::clone(&watermarks),
            )))
        };
        let curators = |number: usize| self.archives_of(number).map(move |_| number);
        numbers.flat_map(curators).map(curator).collect()
    }

    /// True if the archive of that crawler is curated, at whatever time.
    pub(crate) fn is_curated(&self, crawler: usize) -> bool {
        let later = self.stages.iter().map(|stage| &stage.scenario);
        let mut all = std::iter::once(self.scenario).chain(later);
        all.any(|scenario| !scenario.crawler[crawler].curate.is_empty())
    }

    /// Something that each stage of the scenario says, with the instant from which on it does.
    fn courses<T>(&self, of: impl Fn(&Scenario) -> T) -> Vec<(VirtualTime, T)> {
        let later = self.stages.iter();
        let later = later.map(|stage| (self.instant(stage.at), of(&stage.scenario)));
        std::iter::once((VirtualTime::START, of(self.scenario)))
            .chain(later)
            .collect()
    }

    fn watermarks(&self) -> Watermarks {
        let marks = |scenario: &Scenario| {
            let populations = scenario.population.iter();
            populations
                .map(|one| one.publish.watermark.is_there())
                .collect()
        };
        let mut first = vec![0];
        for population in &self.scenario.population {
            first.push(first[first.len() - 1] + population.count);
        }
        Watermarks {
            first,
            marks: self.courses(marks),
            window: self.duration(crate::host::refresh(self.scenario)),
        }
    }

    fn pipeline(&self, scenario: &Scenario, crawler: usize) -> Pipeline {
        let stages = scenario.crawler[crawler].curate.iter();
        Pipeline {
            stages: stages.map(|stage| self.curation_stage(stage)).collect(),
            verdicts: self.keys.verdict,
        }
    }

    fn curation_stage(&self, stage: &CurationStage) -> Stage {
        match *stage {
            CurationStage::UrlDedup { scope } => Stage::UrlDedup(scope_of(scope)),
            CurationStage::ExactDedup { scope } => Stage::ExactDedup(scope_of(scope)),
            CurationStage::NearDedup {
                shingle,
                bands,
                rows,
                scope,
            } => {
                let filter = NearDuplicates {
                    shingle,
                    bands,
                    rows,
                };
                Stage::NearDedup(self.minhash(filter), scope_of(scope))
            }
            CurationStage::Language { real, synthetic } => {
                Stage::Language(KeepShares { real, synthetic })
            }
            CurationStage::Heuristics { real, synthetic } => {
                Stage::Heuristics(KeepShares { real, synthetic })
            }
            CurationStage::Quality { keep, noise } => Stage::Quality(NoisyRank { keep, noise }),
            CurationStage::Detector {
                true_positive_rate,
                false_positive_rate,
            } => Stage::Detector(Detector {
                true_positive_rate,
                false_positive_rate,
            }),
            CurationStage::Watermark {
                true_positive_rate,
                false_positive_rate,
            } => Stage::Watermark(Detector {
                true_positive_rate,
                false_positive_rate,
            }),
        }
    }

    /// A filter of near-duplicates; its hash functions are the replicate's.
    pub(super) fn minhash(&self, filter: NearDuplicates) -> MinHash {
        let mut functions = self.keys.curate.stream(u32::MAX, 0);
        MinHash {
            shingle: filter.shingle as usize,
            bands: filter.bands as usize,
            rows: filter.rows as usize,
            seed: functions.long(),
        }
    }
}

fn scope_of(scope: DedupScope) -> Scope {
    match scope {
        DedupScope::Snapshot => Scope::Snapshot,
        DedupScope::Global => Scope::Global,
    }
}
