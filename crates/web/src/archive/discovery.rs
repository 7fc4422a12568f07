//! How crawlers come to know of pages.

use types::document::{Sequence, SiteId};
use types::time::VirtualTime;

use super::{Archive, Known};
use crate::pages::Pages;
use crate::site::Geography;

/// How a crawler comes to know of pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discovery {
    /// From sitemaps, which are complete: it knows of every page of every host.
    Sitemaps,
    /// By links. The home page of a host links to its newest pages, so many of them; all others have to be linked to by a page that was
    /// fetched in an earlier crawl, and lie at most so many links from a home page.
    Links {
        /// Links from a home page, at most.
        hops: u8,
        /// Pages that a home page links to.
        listed: u32,
    },
}

impl Discovery {
    /// Whether a crawler that goes about like this would fetch a page of which it knows that.
    pub(super) fn finds(self, known: Known) -> bool {
        match self {
            Self::Sitemaps => true,
            Self::Links { hops, .. } => (1..=hops).contains(&known.hops),
        }
    }
}

impl Archive {
    /// Looks at the home pages of all hosts.
    pub(super) fn look_at_homes(
        &mut self,
        discovery: Discovery,
        (geography, pages): (&Geography, &Pages),
        time: VirtualTime,
    ) {
        let Discovery::Links { listed, .. } = discovery else {
            return;
        };
        for site in 0..geography.sites().len() as u32 {
            let newest = pages.of_site(SiteId(site)).iter().rev();
            let alive = newest.filter(|&&page| pages.page(page).dies > time);
            for &page in alive.take(listed as usize) {
                self.known[page as usize].hops = 1;
            }
        }
    }

    /// Follows the links of pages that were just fetched.
    pub(super) fn follow(&mut self, discovery: Discovery, geography: &Geography, fetched: &[u32]) {
        let Discovery::Links { hops, .. } = discovery else {
            return;
        };
        for &page in fetched {
            let next = self.known[page as usize].hops.saturating_add(1);
            if next > hops {
                continue;
            }
            geography.links(Sequence(u64::from(page)), |to| {
                let known = &mut self.known[to.0 as usize].hops;
                if *known == 0 || *known > next {
                    *known = next;
                }
            });
        }
    }
}
