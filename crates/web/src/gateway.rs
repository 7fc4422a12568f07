//! What the web answers to somebody who asks for a page: hosts with names, and behind them robots.txt, sitemaps, lists and pages.
//!
//! A [`Gateway`] is a function of log, sites and virtual time. It knows nothing of connections, headers, encodings and haste; who
//! serves it to real crawlers adds those, and who writes a web archive needs none of them.
//!
//! ```text
//! /robots.txt              who may come, how fast, and where the sitemaps are
//! /sitemap.xml             a sitemap index; /sitemap-N.xml: the pages of a host that are alive
//! /                        the newest pages; /pages/N: all of them, a hundred at a time
//! /page/S                  the document at position S of the log
//! ```
//!
//! A host that is none of the web's has the list of all hosts at `/`.

mod html;
mod names;
mod sitemap;
mod text;

use std::sync::Arc;

use types::document::{Sequence, SiteId};
use types::time::VirtualTime;

use crate::date::Epoch;
use crate::log::{Log, LogError};
use crate::pages::{Page, Pages};
use crate::robots::RobotsRules;
use crate::site::Geography;

pub use self::names::{HostNames, SUFFIX};
pub use self::text::text_of;

/// A web that can be asked for pages.
#[derive(Debug)]
pub struct Gateway {
    geography: Arc<Geography>,
    names: HostNames,
    pages: Pages,
    log: Log,
    epoch: Epoch,
}

/// What is asked for, and when.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Name of the host, without a port.
    pub host: &'a str,
    /// Port by which the host was addressed, which other hosts have as well.
    pub port: Option<u16>,
    /// Path, without a query.
    pub path: &'a str,
    /// When.
    pub time: VirtualTime,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status: 200, 404 where there never was a page, 410 where one has died.
    pub status: u16,
    /// Media type of the body.
    pub media_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
    /// When it was changed last, if it is a page.
    pub modified: Option<VirtualTime>,
}

/// Media types of what there is.
const HTML: &str = "text/html; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
const XML: &str = "application/xml";

impl Answer {
    /// What tells one state of a page from another: the hash of its body (weak, for a body may be sent in several encodings).
    pub fn etag(&self) -> String {
        format!("W/\"{}\"", &blake3::hash(&self.body).to_hex()[..20])
    }

    fn found(media_type: &'static str, body: String) -> Self {
        Self {
            status: 200,
            media_type,
            body: body.into_bytes(),
            modified: None,
        }
    }

    /// There is no such page.
    fn not_found() -> Self {
        Self {
            status: 404,
            ..Self::found(TEXT, "There is no such page.\n".to_owned())
        }
    }

    /// There was one.
    fn gone() -> Self {
        Self {
            status: 410,
            ..Self::found(TEXT, "This page is gone.\n".to_owned())
        }
    }
}

impl Gateway {
    /// The web of a log. Classes of sites have these names, from which those of hosts are made.
    pub fn new(geography: Arc<Geography>, names: &[String], log: Log, epoch: Epoch) -> Self {
        let mut pages = Pages::new(geography.sites().len());
        for number in log.segment_numbers() {
            let segment = log.segment(number);
            for index in 0..segment.publications.len() {
                pages.append(&geography, segment, index);
            }
        }
        Self {
            names: HostNames::new(names, &geography),
            geography,
            pages,
            log,
            epoch,
        }
    }

    /// The names of all hosts.
    pub fn names(&self) -> &HostNames {
        &self.names
    }

    /// All sites.
    pub fn geography(&self) -> &Geography {
        &self.geography
    }

    /// Where documents live, however new.
    pub fn pages(&self) -> &Pages {
        &self.pages
    }

    /// When the run began.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The pages that there are, oldest first.
    pub fn alive_at(&self, time: VirtualTime) -> impl Iterator<Item = u32> {
        let known = (0..self.pages.len() as u32).map(|number| (number, self.pages.page(number)));
        let alive = known.filter(move |(_, page)| page.born <= time && page.dies > time);
        alive
            .filter(|(_, page)| page.site.is_some())
            .map(|(number, _)| number)
    }

    /// Host and path of a page; `None` if the document lives nowhere.
    pub fn place(&self, page: u32) -> Option<(String, String)> {
        let site = self.pages.page(page).site?;
        Some((self.names.of(site), path_of(page)))
    }

    /// Answers a question.
    ///
    /// # Errors
    /// If a document is in storage and cannot be read.
    pub fn answer(&self, question: &Question<'_>) -> Result<Answer, LogError> {
        let Some(site) = self.names.site(question.host) else {
            return Ok(self.directory(question));
        };
        if self.geography.site(site).dies <= question.time {
            return Ok(Answer::gone());
        }
        let found = |media_type, body: Option<String>| {
            body.map_or_else(Answer::not_found, |body| Answer::found(media_type, body))
        };
        Ok(match question.path {
            "/robots.txt" => Answer::found(TEXT, self.robots(site, question)),
            "/sitemap.xml" => Answer::found(XML, self.sitemaps(site, question)),
            "/" => Answer::found(HTML, self.home(site, question)),
            path => {
                if let Some(number) = number_in(path, "/page/", "") {
                    return self.page(site, number, question);
                }
                if let Some(number) = number_in(path, "/sitemap-", ".xml") {
                    return Ok(found(XML, self.sitemap(site, number, question)));
                }
                let number = number_in(path, "/pages/", "");
                found(
                    HTML,
                    number.and_then(|number| self.list(site, number, question)),
                )
            }
        })
    }

    /// What a host asks of crawlers.
    fn robots(&self, site: SiteId, question: &Question<'_>) -> String {
        let rules = RobotsRules {
            sitemaps: vec![self.address(site, "/sitemap.xml", question)],
            ..self.geography.robots(site, question.time)
        };
        rules.to_string()
    }

    /// A page, if it is one of this host's.
    fn page(&self, site: SiteId, number: u64, question: &Question<'_>) -> Result<Answer, LogError> {
        let known = u32::try_from(number)
            .ok()
            .filter(|&number| (number as usize) < self.pages.len());
        let page = known.map(|number| (number, self.pages.page(number)));
        let here = |page: &Page| page.site == Some(site) && page.born <= question.time;
        let Some((number, page)) = page.filter(|(_, page)| here(page)) else {
            return Ok(Answer::not_found());
        };
        if page.dies <= question.time {
            return Ok(Answer::gone());
        }
        let modified = self.modified(number, page, question.time);
        let body = self.document(number, modified, question)?;
        Ok(Answer {
            modified: Some(modified),
            ..Answer::found(HTML, body)
        })
    }

    /// When a page was changed last: when it was put there, if not since.
    fn modified(&self, number: u32, page: &Page, time: VirtualTime) -> VirtualTime {
        let change = page.site.and_then(|site| {
            let page_of = (Sequence(u64::from(number)), site);
            self.geography.last_change(page_of, page.born, time)
        });
        change.unwrap_or(page.born)
    }

    /// The pages of a host that are alive, oldest first, among those at these positions.
    fn alive(
        &self,
        site: SiteId,
        positions: std::ops::Range<usize>,
        time: VirtualTime,
    ) -> impl DoubleEndedIterator<Item = (u32, &Page)> {
        let all = self.pages.of_site(site);
        let end = positions.end.min(all.len());
        let some = &all[positions.start.min(end)..end];
        let pages = some.iter().map(|&number| (number, self.pages.page(number)));
        pages.filter(move |(_, page)| page.born <= time && page.dies > time)
    }

    /// How many pages a host has had until then.
    fn ever(&self, site: SiteId, time: VirtualTime) -> usize {
        let all = self.pages.of_site(site);
        all.partition_point(|&number| self.pages.page(number).born <= time)
    }

    /// The absolute address of a path on a host.
    fn address(&self, site: SiteId, path: &str, question: &Question<'_>) -> String {
        address(&self.names.of(site), question.port, path)
    }
}

/// The path of a page.
pub fn path_of(page: u32) -> String {
    format!("/page/{page}")
}

/// An absolute address.
pub fn address(host: &str, port: Option<u16>, path: &str) -> String {
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    format!("http://{host}{port}{path}")
}

/// The number that a path has between these words, written as we write it.
fn number_in(path: &str, before: &str, after: &str) -> Option<u64> {
    let digits = path.strip_prefix(before)?.strip_suffix(after)?;
    let number: u64 = digits.parse().ok()?;
    (number.to_string() == digits).then_some(number)
}

#[cfg(test)]
mod tests;
