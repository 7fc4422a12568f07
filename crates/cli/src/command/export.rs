//! `export`.

mod jsonl;
mod warc;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use net::temporary;
use types::time::VirtualTime;
use web::Archive;

use super::finish::manifest;
use super::gateway::WhenArguments;
use crate::failure::{Context, Failure};
use crate::folder::Folder;
use crate::standing::{self, Standing};

#[derive(Debug, Args)]
pub(super) struct ExportArguments {
    /// The run folder: of a run that is finished and kept its documents, or of one on its way.
    folder: PathBuf,
    /// Writes a web archive (WARC/1.1), compressed if the name ends in .gz, and its index beside it, named FILE.cdxj.
    #[arg(long, value_name = "FILE", required_unless_present = "jsonl")]
    warc: Option<PathBuf>,
    /// Writes JSON lines with id, text, source, created, added and metadata, compressed if the name ends in .gz.
    #[arg(long, value_name = "FILE")]
    jsonl: Option<PathBuf>,
    /// What this crawler fetched in all of its crawls, instead of all pages that there are.
    #[arg(long, value_name = "NAME")]
    crawler: Option<String>,
    /// Of that, only what its curation kept.
    #[arg(long, requires = "crawler")]
    curated: bool,
    #[command(flatten)]
    when: WhenArguments,
    /// No progress bar and no summary.
    #[arg(long, short)]
    quiet: bool,
}

/// A page as it was at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    page: u32,
    time: VirtualTime,
    /// Number of the crawl, if it was fetched in one.
    crawl: Option<u32>,
}

pub(super) fn export(arguments: &ExportArguments, out: &mut impl Write) -> Result<(), Failure> {
    let folder = Folder::at(&arguments.folder);
    let manifest = manifest(&folder)?;
    let mut standing = standing::open(&folder, &manifest, arguments.when.replicate)?;
    let at = arguments.when.instant(standing.until);
    let crawled = match &arguments.crawler {
        Some(name) => {
            let archives = archives(&mut standing, name, at)?;
            Some(crawled(&archives, arguments.curated))
        }
        None => None,
    };
    let seed = standing.scenario.seed ^ u64::from(arguments.when.replicate) << 32;
    let mut written = Vec::new();
    if let Some(path) = &arguments.jsonl {
        let seen = crawled
            .clone()
            .unwrap_or_else(|| jsonl::everything(&standing, at));
        jsonl::write(path, &standing, &seen, arguments)?;
        written.push(format!("{} documents  {}", seen.len(), path.display()));
    }
    if let Some(path) = &arguments.warc {
        let web = super::gateway::web_of(standing, arguments.when.epoch)?;
        let there = || {
            let seen = |page| Seen {
                page,
                time: at,
                crawl: None,
            };
            web.alive_at(at).map(seen).collect()
        };
        let seen = crawled.unwrap_or_else(there);
        warc::write(path, &web, &seen, (seed, arguments.quiet))?;
        written.push(format!("{} captures  {}", seen.len(), path.display()));
    }
    if arguments.quiet {
        return Ok(());
    }
    written
        .iter()
        .try_for_each(|line| writeln!(out, "{line}"))
        .map_err(Failure::output)
}

/// What crawlers of that name have fetched.
fn archives(standing: &mut Standing, name: &str, at: VirtualTime) -> Result<Vec<Archive>, Failure> {
    let crawlers = standing.atlas.crawlers();
    let Some((_, numbers)) = crawlers.iter().find(|crawler| crawler.0 == name) else {
        let names: Vec<&str> = crawlers.iter().map(|crawler| crawler.0.as_str()).collect();
        let known = match names.as_slice() {
            [] => "the scenario has no crawlers".to_owned(),
            names => format!("the scenario has {}", names.join(", ")),
        };
        return Err(Failure::input(format_args!("--crawler {name}: {known}")));
    };
    let numbers = numbers.clone();
    let Standing { atlas, log, .. } = standing;
    let mut all = atlas.archives(log, at).map_err(Failure::run)?;
    Ok(all.drain(numbers).collect())
}

/// All captures of archives, or all that were kept, crawl by crawl.
fn crawled(archives: &[Archive], curated: bool) -> Vec<Seen> {
    let crawls = (0..).zip(archives.iter().flat_map(Archive::snapshots));
    let seen = crawls.flat_map(|(crawl, snapshot)| {
        let pages = if curated {
            snapshot.kept()
        } else {
            &snapshot.captures
        };
        pages.iter().map(move |&page| Seen {
            page,
            time: snapshot.time,
            crawl: Some(crawl),
        })
    });
    seen.collect()
}

/// Writes a file whole or not at all.
fn whole<T>(
    path: &Path,
    write: impl FnOnce(BufWriter<File>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let partial = temporary(path);
    let file = File::create(&partial).map_err(|error| {
        Failure::input(format_args!("cannot write {}: {error}", path.display()))
    })?;
    let written = write(BufWriter::new(file)).and_then(|done| {
        std::fs::rename(&partial, path).doing(format_args!("write {}", path.display()))?;
        Ok(done)
    });
    written.inspect_err(|_| drop(std::fs::remove_file(&partial)))
}

/// True if a file of that name is compressed.
fn is_compressed(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("gz"))
}
