//! Pieces of work side by side, each on threads of its own.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::failure::{Context, Failure};

/// Does the pieces `0..count` in order, as many at a time as there are threads, and each on one thread; on more if there
/// are fewer pieces than threads. `work` says false if nobody should begin another piece.
///
/// Every worker has a pool of its own: in a common one, a thread that waits for shards of one piece would begin another
/// piece on top of it.
///
/// # Errors
/// The first error that any worker met; no worker begins another piece after it.
pub(super) fn work(
    count: usize,
    threads: usize,
    work: impl Fn(usize) -> Result<bool, Failure> + Sync,
) -> Result<(), Failure> {
    let workers = threads.min(count).max(1);
    let next = AtomicUsize::new(0);
    let failed: Mutex<Option<Failure>> = Mutex::new(None);
    let one = |pool: &rayon::ThreadPool| {
        pool.install(|| {
            loop {
                let piece = next.fetch_add(1, Ordering::Relaxed);
                if piece >= count {
                    return;
                }
                match work(piece) {
                    Ok(true) => {}
                    Ok(false) => next.store(count, Ordering::Relaxed),
                    Err(failure) => {
                        next.store(count, Ordering::Relaxed);
                        let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                        failed.get_or_insert(failure);
                    }
                }
            }
        });
    };
    let pools = (0..workers).map(|worker| {
        // The first ones take what cannot be shared evenly.
        let share = threads / workers + usize::from(worker < threads % workers);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(share.max(1));
        pool.build().doing("start threads")
    });
    let pools: Vec<rayon::ThreadPool> = pools.collect::<Result<_, _>>()?;
    std::thread::scope(|scope| {
        for pool in &pools {
            scope.spawn(|| one(pool));
        }
    });
    match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(failure) => Err(failure),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_piece_is_done_once_at_any_number_of_threads() {
        for threads in [1, 2, 7] {
            let done = Mutex::new(Vec::new());
            work(20, threads, |piece| {
                assert_eq!(rayon::current_num_threads(), 1);
                done.lock().unwrap().push(piece);
                Ok(true)
            })
            .unwrap();
            let done = done.into_inner().unwrap();
            assert_eq!(done.len(), 20);
            assert_eq!(done.into_iter().collect::<BTreeSet<_>>().len(), 20);
        }
    }

    #[test]
    fn few_pieces_share_all_threads() {
        let shares = Mutex::new(Vec::new());
        work(2, 5, |_| {
            shares.lock().unwrap().push(rayon::current_num_threads());
            Ok(true)
        })
        .unwrap();
        let shares = shares.into_inner().unwrap();
        assert!(
            shares.iter().all(|share| [2, 3].contains(share)),
            "{shares:?}"
        );
    }

    #[test]
    fn an_error_and_a_stop_end_the_work() {
        let count = AtomicUsize::new(0);
        let failure = work(100, 1, |piece| {
            count.fetch_add(1, Ordering::Relaxed);
            if piece == 3 {
                return Err(Failure::run("no room"));
            }
            Ok(true)
        });
        assert_eq!(failure, Err(Failure::run("no room")));
        work(100, 1, |piece| Ok(piece < 1)).unwrap();
        assert_eq!(count.load(Ordering::Relaxed), 4);
    }
}
