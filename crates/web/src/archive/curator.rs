//! Where the owner of a web says what of a crawl is kept.

use types::content::Content;
use types::document::{ByOrigin, ModelId, Sequence, SiteId};
use types::time::VirtualTime;

use crate::log::{Log, LogError};
use crate::pages::{Page, Pages};
use crate::site::Geography;

/// Decides what of each crawl of one crawler is kept for those who read its archive.
///
/// An archive is a fold of the log and of time, and so must this be: what it decides depends on the captures that it is shown, crawl by
/// crawl from the first one on, and on nothing else.
pub trait Curator: std::fmt::Debug + Send + Sync {
    /// Curates the next crawl.
    ///
    /// # Errors
    /// If what documents say cannot be read.
    fn curate(&mut self, captures: &Captures<'_>) -> Result<Curation, LogError>;
}

/// What became of the captures of one crawl.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Curation {
    /// The pages that are kept, ascending, all of them among the captures.
    pub kept: Vec<u32>,
    /// What each stage did, in order.
    pub stages: Vec<CurationStage>,
}

/// What one stage of curation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurationStage {
    /// What it is called.
    pub name: &'static str,
    /// Documents that came to it.
    pub reached: ByOrigin,
    /// Documents that it let through.
    pub kept: ByOrigin,
}

/// The captures of one crawl, and what can be known of them.
#[derive(Debug, Clone, Copy)]
pub struct Captures<'a> {
    pub(super) web: Web<'a>,
    pub(super) time: VirtualTime,
    /// Numbers of their pages, ascending.
    pub(super) numbers: &'a [u32],
}

/// The web that a crawl goes through.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Web<'a> {
    pub(crate) log: &'a Log,
    pub(crate) geography: &'a Geography,
    pub(crate) pages: &'a Pages,
}

/// One captured page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Capture {
    /// Its number.
    pub number: u32,
    /// Where it lives.
    pub page: Page,
    /// Rank of its host by quality, uniform in [0, 1).
    pub host_quality: f64,
    /// Who wrote it; `None` if it is real.
    pub author: Option<ModelId>,
}

impl<'a> Captures<'a> {
    /// When the crawl was made.
    pub fn time(&self) -> VirtualTime {
        self.time
    }

    /// Number of captures.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// True if nothing was captured.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// All captures, by number of the page.
    pub fn iter(&self) -> impl Iterator<Item = Capture> + 'a {
        let Web {
            log,
            geography,
            pages,
        } = self.web;
        let places = places(log, self.numbers);
        self.numbers.iter().zip(places).map(move |(&number, at)| {
            let page = *pages.page(number);
            let quality = |site: SiteId| geography.site(site).quality;
            Capture {
                number,
                page,
                host_quality: page.site.map_or(0.0, quality),
                author: log.segment(at.0).author_at(at.1),
            }
        })
    }

    /// What the captures say, in the same order.
    ///
    /// # Errors
    /// If a segment cannot be read.
    pub fn contents(&self) -> Result<Content, LogError> {
        let log = self.web.log;
        let mut all = Content::empty(log.kind());
        let places: Vec<(usize, u32)> = places(log, self.numbers).collect();
        for together in places.chunk_by(|a, b| a.0 == b.0) {
            let offsets: Vec<u32> = together.iter().map(|place| place.1).collect();
            all.gather(&*log.content(together[0].0)?, &offsets);
        }
        Ok(all)
    }
}

/// Segment and place in it of each page in turn; pages ascend, and the log is whole.
fn places<'a>(log: &'a Log, pages: &'a [u32]) -> impl Iterator<Item = (usize, u32)> + 'a {
    let numbers = log.segment_numbers();
    let mut number = numbers.start;
    pages.iter().map(move |&page| {
        let page = Sequence(u64::from(page));
        while number + 1 < numbers.end && log.segment(number + 1).first <= page {
            number += 1;
        }
        (number, (page.0 - log.segment(number).first.0) as u32)
    })
}
