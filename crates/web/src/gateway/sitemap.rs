//! Sitemaps (sitemaps.org 0.9): an index, and files of at most 50,000 addresses.

use types::document::SiteId;

use super::{Gateway, Question, path_of};

/// Addresses a file, at most.
const ADDRESSES_MAX: usize = 50_000;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const SPACE: &str = "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"";

impl Gateway {
    /// The index of a host's sitemaps.
    pub(super) fn sitemaps(&self, site: SiteId, question: &Question<'_>) -> String {
        let files = self
            .ever(site, question.time)
            .div_ceil(ADDRESSES_MAX)
            .max(1);
        let mut out = format!("{HEAD}<sitemapindex {SPACE}>\n");
        for number in 0..files {
            let address = self.address(site, &format!("/sitemap-{number}.xml"), question);
            out.extend([format!("<sitemap><loc>{address}</loc></sitemap>\n")]);
        }
        out + "</sitemapindex>\n"
    }

    /// One of a host's sitemaps: those of its pages that are alive, with the date of their last change.
    pub(super) fn sitemap(
        &self,
        site: SiteId,
        number: u64,
        question: &Question<'_>,
    ) -> Option<String> {
        let start = usize::try_from(number).ok()?.checked_mul(ADDRESSES_MAX)?;
        if start > 0 && start >= self.ever(site, question.time) {
            return None;
        }
        let mut out = format!("{HEAD}<urlset {SPACE}>\n");
        for (number, page) in self.alive(site, start..start + ADDRESSES_MAX, question.time) {
            let address = self.address(site, &path_of(number), question);
            let modified = self.modified(number, page, question.time);
            out.extend([format!("<url><loc>{address}</loc>")]);
            if let Some(date) = self.epoch.date(modified) {
                out.extend([format!("<lastmod>{date}</lastmod>")]);
            }
            out += "</url>\n";
        }
        Some(out + "</urlset>\n")
    }
}
