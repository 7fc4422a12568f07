//! Pages for people and crawlers.

use std::fmt::{self, Write as _};

use types::document::{Sequence, SiteId};
use types::time::VirtualTime;

use super::{Answer, Gateway, HTML, Question, address, number_in, path_of, text_of};
use crate::log::LogError;

/// Links of a list.
const LIST: usize = 100;

impl Gateway {
    /// The newest pages of a host, and the way to all of them.
    pub(super) fn home(&self, site: SiteId, question: &Question<'_>) -> String {
        let (name, ever) = (self.names.of(site), self.ever(site, question.time));
        let newest = self.alive(site, ever.saturating_sub(LIST)..ever, question.time);
        let mut out = head(&name);
        self.items(newest.rev(), question.time, &mut out);
        if ever > LIST {
            out += "<p><a href=\"/pages/1\">All pages</a></p>\n";
        }
        out + FOOT
    }

    /// Page number `number`, from 1 on, of the list of all pages of a host.
    pub(super) fn list(
        &self,
        site: SiteId,
        number: u64,
        question: &Question<'_>,
    ) -> Option<String> {
        let start = usize::try_from(number.checked_sub(1)?)
            .ok()?
            .checked_mul(LIST)?;
        let ever = self.ever(site, question.time);
        if start >= ever {
            return None;
        }
        let mut out = head(&format!("{}: pages {}", self.names.of(site), number));
        let some = self.alive(site, start..start + LIST, question.time);
        self.items(some, question.time, &mut out);
        out += &turn("/pages/", number, start + LIST < ever);
        out += "<p><a href=\"/\">Home</a></p>\n";
        Some(out + FOOT)
    }

    fn items<'a>(
        &self,
        pages: impl Iterator<Item = (u32, &'a crate::pages::Page)>,
        time: VirtualTime,
        out: &mut String,
    ) {
        *out += "<ul>\n";
        for (number, page) in pages {
            let date = self.time(self.modified(number, page, time));
            let path = path_of(number);
            out.extend([format!(
                "<li><a href=\"{path}\">Page {number}</a> {date}</li>\n"
            )]);
        }
        *out += "</ul>\n";
    }

    /// The document at a position of the log, as a page.
    pub(super) fn document(
        &self,
        number: u32,
        modified: VirtualTime,
        question: &Question<'_>,
    ) -> Result<String, LogError> {
        let mut out = head(&format!("Page {number}"));
        out += "<article>\n";
        self.body(number, &mut out)?;
        out += "</article>\n<p>";
        out += &self.time(modified);
        out += "</p>\n<ul>\n";
        self.geography.links(Sequence(u64::from(number)), |to| {
            if let Some((host, path)) = self.place(to.0 as u32) {
                let to = address(&host, question.port, &path);
                out.extend([format!("<li><a href=\"{to}\">{host}{path}</a></li>\n")]);
            }
        });
        out += "</ul>\n<p><a href=\"/\">Home</a></p>\n";
        Ok(out + FOOT)
    }

    /// What a document says.
    fn body(&self, number: u32, out: &mut String) -> Result<(), LogError> {
        let text = text_of(&self.log, number)?;
        for paragraph in text.split("\n\n").filter(|text| !text.trim().is_empty()) {
            out.extend([format!("<p>{}</p>\n", Escaped(paragraph.trim()))]);
        }
        Ok(())
    }

    /// A date as HTML has it; the virtual day where the calendar ends.
    fn time(&self, time: VirtualTime) -> String {
        match self.epoch.date(time) {
            Some(date) => format!("<time datetime=\"{date}\">{date}</time>"),
            None => format!("day {}", time.days()),
        }
    }

    /// The list of all hosts, at any host that is none of them.
    pub(super) fn directory(&self, question: &Question<'_>) -> Answer {
        let number = match question.path {
            "/" => Some(1),
            path => number_in(path, "/hosts/", "").filter(|&number| number > 0),
        };
        let start = number.and_then(|number| usize::try_from(number - 1).ok()?.checked_mul(LIST));
        let hosts = self.names.hosts() as usize;
        let (Some(number), Some(start)) = (number, start.filter(|&start| start < hosts)) else {
            return Answer::not_found();
        };
        let mut out = head("Hosts");
        out += "<ul>\n";
        for site in start..(start + LIST).min(hosts) {
            let host = self.names.of(SiteId(site as u32));
            let to = address(&host, question.port, "/");
            out.extend([format!("<li><a href=\"{to}\">{host}</a></li>\n")]);
        }
        out += "</ul>\n";
        out += &turn("/hosts/", number, start + LIST < hosts);
        Answer::found(HTML, out + FOOT)
    }
}

/// Links to the list before and the one after.
fn turn(path: &str, number: u64, more: bool) -> String {
    let mut out = String::new();
    if number > 1 {
        out.extend([format!(
            "<p><a rel=\"prev\" href=\"{path}{}\">Before</a></p>\n",
            number - 1
        )]);
    }
    if more {
        out.extend([format!(
            "<p><a rel=\"next\" href=\"{path}{}\">After</a></p>\n",
            number + 1
        )]);
    }
    out
}

fn head(title: &str) -> String {
    let title = Escaped(title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{title}</title></head>\n<body>\n<h1>{title}</h1>\n"
    )
}

const FOOT: &str = "</body>\n</html>\n";

/// Text that stands for nothing but itself.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            match letter {
                '&' => out.write_str("&amp;")?,
                '<' => out.write_str("&lt;")?,
                '>' => out.write_str("&gt;")?,
                '"' => out.write_str("&quot;")?,
                // What no document of the web may contain (HTML, section 13.2.3.5).
                '\0'..='\x08' | '\x0b' | '\x0e'..='\x1f' | '\x7f' => {
                    out.write_char(char::REPLACEMENT_CHARACTER)?;
                }
                letter => out.write_char(letter)?,
            }
        }
        Ok(())
    }
}
