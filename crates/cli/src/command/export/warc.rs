//! A web archive with its index.

use std::io::Write;
use std::path::{Path, PathBuf};

use web::gateway::{Gateway, Question, address};
use web::warc::{Archive, ArchiveError, Capture, CdxjLine, Compression, Options};

use super::{Seen, is_compressed, whole};
use crate::failure::{Context, Failure};
use crate::run::progress_bar;

/// Writes what was seen, and the index beside it.
pub(super) fn write(
    path: &Path,
    web: &Gateway,
    seen: &[Seen],
    (seed, quiet): (u64, bool),
) -> Result<(), Failure> {
    let options = Options {
        name: path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        epoch_s: web.epoch().0,
        seed,
        compression: if is_compressed(path) {
            Compression::Gzip
        } else {
            Compression::None
        },
        info: vec![
            (
                "software".to_owned(),
                concat!("echosphere/", env!("CARGO_PKG_VERSION")).to_owned(),
            ),
            ("format".to_owned(), "WARC File Format 1.1".to_owned()),
        ],
    };
    let lines = whole(path, |out| {
        let mut archive = Archive::new(out, options).map_err(refused)?;
        let bar = progress_bar(seen.len() as u64, quiet);
        for capture in seen {
            record(&mut archive, web, capture)?;
            bar.inc(1);
        }
        bar.finish_and_clear();
        let (out, lines) = archive.finish().map_err(refused)?;
        let file = out.into_inner().doing("write a web archive")?;
        file.sync_all().doing("write a web archive")?;
        Ok(lines)
    })?;
    write_index(&index_of(path), &lines)
}

/// A name that cannot stand in an archive is bad input; everything else went wrong on the way.
fn refused(error: ArchiveError) -> Failure {
    match error {
        ArchiveError::Name { .. } => Failure::input(error),
        error => Failure::run(error),
    }
}

fn record(archive: &mut Archive<impl Write>, web: &Gateway, seen: &Seen) -> Result<(), Failure> {
    let Some((host, path)) = web.place(seen.page) else {
        return Ok(());
    };
    let question = Question {
        host: &host,
        port: None,
        path: &path,
        time: seen.time,
    };
    let answer = web.answer(&question).map_err(Failure::run)?;
    let (length, etag) = (answer.body.len().to_string(), answer.etag());
    let modified = answer.modified.and_then(|time| web.epoch().date(time));
    let modified = modified.map(web::date::Date::http).unwrap_or_default();
    let headers = [
        ("Content-Type", answer.media_type),
        ("Content-Length", &length),
        ("Last-Modified", &modified),
        ("ETag", &etag),
    ];
    let capture = Capture {
        uri: &address(&host, None, &path),
        time: seen.time,
        status: answer.status,
        headers: &headers,
        body: &answer.body,
        identified: None,
    };
    archive.response(&capture).map_err(refused)?;
    Ok(())
}

/// Where the index of an archive lies.
fn index_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".cdxj");
    PathBuf::from(name)
}

fn write_index(path: &Path, lines: &[CdxjLine]) -> Result<(), Failure> {
    whole(path, |mut out| {
        let written = lines.iter().try_for_each(|line| writeln!(out, "{line}"));
        written
            .and_then(|()| out.flush())
            .doing(format_args!("write {}", path.display()))
    })
}
