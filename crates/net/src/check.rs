//! What a node may say: whatever else it says, it is given up for, and nobody else is harmed.

use crate::wire::{Saved, WindowDone, WireError};

/// Length of a hash, bytes.
const HASH: usize = 32;

/// Looks at what a host of `shards` says of a window.
pub(crate) fn done(done: &WindowDone, shards: &[u32]) -> Result<(), WireError> {
    if done.next_window.is_some_and(|next| next <= done.window) {
        return Err(WireError("the next window is not later than this one"));
    }
    let mut last = None;
    for report in &done.reports {
        if last >= Some(report.shard) {
            return Err(WireError(
                "shards are not reported in their order, each once",
            ));
        }
        last = Some(report.shard);
        if shards.binary_search(&report.shard).is_err() {
            return Err(WireError("a shard is reported that is hosted elsewhere"));
        }
        if let Some(published) = &report.published
            && (published.hash.len() != HASH || published.position == 0)
        {
            return Err(WireError("a batch has no hash or no position"));
        }
    }
    Ok(())
}

/// Looks at what a host of `shards` says it has saved.
pub(crate) fn saved(saved: &Saved, shards: &[u32]) -> Result<(), WireError> {
    if !saved.problem.is_empty() {
        return Ok(());
    }
    if saved.states.len() != shards.len() {
        return Err(WireError("there are more or fewer states than shards"));
    }
    if saved.states.iter().any(|blob| blob.hash.len() != HASH) {
        return Err(WireError("a state has no hash"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use prost::bytes::Bytes;

    use super::*;
    use crate::wire::{Blob, Published, ShardReport};

    fn said(shards: &[u32]) -> WindowDone {
        let report = |shard: &u32| ShardReport {
            shard: *shard,
            ..ShardReport::default()
        };
        WindowDone {
            window: 7,
            next_window: Some(8),
            reports: shards.iter().map(report).collect(),
            ..WindowDone::default()
        }
    }

    #[test]
    fn reports_are_of_hosted_shards_in_order_each_once() {
        let hosted = [3, 4, 5];
        for fine in [&[][..], &[3], &[3, 5], &[3, 4, 5]] {
            assert_eq!(done(&said(fine), &hosted), Ok(()));
        }
        for wrong in [&[2][..], &[6], &[4, 3], &[3, 3], &[u32::MAX]] {
            assert!(done(&said(wrong), &hosted).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn time_goes_on() {
        for next in [0, 6, 7] {
            let stuck = WindowDone {
                next_window: Some(next),
                ..said(&[])
            };
            assert!(done(&stuck, &[]).is_err(), "{next}");
        }
    }

    #[test]
    fn batches_have_a_hash_and_a_position() {
        let with = |length: usize, position: u64| {
            let mut done = said(&[3]);
            let hash = Bytes::from(vec![0; length]);
            done.reports[0].published = Some(Published { hash, position });
            done
        };
        assert_eq!(done(&with(32, 1), &[3]), Ok(()));
        assert!(done(&with(32, 0), &[3]).is_err() && done(&with(31, 1), &[3]).is_err());
    }

    #[test]
    fn there_is_one_hashed_state_a_shard() {
        let two = |length: usize| Saved {
            states: vec![
                Blob {
                    name: String::new(),
                    hash: Bytes::from(vec![0; length])
                };
                2
            ],
            ..Saved::default()
        };
        assert!(saved(&two(32), &[1, 2]).is_ok());
        assert!(saved(&two(32), &[1]).is_err() && saved(&two(32), &[1, 2, 3]).is_err());
        assert!(saved(&two(31), &[1, 2]).is_err());
        let failed = Saved {
            problem: "no room".to_owned(),
            ..Saved::default()
        };
        assert!(saved(&failed, &[1, 2]).is_ok());
    }
}
