use types::document::{Lineage, ModelId, Publication};
use types::time::VirtualTime;

use super::*;
use crate::storage::MemoryStorage;

fn publication(time: u64, author: u32, documents: u32) -> Publication {
    Publication {
        author: Some(ModelId(author)),
        models: 1,
        generation: 1,
        time: VirtualTime(time),
        lineage: Lineage::REAL,
        documents,
        site: None,
    }
}

fn batch(entries: &[(u64, u32, &[&str])]) -> Batch {
    let publications = entries
        .iter()
        .map(|e| publication(e.0, e.1, e.2.len() as u32))
        .collect();
    Batch {
        publications,
        content: Content::from_texts(entries.iter().flat_map(|e| e.2.iter())),
    }
}

fn config(memory_bytes_max: u64) -> LogConfig {
    LogConfig {
        kind: ContentKind::Text,
        memory_bytes_max,
        keep_all: false,
        prefix: "log-".into(),
    }
}

fn texts(log: &Log) -> Vec<String> {
    let mut all = Vec::new();
    for number in log.segment_numbers() {
        let content = log.content(number).unwrap();
        all.extend(
            (0..content.len()).map(|i| String::from_utf8(content.text(i).to_vec()).unwrap()),
        );
    }
    all
}

#[test]
fn batches_are_merged_in_key_order_whatever_their_own_order() {
    let mut log = Log::new(config(u64::MAX), Arc::new(MemoryStorage::default()));
    log.append(vec![
        batch(&[(1, 2, &["c"]), (3, 2, &["f", "g"])]),
        batch(&[(1, 0, &["a", "b"]), (2, 1, &["d"])]),
    ])
    .unwrap();
    log.append(vec![batch(&[]), batch(&[(9, 0, &["h"])])])
        .unwrap();
    assert_eq!(texts(&log), ["a", "b", "c", "d", "f", "g", "h"]);
    assert_eq!((log.published(), log.segment_numbers()), (7, 0..2));
}

#[test]
fn spilled_and_resident_logs_read_alike() {
    let logs = [0, u64::MAX].map(|budget| {
        let mut log = Log::new(config(budget), Arc::new(MemoryStorage::default()));
        for time in 0..5 {
            log.append(vec![batch(&[
                (time, 0, &["old", "words"]),
                (time, 1, &["more"]),
            ])])
            .unwrap();
        }
        log
    });
    assert_eq!(
        logs[0].blobs().count(),
        4,
        "all but the newest segment were spilled"
    );
    assert_eq!(logs[1].blobs().count(), 0);
    assert_eq!(texts(&logs[0]), texts(&logs[1]));
}

#[test]
fn a_saved_log_opens_with_the_same_content() {
    let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::default());
    let mut log = Log::new(config(u64::MAX), Arc::clone(&storage));
    for time in 0..4 {
        log.append(vec![batch(&[(time, 0, &["x", "yy"])])]).unwrap();
    }
    log.drop_before(1);
    let state = log.save().unwrap();
    let again = Log::restore(config(3), storage, state).unwrap();
    assert_eq!(
        (texts(&log), log.segment_numbers(), log.published()),
        (texts(&again), again.segment_numbers(), 8)
    );
}

#[test]
fn a_flipped_bit_is_noticed() {
    let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::default());
    let mut log = Log::new(config(0), Arc::clone(&storage));
    for time in 0..2 {
        log.append(vec![batch(&[(time, 0, &["truth"])])]).unwrap();
    }
    let name = log.blobs().next().unwrap().to_owned();
    let mut bytes = storage.read(&name).unwrap();
    bytes[3] ^= 1;
    storage.write(&name, &bytes).unwrap();
    assert!(matches!(log.content(0), Err(LogError::Corrupt { .. })));
    storage.remove(&name).unwrap();
    assert!(matches!(log.content(0), Err(LogError::Storage { .. })));
}

#[test]
fn an_exported_log_can_be_opened_where_only_the_far_storage_is() {
    let (near, far) = (
        Arc::new(MemoryStorage::default()),
        Arc::new(MemoryStorage::default()),
    );
    let mut log = Log::new(config(0), Arc::clone(&near) as Arc<dyn Storage>);
    log.append(vec![batch(&[(1, 0, &["spilled"])])]).unwrap();
    log.append(vec![batch(&[(2, 0, &["resident"])])]).unwrap();
    assert_eq!(near.list("").unwrap().len(), 1, "the older one was spilled");
    let state = log.export(&*far).unwrap();
    let names: Vec<&str> = state.blobs().collect();
    assert_eq!(far.list("").unwrap(), names);
    let again = Log::restore(config(u64::MAX), far, state.clone()).unwrap();
    assert_eq!(texts(&again), ["spilled", "resident"]);
    assert_eq!(
        log.export(&MemoryStorage::default()).unwrap(),
        state,
        "nothing is written twice"
    );
}

#[test]
fn batches_from_elsewhere_leave_no_memory_behind() {
    let mut log = Log::new(config(u64::MAX), Arc::new(MemoryStorage::default()));
    for time in 0..10 {
        drop((log.blank(), log.blank()));
        let entries: [(u64, u32, &[&str]); 1] = [(time, 0, &["a"])];
        log.append((0..5).map(|_| batch(&entries)).collect())
            .unwrap();
    }
    let kept = log.blanks.get_mut().unwrap().batches.len();
    assert!((1..=2).contains(&kept), "{kept}");
}
