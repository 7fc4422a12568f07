//! Which of the pages that it knows a crawler fetches again.

use types::document::{Sequence, SiteId};
use types::random::{Distinct, Stream};
use types::time::VirtualTime;

use crate::site::Geography;

/// Which pages are fetched again first (Cho and Garcia-Molina 2003).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recrawl {
    /// Those that were fetched longest ago: all in turn, at one interval.
    Uniform,
    /// In proportion to how often they change.
    Proportional,
    /// Those that have most probably changed since they were fetched, 1 - exp(-rate x elapsed).
    Age,
}

/// A host, as the crawler stands before it.
pub(super) struct Host<'a> {
    pub(super) pages: &'a [u32],
    pub(super) geography: &'a Geography,
    pub(super) site: SiteId,
    pub(super) time: VirtualTime,
}

impl Recrawl {
    /// Chooses `count` of the pages, each with the time of its last fetch.
    pub(super) fn choose(
        self,
        host: &Host<'_>,
        pages: &[(u32, VirtualTime)],
        count: usize,
        rng: &mut Stream,
    ) -> Vec<u32> {
        if count == 0 {
            return Vec::new();
        }
        let rate = |page: u32| {
            host.geography
                .change_rate(Sequence(u64::from(page)), host.site)
        };
        // The smallest keys are chosen.
        let key = |(page, fetched): (u32, VirtualTime)| match self {
            Self::Uniform => fetched.0 as f64,
            // Waiting times with the rates as weights (Efraimidis and Spirakis 2006); what never changes comes last.
            Self::Proportional => rng.exponential(1.0) / rate(page).max(f64::MIN_POSITIVE),
            Self::Age => -rate(page) * host.time.since(fetched).days(),
        };
        let keys: Vec<f64> = pages.iter().copied().map(key).collect();
        let mut keyed: Vec<(f64, u32)> = keys
            .into_iter()
            .zip(pages.iter().map(|page| page.0))
            .collect();
        if count < keyed.len() {
            keyed.select_nth_unstable_by(count - 1, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            keyed.truncate(count);
        }
        let mut chosen: Vec<u32> = keyed.into_iter().map(|key| key.1).collect();
        chosen.sort_unstable();
        chosen
    }
}

/// `count` of the pages, drawn without replacement.
pub(super) fn some_of(pages: Vec<u32>, count: usize, rng: &mut Stream) -> Vec<u32> {
    if count >= pages.len() {
        return pages;
    }
    let mut drawn = Vec::new();
    Distinct::default().draw(rng, pages.len() as u32, count, &mut drawn);
    drawn
        .into_iter()
        .map(|index| pages[index as usize])
        .collect()
}
