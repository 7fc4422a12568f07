//! JSON lines, in the shape that text pipelines read (Dolma; datatrove reads it too).

use std::io::{BufWriter, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;
use types::document::Publication;
use types::time::VirtualTime;
use web::date::Epoch;
use web::gateway::{HostNames, address, path_of, text_of};

use super::{ExportArguments, Seen, is_compressed, whole};
use crate::failure::{Context, Failure};
use crate::run::progress_bar;
use crate::standing::Standing;

/// One document.
#[derive(Serialize)]
struct Line<'a> {
    id: String,
    text: String,
    source: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    added: Option<String>,
    metadata: Metadata,
}

/// What is known of it.
#[derive(Serialize)]
struct Metadata {
    sequence: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    origin: &'static str,
    author: Option<u32>,
    generation: u32,
    published_days: f64,
    lineage_depth: f32,
    real_share: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    crawl: Option<u32>,
}

/// All documents that were published until then, and whose pages are alive if they have any.
pub(super) fn everything(standing: &Standing, at: VirtualTime) -> Vec<Seen> {
    let geography = standing.atlas.geography();
    let mut seen = Vec::new();
    each(standing, |page, publication, offset| {
        let dies = geography
            .as_ref()
            .zip(publication.site_of(offset))
            .map(|(web, site)| {
                web.page_dies(
                    types::document::Sequence(u64::from(page)),
                    site,
                    publication.time,
                )
            });
        if publication.time <= at && dies.is_none_or(|dies| dies > at) {
            seen.push(Seen {
                page,
                time: at,
                crawl: None,
            });
        }
    });
    seen
}

/// Shows every document with its publication and its place in that.
fn each<'a>(standing: &'a Standing, mut visit: impl FnMut(u32, &'a Publication, u32)) {
    let log = &standing.log;
    for number in log.segment_numbers() {
        let segment = log.segment(number);
        for (index, publication) in segment.publications.iter().enumerate() {
            let first = segment.first.0 as u32 + segment.documents_of(index).start;
            for offset in 0..publication.total() {
                visit(first + offset, publication, offset);
            }
        }
    }
}

/// Writes what was seen.
pub(super) fn write(
    path: &Path,
    standing: &Standing,
    seen: &[Seen],
    arguments: &ExportArguments,
) -> Result<(), Failure> {
    let context = Lines::new(standing, arguments.when.epoch);
    let bar = progress_bar(seen.len() as u64, arguments.quiet);
    let lines = |out: &mut dyn Write| {
        for seen in seen {
            let line = context.line(seen)?;
            let line = serde_json::to_string(&line).doing("encode a document")?;
            writeln!(out, "{line}").doing(format_args!("write {}", path.display()))?;
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(())
    };
    whole(path, |mut out| {
        if is_compressed(path) {
            let mut packed = BufWriter::new(GzEncoder::new(out, Compression::default()));
            lines(&mut packed)?;
            let packed = packed.into_inner().doing("write documents")?;
            out = packed.finish().doing("write documents")?;
        } else {
            lines(&mut out)?;
        }
        let file = out.into_inner().doing("write documents")?;
        file.sync_all().doing("write documents")
    })
}

/// What lines are made from.
struct Lines<'a> {
    standing: &'a Standing,
    names: Option<HostNames>,
    epoch: Epoch,
    /// The publication of each document, and the document's place in it.
    publications: Vec<(&'a Publication, u32)>,
}

impl<'a> Lines<'a> {
    fn new(standing: &'a Standing, epoch: Epoch) -> Self {
        let mut publications = Vec::new();
        each(standing, |_, publication, offset| {
            publications.push((publication, offset));
        });
        let geography = standing.atlas.geography();
        Self {
            names: geography.map(|web| HostNames::new(standing.atlas.sites(), &web)),
            standing,
            epoch,
            publications,
        }
    }

    fn line(&self, seen: &Seen) -> Result<Line<'_>, Failure> {
        let (publication, offset) = self.publications[seen.page as usize];
        let date = |time| Some(self.epoch.date(time)?.to_string());
        let names = self.names.as_ref().zip(publication.site_of(offset));
        let url = names.map(|(names, site)| address(&names.of(site), None, &path_of(seen.page)));
        let source = names.map(|(names, site)| names.kind(site));
        let id = match seen.crawl {
            None => seen.page.to_string(),
            Some(crawl) => format!("{}@{crawl}", seen.page),
        };
        Ok(Line {
            id,
            text: text_of(&self.standing.log, seen.page).map_err(Failure::run)?,
            source: source.unwrap_or("echosphere"),
            created: date(publication.time),
            added: date(seen.time),
            metadata: Metadata {
                sequence: seen.page,
                url,
                origin: if publication.is_real() {
                    "real"
                } else {
                    "synthetic"
                },
                author: publication.author_of(offset).map(|author| author.0),
                generation: publication.generation,
                published_days: publication.time.days(),
                lineage_depth: publication.lineage.depth,
                real_share: publication.lineage.real_share,
                crawl: seen.crawl,
            },
        })
    }
}
