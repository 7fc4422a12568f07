//! What a crawler has, compared with what there is.

use types::document::{ByOrigin, Sequence};
use types::time::VirtualTime;

use super::Archive;
use crate::pages::Pages;
use crate::site::Geography;

/// What a crawler has fetched at least once, as it stands at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Holdings {
    /// Pages of which it has a copy.
    pub pages: u64,
    /// Those among them that say something real.
    pub real: u64,
    /// Those among them that are alive.
    pub live: u64,
    /// When the newest of those that say something real was published.
    pub newest_real: Option<VirtualTime>,
    /// Those among them that are as they were when they were fetched last; known only with `compare`.
    pub fresh: u64,
    /// Days since copies ceased to be as their pages, added up; a fresh copy has age 0 (Cho and Garcia-Molina 2000). Known only with
    /// `compare`.
    pub age_days: f64,
}

/// What curation has kept, over all crawls; a page that was kept in two of them counts twice.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Kept {
    /// Number of documents.
    pub documents: ByOrigin,
    /// Ranks of their hosts by quality, added up.
    pub quality: f64,
}

impl Holdings {
    /// Adds what another crawler has.
    pub fn add(&mut self, other: &Self) {
        self.pages += other.pages;
        self.real += other.real;
        self.live += other.live;
        self.newest_real = self.newest_real.max(other.newest_real);
        self.fresh += other.fresh;
        self.age_days += other.age_days;
    }
}

impl Kept {
    /// Adds what was kept of another archive.
    pub fn add(&mut self, other: &Self) {
        self.documents.add(other.documents);
        self.quality += other.quality;
    }
}

impl Archive {
    /// What was kept of all crawls so far that were curated.
    pub fn kept(&self, geography: &Geography, pages: &Pages) -> Kept {
        let mut kept = Kept::default();
        let curations = self
            .snapshots
            .iter()
            .filter_map(|one| one.curation.as_ref());
        for &number in curations.flat_map(|one| &one.kept) {
            let page = pages.page(number);
            kept.documents.note(page.real);
            kept.quality += page.site.map_or(0.0, |site| geography.site(site).quality);
        }
        kept
    }

    /// What it holds at `time`; with `compare`, copies are compared with their pages.
    pub fn holdings(
        &self,
        (geography, pages): (&Geography, &Pages),
        time: VirtualTime,
        compare: bool,
    ) -> Holdings {
        let mut holdings = Holdings::default();
        for number in 0..self.known.len() as u32 {
            let Some(since) = self.captured(number) else {
                continue;
            };
            let page = pages.page(number);
            holdings.pages += 1;
            holdings.real += u64::from(page.real);
            let newer = Some(page.born).filter(|_| page.real);
            holdings.newest_real = holdings.newest_real.max(newer);
            holdings.live += u64::from(page.dies > time);
            let Some(site) = page.site.filter(|_| compare) else {
                continue;
            };
            let place = (Sequence(u64::from(number)), site);
            let change = geography.first_change(place, since, time.min(page.dies));
            let stale = change.or((page.dies <= time).then_some(page.dies));
            match stale {
                None => holdings.fresh += 1,
                Some(stale) => holdings.age_days += time.since(stale).days(),
            }
        }
        holdings
    }
}
