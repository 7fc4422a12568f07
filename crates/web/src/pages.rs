//! Pages: where visible documents live, and until when.

use types::document::{Publication, Sequence, SiteId};
use types::time::VirtualTime;

use crate::segment::Segment;
use crate::site::Geography;

/// The pages of a web: every document that was published on a site has one, with the document's number in the log.
#[derive(Debug, Clone, Default)]
pub struct Pages {
    /// Of each document in turn.
    pages: Vec<Page>,
    /// The pages of each site, oldest first.
    by_site: Vec<Vec<u32>>,
}

/// Where a document lives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Page {
    /// On which host; `None` if on none.
    pub site: Option<SiteId>,
    /// True if what it says is real.
    pub real: bool,
    /// When it was published.
    pub born: VirtualTime,
    /// When it dies.
    pub dies: VirtualTime,
}

/// Counts of pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Census {
    /// Documents that were published so far.
    pub published: u64,
    /// Those among them that are real.
    pub published_real: u64,
    /// Documents whose pages are alive.
    pub live: u64,
    /// Those among them that are real.
    pub live_real: u64,
}

impl Pages {
    /// Counts pages as they are at `time`.
    pub fn census(&self, time: VirtualTime) -> Census {
        let mut census = Census::default();
        for page in &self.pages {
            let (real, live) = (u64::from(page.real), u64::from(page.dies > time));
            census.published += 1;
            census.published_real += real;
            census.live += live;
            census.live_real += live * real;
        }
        census
    }

    /// No pages on so many sites.
    pub fn new(sites: usize) -> Self {
        Self {
            pages: Vec::new(),
            by_site: vec![Vec::new(); sites],
        }
    }

    /// Number of documents, on sites or not.
    pub fn len(&self) -> usize {
        self.pages.len()
    }

    /// True if nothing was published.
    pub fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// The page of a document.
    pub fn page(&self, number: u32) -> &Page {
        &self.pages[number as usize]
    }

    /// The pages of a site, oldest first.
    pub fn of_site(&self, site: SiteId) -> &[u32] {
        &self.by_site[site.0 as usize]
    }

    /// Takes in publication number `index` of a segment, which has just become visible.
    pub(crate) fn append(&mut self, geography: &Geography, segment: &Segment, index: usize) {
        let item = &segment.publications[index];
        let first = segment.first.0 + u64::from(segment.documents_of(index).start);
        for offset in 0..item.total() {
            self.put(geography, Sequence(first + u64::from(offset)), item, offset);
        }
    }

    fn put(&mut self, geography: &Geography, place: Sequence, item: &Publication, offset: u32) {
        let known = |site: &SiteId| (site.0 as usize) < self.by_site.len();
        let site = item.site_of(offset).filter(known);
        let forever = VirtualTime(u64::MAX);
        self.pages.push(Page {
            site,
            real: item.is_real(),
            born: item.time,
            dies: site.map_or(forever, |site| geography.page_dies(place, site, item.time)),
        });
        if let Some(site) = site {
            self.by_site[site.0 as usize].push(place.0 as u32);
        }
    }
}
