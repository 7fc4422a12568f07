use std::sync::Arc;

use proptest::prelude::*;
use types::content::{Content, ContentKind};
use types::document::{Lineage, ModelId, Sequence};

use super::*;
use crate::batch::Batch;
use crate::log::LogConfig;
use crate::storage::MemoryStorage;

const MODELS: u32 = 4;

fn publication(time: u64, author: u32) -> (Publication, String) {
    let publication = Publication {
        author: (author < MODELS).then_some(ModelId(author)),
        models: 1,
        generation: 1,
        time: VirtualTime(time),
        lineage: Lineage {
            depth: author as f32,
            real_share: 0.5,
        },
        documents: 1,
        site: None,
    };
    (publication, format!("{author}@{time}"))
}

fn batch(entries: &[(u64, u32)]) -> Batch {
    let entries: Vec<_> = entries
        .iter()
        .map(|&(time, author)| publication(time, author))
        .collect();
    Batch {
        content: Content::from_texts(entries.iter().map(|entry| &entry.1)),
        publications: entries.into_iter().map(|entry| entry.0).collect(),
    }
}

fn config(retention: Retention, regime: Retention) -> IndexConfig {
    let views = vec![ViewSpec {
        regime,
        with_authors: true,
        archive: None,
    }];
    IndexConfig {
        retention,
        lag: VirtualDuration(10),
        generation: VirtualDuration(10),
        views,
        place: None,
    }
}

/// Publishes window after window, refreshing after some of them, and tells what can be read at the end.
fn fold(
    config: &IndexConfig,
    windows: &[&[(u64, u32)]],
    refresh_every: usize,
) -> Vec<(String, u64)> {
    let log_config = LogConfig {
        kind: ContentKind::Text,
        memory_bytes_max: 0,
        keep_all: false,
        prefix: String::new(),
    };
    let mut log = Log::new(log_config, Arc::new(MemoryStorage::default()));
    let mut index = Index::new(config.clone(), MODELS as usize);
    for (number, window) in windows.iter().enumerate() {
        log.append(window.iter().map(|&entry| batch(&[entry])).collect())
            .unwrap();
        if number % refresh_every == 0 {
            let last = window.last().map_or(0, |entry| entry.0);
            index.refresh(&mut log, VirtualTime(last + 1)).unwrap();
        }
    }
    index.refresh(&mut log, VirtualTime(100)).unwrap();
    let view = index.view(0);
    let mut content = Content::empty(ContentKind::Text);
    let positions: Vec<u32> = (0..view.len()).collect();
    view.fetch(&log, &positions, &mut content).unwrap();
    let text = |position: u32| String::from_utf8(content.text(position as usize).to_vec()).unwrap();
    positions
        .iter()
        .map(|&position| (text(position), view.weight(position).to_bits()))
        .collect()
}

fn check(retention: Retention, regime: Retention, expected: &[(&str, f64)]) {
    let windows: [&[(u64, u32)]; 4] = [
        &[(5, 9), (6, 0), (7, 1)],
        &[(61, 0), (62, 2)],
        &[(75, 1)],
        &[(95, 3)],
    ];
    let seen = fold(&config(retention, regime), &windows, 1);
    let expected: Vec<_> = expected
        .iter()
        .map(|&(text, weight)| (text.to_owned(), weight.to_bits()))
        .collect();
    assert_eq!(seen, expected);
}

#[test]
fn retention_and_regime_say_what_is_visible() {
    use Retention::{Accumulate, Discount, Replace, Window};
    let all = [
        ("9@5", 1.0),
        ("0@6", 1.0),
        ("1@7", 1.0),
        ("0@61", 1.0),
        ("2@62", 1.0),
        ("1@75", 1.0),
    ];
    check(Accumulate, Accumulate, &all);
    check(
        Replace,
        Accumulate,
        &[("9@5", 1.0), ("0@61", 1.0), ("2@62", 1.0), ("1@75", 1.0)],
    );
    check(
        Accumulate,
        Window { generations: 2 },
        &[("0@61", 1.0), ("2@62", 1.0), ("1@75", 1.0)],
    );
    check(Window { generations: 1 }, Replace, &[("1@75", 1.0)]);
    let half = Discount { factor: 0.5 };
    check(
        Replace,
        half,
        &[
            ("9@5", 0.5_f64.powi(7)),
            ("0@61", 0.5),
            ("2@62", 0.5),
            ("1@75", 1.0),
        ],
    );
}

proptest! {
    /// The index is a fold of the log: how publications are cut into windows, and how often the index was refreshed in
    /// between, changes nothing.
    #[test]
    fn any_cut_gives_the_same_view(
        mut entries in prop::collection::vec((0_u64..90, 0_u32..6), 1..40),
        cuts in prop::collection::vec(any::<bool>(), 40),
        refresh_every in 1_usize..5,
        rule in 0_usize..4,
    ) {
        entries.sort_unstable();
        entries.dedup();
        let rules = [
            Retention::Replace,
            Retention::Accumulate,
            Retention::Window { generations: 3 },
            Retention::Discount { factor: 0.7 },
        ];
        let config = config(rules[rule], Retention::Accumulate);
        // A window never ends between two publications of one instant: they would be in one window of the engine.
        let may_cut = |i: usize| cuts[i] && (i + 1 == entries.len() || entries[i + 1].0 > entries[i].0);
        let mut windows = Vec::new();
        let mut start = 0;
        for i in 0..entries.len() {
            if may_cut(i) || i + 1 == entries.len() {
                windows.push(&entries[start..=i]);
                start = i + 1;
            }
        }
        prop_assert_eq!(fold(&config, &[&entries], 1), fold(&config, &windows, refresh_every));
    }
}

#[test]
fn what_nobody_can_read_again_is_dropped() {
    let log_config = LogConfig {
        kind: ContentKind::Text,
        memory_bytes_max: 0,
        keep_all: false,
        prefix: String::new(),
    };
    let mut log = Log::new(log_config, Arc::new(MemoryStorage::default()));
    let mut index = Index::new(
        config(Retention::Replace, Retention::Accumulate),
        MODELS as usize,
    );
    for generation in 1..=5 {
        let entries: Vec<_> = (0..MODELS)
            .map(|author| (generation * 10, author))
            .collect();
        log.append(vec![batch(&entries)]).unwrap();
        index
            .refresh(&mut log, VirtualTime(generation * 10 + 10))
            .unwrap();
    }
    assert_eq!(log.segment_numbers(), 4..5);
    assert_eq!(log.segment(4).first, Sequence(16));
    assert_eq!(index.view(0).len(), MODELS);
}

/// Of three authors, one has published after 5 and one after 15, what can be read of them being at 3, 12 and 20.
#[test]
fn what_is_newer_than_a_visit_is_counted() {
    let log_config = LogConfig {
        kind: ContentKind::Text,
        memory_bytes_max: 0,
        keep_all: false,
        prefix: String::new(),
    };
    let mut log = Log::new(log_config, Arc::new(MemoryStorage::default()));
    let mut index = Index::new(
        config(Retention::Replace, Retention::Replace),
        MODELS as usize,
    );
    assert_eq!(index.view(0).share_after(&log, VirtualTime(0)), None);
    log.append(vec![batch(&[(1, 0), (1, 1), (3, 2), (12, 1), (20, 0)])])
        .unwrap();
    index.refresh(&mut log, VirtualTime(30)).unwrap();
    assert_eq!(index.now(), VirtualTime(20));
    let after = |time| index.view(0).share_after(&log, VirtualTime(time));
    assert_eq!(after(2), Some(1.0));
    assert_eq!(after(3), Some(2.0 / 3.0));
    assert_eq!(after(15), Some(1.0 / 3.0));
    assert_eq!(after(20), Some(0.0));
}
