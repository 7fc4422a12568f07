//! What earlier hauls have kept, as far as some stage compares with it.

use rustc_hash::FxHashSet;

use super::fingerprint::fingerprint;
use super::minhash::{BandKeys, MinHash};
use super::pipeline::{Haul, Pipeline};
use super::stage::{Scope, Stage};

/// What an archive has kept so far: the size is in proportion to that, not to what was captured.
///
/// It is made for all pipelines that an archive will ever have, so that one that comes later knows what was kept before it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Memory {
    pages: Option<FxHashSet<u32>>,
    contents: Option<FxHashSet<u128>>,
    /// For each filter of near-duplicates, the keys of all bands of what was kept.
    bands: Vec<(MinHash, BandKeys)>,
}

impl Memory {
    /// Nothing yet; of the kinds that these pipelines compare with.
    pub fn of<'a>(pipelines: impl IntoIterator<Item = &'a Pipeline>) -> Self {
        let mut memory = Self::default();
        for stage in pipelines.into_iter().flat_map(|one| &one.stages) {
            match stage {
                Stage::UrlDedup(Scope::Global) => memory.pages = Some(FxHashSet::default()),
                Stage::ExactDedup(Scope::Global) => memory.contents = Some(FxHashSet::default()),
                Stage::NearDedup(filter, Scope::Global)
                    if memory.bands(filter, Scope::Global).is_none() =>
                {
                    memory.bands.push((*filter, BandKeys::default()));
                }
                _ => {}
            }
        }
        memory
    }

    pub(super) fn has_page(&self, page: u32, scope: Scope) -> bool {
        let pages = self.pages.as_ref().filter(|_| scope == Scope::Global);
        pages.is_some_and(|pages| pages.contains(&page))
    }

    pub(super) fn has_content(&self, fingerprint: u128, scope: Scope) -> bool {
        let contents = self.contents.as_ref().filter(|_| scope == Scope::Global);
        contents.is_some_and(|contents| contents.contains(&fingerprint))
    }

    /// What this filter compares with; none within one haul.
    pub(super) fn bands(&self, filter: &MinHash, scope: Scope) -> Option<&BandKeys> {
        let mut all = self.bands.iter().filter(|_| scope == Scope::Global);
        let found = all.find(|(known, _)| known == filter)?;
        Some(&found.1)
    }

    /// Adds what a haul has kept.
    pub(super) fn remember(&mut self, haul: &Haul<'_>, kept: &[usize]) {
        if let Some(pages) = &mut self.pages {
            pages.extend(kept.iter().map(|&at| haul.facts[at].page));
        }
        if let Some(contents) = &mut self.contents {
            contents.extend(kept.iter().map(|&at| fingerprint(haul.content, at)));
        }
        for (filter, keys) in &mut self.bands {
            for &at in kept {
                filter.each_band(haul.content, at, |key| {
                    keys.insert(key);
                });
            }
        }
    }
}
