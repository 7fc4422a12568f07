use std::sync::Arc;

use types::content::{Content, ContentKind};
use types::document::{Lineage, Publication};
use types::random::{Purpose, Seed};
use types::time::{VirtualDuration, VirtualTime};

use super::*;
use crate::reading::{self, Sources};
use crate::{Batch, Index, IndexConfig, Log, LogConfig, MemoryStorage, Retention, ViewSpec};

/// Three generations of three models; model k publishes k + 1 documents a generation.
fn view(regime: Retention) -> View {
    let kind = ContentKind::Symbols;
    let config = LogConfig {
        kind,
        memory_bytes_max: u64::MAX,
        keep_all: false,
        prefix: String::new(),
    };
    let mut log = Log::new(config, Arc::new(MemoryStorage::default()));
    for generation in 1..=3 {
        let publications = (0..3)
            .map(|author| Publication {
                author: Some(ModelId(author)),
                models: 1,
                generation,
                time: VirtualTime(u64::from(generation)),
                lineage: Lineage::REAL,
                documents: author + 1,
                site: None,
            })
            .collect();
        let content = Content::Symbols {
            symbols: vec![0, 1, 1, 2, 2, 2],
            weights: Vec::new(),
        };
        log.append(vec![Batch {
            publications,
            content,
        }])
        .unwrap();
    }
    let views = vec![ViewSpec {
        regime,
        with_authors: true,
        archive: None,
    }];
    let (lag, generation) = (VirtualDuration(1), VirtualDuration(1));
    let mut index = Index::new(
        IndexConfig {
            retention: Retention::Accumulate,
            lag,
            generation,
            views,
            place: None,
        },
        3,
    );
    index.refresh(&mut log, VirtualTime(9)).unwrap();
    index.view(0).clone()
}

/// How often each position is read in many crawls of `documents` documents by model 1.
fn frequencies(
    view: &View,
    sources: Sources,
    own: bool,
    replace: bool,
    documents: usize,
) -> Vec<f64> {
    let reading = Reading {
        sources,
        include_own: own,
        with_replacement: replace,
    };
    let (mut crawler, mut positions) = (Crawler::default(), Vec::new());
    let mut counts = vec![0.0; view.len() as usize];
    for event in 0..CRAWLS {
        let mut rng = Seed(3).key(0, Purpose::Crawl).stream(1, event);
        let crawl = Crawl {
            reader: ModelId(1),
            documents,
            rng: &mut rng,
            positions: &mut positions,
        };
        crawler.crawl(view, &reading, crawl);
        if !replace {
            let mut sorted = positions.clone();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len(), positions.len(), "a document was read twice");
        }
        for &position in &positions {
            counts[position as usize] += 1.0;
        }
    }
    counts
        .iter()
        .map(|count| count / f64::from(CRAWLS))
        .collect()
}

const CRAWLS: u32 = 20_000;
/// Positions of model 1 in [`view`].
const OWN: [usize; 6] = [1, 2, 7, 8, 13, 14];

/// Five standard errors of a share near one half.
fn assert_close(seen: f64, expected: f64) {
    assert!(
        (seen - expected).abs() < 5.0 * 0.5 / f64::from(CRAWLS).sqrt(),
        "{seen} is not {expected}"
    );
}

#[test]
fn everyone_is_read_evenly() {
    for replace in [true, false] {
        let shares = frequencies(
            &view(Retention::Accumulate),
            Sources::Everyone,
            true,
            replace,
            3,
        );
        for share in shares {
            assert_close(share, 3.0 / 18.0);
        }
    }
}

#[test]
fn own_output_can_be_left_out() {
    for replace in [true, false] {
        let shares = frequencies(
            &view(Retention::Accumulate),
            Sources::Everyone,
            false,
            replace,
            3,
        );
        for (position, &share) in shares.iter().enumerate() {
            let expected = if OWN.contains(&position) {
                0.0
            } else {
                3.0 / 12.0
            };
            assert_close(share, expected);
        }
    }
}

#[test]
fn old_documents_are_discounted() {
    let discounted = view(Retention::Discount { factor: 0.5 });
    let shares = frequencies(&discounted, Sources::Everyone, true, true, 1);
    for (position, &share) in shares.iter().enumerate() {
        let weight = [0.25, 0.5, 1.0][position / 6];
        assert_close(share, weight / (6.0 * 1.75));
    }
    // Successive sampling of all documents reads each once.
    let all = frequencies(&discounted, Sources::Everyone, true, false, 99);
    assert!(all.iter().all(|&share| share == 1.0));
}

#[test]
fn shares_choose_the_author_first() {
    let models: Vec<ModelId> = (0..3).map(ModelId).collect();
    for regime in [Retention::Accumulate, Retention::Discount { factor: 0.5 }] {
        let shares = frequencies(
            &view(regime),
            reading::zipf(&models, |rank| 1.0 / rank),
            false,
            true,
            1,
        );
        let of_author = |author: u32| -> f64 {
            let wrote = |position: &usize| [0, 1, 1, 2, 2, 2][position % 6] == author;
            (0..18).filter(wrote).map(|position| shares[position]).sum()
        };
        assert_close(of_author(0), 0.75);
        assert_close(of_author(1), 0.0);
        assert_close(of_author(2), 0.25);
    }
}

#[test]
fn without_replacement_an_author_gives_no_more_than_it_has() {
    let models: Vec<ModelId> = (0..3).map(ModelId).collect();
    let only = reading::matrix(&models, &[vec![1.0; 3], vec![1.0, 0.0, 0.0], vec![1.0; 3]]);
    for regime in [Retention::Accumulate, Retention::Discount { factor: 0.5 }] {
        let shares = frequencies(&view(regime), only.clone(), true, false, 10);
        for (position, &share) in shares.iter().enumerate() {
            assert_eq!(share, f64::from(u8::from(position % 6 == 0)));
        }
    }
}

#[test]
fn alone_on_the_web_there_is_nobody_else_to_read() {
    let mine = view(Retention::Accumulate);
    let none = reading::matrix(&[ModelId(1)], &[vec![1.0]]);
    assert!(
        frequencies(&mine, none, false, true, 5)
            .iter()
            .all(|&share| share == 0.0)
    );
}
