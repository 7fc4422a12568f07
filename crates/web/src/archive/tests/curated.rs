//! What somebody else keeps of a crawl.

use std::io;
use std::sync::Mutex;

use types::document::{ByOrigin, ModelId};

use super::*;
use crate::{Captures, Curation, CurationStage, Curator, LogError, Storage};

/// Keeps pages with even numbers, and notes what it was shown.
#[derive(Debug, Default)]
struct Even {
    shown: Arc<Mutex<Vec<Shown>>>,
}

#[derive(Debug, PartialEq)]
struct Shown {
    time: VirtualTime,
    pages: Vec<u32>,
    authors: Vec<Option<ModelId>>,
    content: Content,
}

impl Curator for Even {
    fn curate(&mut self, captures: &Captures<'_>) -> Result<Curation, LogError> {
        let pages: Vec<u32> = captures.iter().map(|one| one.number).collect();
        self.shown.lock().unwrap().push(Shown {
            time: captures.time(),
            pages: pages.clone(),
            authors: captures.iter().map(|one| one.author).collect(),
            content: captures.contents()?,
        });
        assert_eq!((captures.len(), captures.is_empty()), (pages.len(), false));
        let kept: Vec<u32> = pages.iter().copied().filter(|page| page % 2 == 0).collect();
        let stage = CurationStage {
            name: "even",
            reached: count(pages.len()),
            kept: count(kept.len()),
        };
        Ok(Curation {
            kept,
            stages: vec![stage],
        })
    }
}

fn count(real: usize) -> ByOrigin {
    ByOrigin {
        real: real as u64,
        synthetic: 0,
    }
}

fn curated() -> (Log, Index, Arc<Mutex<Vec<Shown>>>) {
    let (log, index) = web(class(), rules(), 30.0);
    let curator = Even::default();
    let shown = Arc::clone(&curator.shown);
    (log, index.curated_by(vec![Some(Box::new(curator))]), shown)
}

/// One more document by model 7 on the first host, published on that day.
fn later(log: &mut Log, day: f64) {
    let mut content = Content::empty(ContentKind::Symbols);
    if let Content::Symbols { symbols, .. } = &mut content {
        symbols.push(99);
    }
    let publication = Publication {
        author: Some(ModelId(7)),
        models: 1,
        generation: 1,
        time: days(day),
        lineage: Lineage::REAL,
        documents: 1,
        site: Some(SiteId(0)),
    };
    let batch = Batch {
        publications: vec![publication],
        content,
    };
    log.append(vec![batch]).unwrap();
}

#[test]
fn views_are_built_from_what_is_kept() {
    let (mut log, mut index, shown) = curated();
    index.refresh(&mut log, days(30.0)).unwrap();
    assert_eq!(u64::from(index.view(0).len()), all() / 2);
    let archive = &index.archives()[0];
    let snapshot = &archive.snapshots()[0];
    assert_eq!(snapshot.captures.len() as u64, all());
    assert_eq!(snapshot.kept().len() as u64, all() / 2);
    let kept = archive.kept(index.geography().unwrap(), index.pages());
    assert_eq!(kept.documents, count(snapshot.kept().len()));
    let mean = kept.quality / kept.documents.total() as f64;
    assert!((mean - 0.5).abs() < 0.25, "{mean}");
    let shown = shown.lock().unwrap();
    let Content::Symbols { symbols, .. } = &shown[0].content else {
        panic!("symbols were published")
    };
    let host = |page: &u32| page / PAGES;
    assert!(symbols.iter().copied().eq(shown[0].pages.iter().map(host)));
}

#[test]
fn a_curator_sees_crawl_after_crawl_and_who_wrote_what() {
    let (mut log, mut index, shown) = curated();
    later(&mut log, 40.0);
    later(&mut log, 45.0);
    index.refresh(&mut log, days(60.0)).unwrap();
    let shown = shown.lock().unwrap();
    assert_eq!(shown.len(), 2);
    assert_eq!([shown[0].time, shown[1].time], [days(30.0), days(60.0)]);
    let new = u32::try_from(all()).unwrap();
    assert_eq!(shown[1].pages, [new, new + 1]);
    assert_eq!(shown[1].authors, [Some(ModelId(7)); 2]);
    assert!(shown[0].authors.iter().all(Option::is_none));
    assert_eq!(index.archives()[0].snapshots()[1].kept(), [new]);
}

/// A storage that takes everything and gives nothing back.
#[derive(Debug)]
struct Sink;

impl Storage for Sink {
    fn write(&self, _: &str, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn read(&self, _: &str) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn list(&self, _: &str) -> io::Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn remove(&self, _: &str) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_cannot_be_read_cannot_be_curated() {
    let (log, mut index, _) = curated();
    let config = LogConfig {
        kind: log.kind(),
        memory_bytes_max: 0,
        keep_all: false,
        prefix: String::new(),
    };
    let mut lost = Log::new(config, Arc::new(Sink));
    for day in [1.0, 2.0] {
        later(&mut lost, day);
    }
    let told = index.refresh(&mut lost, days(30.0));
    assert!(matches!(told, Err(LogError::Storage { .. })), "{told:?}");
}
