//! `documents.parquet`: every document with its provenance, for those who ask.

use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;

use ecosystem::scenario::schema::Scenario;
use net::temporary;
use report::parquet::{ContentKind, DocumentBatch, DocumentsWriter};
use types::content::Content;
use web::{Log, Segment};

use crate::failure::{Context, Failure};
use crate::folder::Folder;

/// Writes the documents of finished replicates: one file, or a folder with one file a replicate.
#[derive(Debug)]
pub(super) struct Keeper {
    path: PathBuf,
    many: bool,
}

impl Keeper {
    /// For a run in `folder`.
    ///
    /// # Errors
    /// If a folder is needed and cannot be made.
    pub(super) fn new(folder: &Folder, scenario: &Scenario) -> Result<Self, Failure> {
        let keeper = Self {
            path: folder.path("documents.parquet"),
            many: scenario.replicates > 1,
        };
        if keeper.many {
            let path = &keeper.path;
            std::fs::create_dir_all(path).doing(format_args!("make {}", path.display()))?;
        }
        Ok(keeper)
    }

    /// Writes all documents of a replicate.
    ///
    /// # Errors
    /// If they cannot be read or written.
    pub(super) fn keep(&self, replicate: u32, log: &Log) -> Result<(), Failure> {
        let name = format!("replicate-{replicate:06}.parquet");
        let path = if self.many {
            self.path.join(name)
        } else {
            self.path.clone()
        };
        let partial = temporary(&path);
        let file = File::create(&partial).doing(format_args!("write {}", partial.display()))?;
        write(replicate, log, BufWriter::new(file))
            .and_then(|()| {
                std::fs::rename(&partial, &path).doing(format_args!("write {}", path.display()))
            })
            .inspect_err(|_| drop(std::fs::remove_file(&partial)))
    }
}

fn write(replicate: u32, log: &Log, out: BufWriter<File>) -> Result<(), Failure> {
    let kind = match log.kind() {
        types::content::ContentKind::F32 { dimension }
        | types::content::ContentKind::F64 { dimension } => ContentKind::Numeric {
            dimension: dimension as usize,
        },
        types::content::ContentKind::Symbols => ContentKind::Symbol,
        types::content::ContentKind::Text => ContentKind::Text,
    };
    let mut writer = DocumentsWriter::new(out, kind).doing("write documents.parquet")?;
    for number in log.segment_numbers() {
        let content = log.content(number).map_err(Failure::run)?;
        let batch = batch(replicate, log.segment(number), &content);
        writer.write(&batch).doing("write documents.parquet")?;
    }
    let out = writer.finish().doing("write documents.parquet")?;
    let file = out.into_inner().doing("write documents.parquet")?;
    file.sync_all().doing("write documents.parquet")
}

fn batch(replicate: u32, segment: &Segment, content: &Content) -> DocumentBatch {
    let mut batch = DocumentBatch {
        replicate,
        ..DocumentBatch::default()
    };
    let mut sequence = segment.first.0;
    for publication in &segment.publications {
        for offset in 0..publication.total() {
            batch.sequence.push(sequence);
            batch.time.push(publication.time.days());
            batch
                .author
                .push(publication.author_of(offset).map(|author| author.0));
            batch
                .site
                .push(publication.site_of(offset).map(|site| site.0));
            batch.generation.push(publication.generation);
            batch.origin.push(if publication.is_real() {
                "real"
            } else {
                "synthetic"
            });
            batch
                .lineage_depth
                .push(f64::from(publication.lineage.depth));
            batch
                .real_share
                .push(f64::from(publication.lineage.real_share));
            sequence += 1;
        }
    }
    match content {
        Content::Text { .. } => {
            let (texts, prompts) = (0..content.len()).map(|i| readable(content, i)).unzip();
            (batch.text, batch.prompt_bytes) = (Some(texts), Some(prompts));
        }
        Content::F32(numbers) => {
            let values: Vec<f64> = numbers.values.iter().map(|&x| f64::from(x)).collect();
            batch.numbers = Some(rows(&values, numbers.dimension));
        }
        Content::F64(numbers) => batch.numbers = Some(rows(&numbers.values, numbers.dimension)),
        Content::Symbols { symbols, .. } => batch.symbol = Some(symbols.clone()),
    }
    batch
}

/// A text as UTF-8, and how many bytes of that are its prompt.
fn readable(content: &Content, index: usize) -> (String, u32) {
    let (prompt, own) = content.text(index).split_at(content.given(index));
    let prompt = String::from_utf8_lossy(prompt);
    let bytes = prompt.len() as u32;
    (prompt.into_owned() + &String::from_utf8_lossy(own), bytes)
}

fn rows(values: &[f64], dimension: u32) -> Vec<Vec<f64>> {
    values
        .chunks(dimension as usize)
        .map(<[f64]>::to_vec)
        .collect()
}
