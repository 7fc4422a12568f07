//! Runs a scenario to its end: waves of replicates, parts of the metric table, checkpoints, the run folder.

mod checkpoint;
mod documents;
mod manifest;
mod progress;
mod replicate;
mod stop;
mod wave;

use std::collections::BTreeSet;
use std::time::Duration;

use net::{SEGMENTS, SHARDS, Store, temporary};
use types::metric::Row;

use self::checkpoint::RunState;
pub use self::checkpoint::any as any_checkpoint;
pub(crate) use self::checkpoint::{log as checkpointed_log, newest_number as newest_checkpoint};
use self::documents::Keeper;
pub use self::manifest::Manifest;
pub(crate) use self::manifest::seconds;
use self::progress::Meter;
pub(crate) use self::progress::bar as progress_bar;
pub use self::progress::compact;
use self::replicate::Replicate;
pub use self::stop::Stop;
pub use self::wave::Ingredients;
use self::wave::{Round, Slot};
use web::Storage;

use crate::cluster;
use crate::failure::{Context, Failure};
use crate::folder::{CHECKPOINTS, Folder, PARTS};
use crate::measure::{Stopwatch, cpu_time};

/// How to run, apart from what.
#[derive(Debug, Clone)]
pub struct Options {
    /// Worker threads.
    pub threads: usize,
    /// Writes a checkpoint after so many windows; by default after some seconds.
    pub checkpoint_every: Option<u64>,
    /// No progress bar.
    pub quiet: bool,
    /// Writes every document to the run folder.
    pub keep_documents: bool,
    /// Processes that take part.
    pub nodes: u32,
    /// Hash of the files that the scenario names.
    pub data_hash: String,
    /// The checkpoint store, if it is not in the run folder.
    pub checkpoints: Option<String>,
}

/// What a run has come to.
#[derive(Debug)]
pub struct Outcome {
    /// The manifest as written.
    pub manifest: Manifest,
    /// All rows.
    pub rows: Vec<Row>,
}

/// Seconds between checkpoints where the user asked for nothing else.
const CHECKPOINT_SECONDS: u64 = 20;
/// Rows of a lone replicate that are kept before they become a part.
const PART_ROWS: usize = 500_000;

/// A run on its way.
struct Driver<'a> {
    folder: &'a Folder,
    ingredients: &'a Ingredients,
    options: &'a Options,
    stop: &'a Stop,
    scenario_hash: [u8; 32],
    state: Totals,
    keeper: Option<Keeper>,
    checkpoint_number: u64,
    checkpointed: Stopwatch,
    /// Blobs that the newest checkpoint names, and the one before.
    blobs: [BTreeSet<String>; 2],
}

/// What is known of the replicates before the current wave.
#[derive(Debug, Default)]
struct Totals {
    digests: Vec<[u8; 32]>,
    parts: u32,
    windows: u64,
}

/// Runs from the beginning, or from the newest checkpoint if `resume`.
///
/// # Errors
/// If the run fails or is interrupted; a checkpoint is written first where possible.
pub fn run(
    folder: &Folder,
    ingredients: &Ingredients,
    options: &Options,
    stop: &Stop,
    resume: bool,
) -> Result<Outcome, Failure> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.threads)
        .build()
        .doing(format_args!("start {} threads", options.threads))?;
    pool.install(|| Driver::new(folder, ingredients, options, stop)?.run(resume))
}

impl<'a> Driver<'a> {
    fn new(
        folder: &'a Folder,
        ingredients: &'a Ingredients,
        options: &'a Options,
        stop: &'a Stop,
    ) -> Result<Self, Failure> {
        let resolved = ecosystem::scenario::resolved(&ingredients.scenario);
        let keeper = options
            .keep_documents
            .then(|| Keeper::new(folder, &ingredients.scenario))
            .transpose()?;
        Ok(Self {
            folder,
            ingredients,
            options,
            stop,
            scenario_hash: blake3::hash(resolved.as_bytes()).into(),
            state: Totals::default(),
            keeper,
            checkpoint_number: 0,
            checkpointed: Stopwatch::start(),
            blobs: [const { BTreeSet::new() }; 2],
        })
    }

    fn run(mut self, resume: bool) -> Result<Outcome, Failure> {
        let replicates = self.ingredients.scenario.replicates;
        let (mut wall, mut cpu) = (Duration::ZERO, Duration::ZERO);
        let mut slots = if resume { self.restore()? } else { Vec::new() };
        let already =
            self.state.digests.len() as f64 + slots.iter().map(Slot::progress).sum::<f64>();
        let meter = Meter::new(replicates, already, self.options.quiet);
        loop {
            if slots.is_empty() {
                slots = self.next_wave()?;
            }
            let begun = (Stopwatch::start(), cpu_time());
            let result = self.finish_wave(&mut slots, &meter);
            result.inspect_err(|_| meter.finish())?;
            wall += begun.0.elapsed();
            cpu += cpu_time().saturating_sub(begun.1);
            slots.clear();
            if self.state.digests.len() as u32 >= replicates {
                break;
            }
        }
        meter.finish();
        self.conclude((wall, cpu), meter.updates())
    }

    fn next_wave(&self) -> Result<Vec<Slot>, Failure> {
        let first = self.state.digests.len() as u32;
        // Nodes run one replicate at a time.
        let size = match self.ingredients.leader {
            Some(_) => 1,
            None => wave::wave_size(&self.ingredients.scenario, self.ingredients.models()),
        };
        let last = first + size;
        let replicates = first..last.min(self.ingredients.scenario.replicates);
        wave::build_all(self.ingredients, replicates)
    }

    /// Goes on where the newest checkpoint stands, and forgets parts that were written after it.
    fn restore(&mut self) -> Result<Vec<Slot>, Failure> {
        let (number, saved) = checkpoint::newest(&self.ingredients.store)?;
        if saved.scenario != self.scenario_hash {
            return Err(Failure::input(format_args!(
                "the checkpoints in {} are of another scenario",
                self.ingredients.store.url()
            )));
        }
        self.checkpoint_number = number;
        self.state = Totals {
            digests: saved.digests,
            parts: saved.parts,
            windows: saved.windows,
        };
        let storage = self.storage();
        for name in storage.list(&format!("{PARTS}/")).doing("list parts")? {
            if name >= part_name(self.state.parts) {
                storage.remove(&name).doing("remove a part")?;
            }
        }
        let first = self.state.digests.len() as u32;
        let slots = (first..).zip(saved.wave);
        let slots: Vec<Slot> = slots
            .map(|(replicate, slot)| Slot::restore(self.ingredients, replicate, slot))
            .collect::<Result<_, _>>()?;
        self.blobs[0] = slots.iter().flat_map(Slot::blobs).collect();
        Ok(slots)
    }

    fn storage(&self) -> &'a dyn Storage {
        &**self.ingredients.store.storage()
    }

    /// Runs the current wave to its end, round by round.
    fn finish_wave(&mut self, slots: &mut [Slot], meter: &Meter) -> Result<(), Failure> {
        let keeper = self.keeper.take();
        let finish = |replicate: &mut Replicate| match &keeper {
            Some(keeper) => replicate.with_log(|number, log| keeper.keep(number, log)),
            None => Ok(()),
        };
        let windows = self.options.checkpoint_every.unwrap_or(ROUND_WINDOWS);
        let round = Round {
            windows,
            stop: self.stop,
            meter,
        };
        while slots.iter().any(|slot| slot.digest().is_none()) {
            self.state.windows += wave::advance_all(slots, round, &finish)?;
            if let [only] = slots {
                self.flush(only)?;
            }
            if self.stop.asked() {
                let saved = self.checkpoint(slots)?;
                return Err(self.interrupted(saved));
            }
            let overdue = self.checkpointed.elapsed() >= Duration::from_secs(CHECKPOINT_SECONDS);
            if self.options.checkpoint_every.is_some() || overdue {
                self.checkpoint(slots)?;
            }
        }
        self.keeper = keeper;
        let rows: Vec<Row> = slots
            .iter_mut()
            .flat_map(|slot| std::mem::take(&mut slot.rows))
            .collect();
        self.write_part(&rows)?;
        self.state
            .digests
            .extend(slots.iter().filter_map(Slot::digest));
        Ok(())
    }

    fn interrupted(&self, saved: bool) -> Failure {
        let root = self.folder.root().display();
        let what = if saved {
            "a checkpoint is written"
        } else {
            "no checkpoint could be written, but there may be an older one"
        };
        Failure::run(format_args!(
            "interrupted; {what}, go on with: echosphere resume {root}"
        ))
    }

    /// Writes the rows of a lone replicate once there are many.
    fn flush(&mut self, slot: &mut Slot) -> Result<(), Failure> {
        if slot.rows.len() < PART_ROWS {
            return Ok(());
        }
        let rows = std::mem::take(&mut slot.rows);
        self.write_part(&rows)
    }

    fn write_part(&mut self, rows: &[Row]) -> Result<(), Failure> {
        if rows.is_empty() {
            return Ok(());
        }
        let bytes = report::parquet::metrics_part(rows).doing("encode metrics")?;
        let written = self.storage().write(&part_name(self.state.parts), &bytes);
        written.doing("write metrics")?;
        self.state.parts += 1;
        Ok(())
    }

    /// Writes a checkpoint. False if that is impossible now, and the run can go on all the same because nodes have not
    /// lost anything.
    fn checkpoint(&mut self, slots: &mut [Slot]) -> Result<bool, Failure> {
        let begun = Stopwatch::start();
        let written = self.try_checkpoint(slots)?;
        self.checkpointed = Stopwatch::start();
        if written {
            let needed = slots.iter().flat_map(Slot::blobs).collect();
            self.blobs = [needed, std::mem::take(&mut self.blobs[0])];
        }
        self.sweep(slots)?;
        if let Some(leader) = &self.ingredients.leader {
            if written {
                cluster::note_checkpoint(leader, self.checkpoint_number, begun.elapsed())?;
            } else {
                cluster::note_checkpoint_failed(leader, begun.elapsed());
            }
        }
        Ok(written)
    }

    fn try_checkpoint(&mut self, slots: &mut [Slot]) -> Result<bool, Failure> {
        let mut wave = Vec::with_capacity(slots.len());
        for slot in slots.iter_mut() {
            match slot.save()? {
                Some(saved) => wave.push(saved),
                None => return Ok(false),
            }
        }
        let state = RunState {
            scenario: self.scenario_hash,
            digests: self.state.digests.clone(),
            wave,
            parts: self.state.parts,
            windows: self.state.windows,
        };
        let number = self.checkpoint_number + 1;
        if let Err(failure) = checkpoint::write(self.storage(), number, &state) {
            if self.ingredients.leader.is_none() {
                return Err(failure);
            }
            tracing::warn!("{failure}: the run goes on");
            return Ok(false);
        }
        self.checkpoint_number = number;
        Ok(true)
    }

    /// Removes blobs that neither the newest checkpoint nor the one before it names, and that nodes do not go back to.
    fn sweep(&self, slots: &[Slot]) -> Result<(), Failure> {
        let needed: BTreeSet<String> = slots.iter().flat_map(Slot::blobs).collect();
        let storage = self.storage();
        for prefix in [SEGMENTS, SHARDS] {
            for name in storage.list(prefix).doing("list what checkpoints need")? {
                let named = self.blobs.iter().any(|blobs| blobs.contains(&name));
                if !named && !needed.contains(&name) {
                    storage
                        .remove(&name)
                        .doing("remove what no checkpoint needs")?;
                }
            }
        }
        Ok(())
    }

    /// Makes the table whole, notes what the run was, and removes what only a running run needs.
    fn conclude(self, (wall, cpu): (Duration, Duration), updates: u64) -> Result<Outcome, Failure> {
        let target = self.folder.path("metrics.parquet");
        let partial = temporary(&target);
        let file =
            std::fs::File::create(&partial).doing(format_args!("write {}", partial.display()))?;
        let parts = (0..self.state.parts).map(|part| self.storage().read(&part_name(part)));
        let merged = report::parquet::merge_metrics(parts, std::io::BufWriter::new(file));
        if let Err(error) = merged {
            drop(std::fs::remove_file(&partial));
            return Err(Failure::run(format_args!(
                "cannot write {}: {error}",
                target.display()
            )));
        }
        std::fs::rename(&partial, &target).doing(format_args!("write {}", target.display()))?;
        let manifest = Manifest::finished(
            &self.ingredients.scenario,
            self.options,
            &self.state.digests,
        )
        .costs(wall, cpu, (self.state.windows, updates));
        let bytes = self.folder.read("metrics.parquet")?;
        let rows = report::parquet::read_metrics(bytes).doing("read metrics.parquet back")?;
        Ok(Outcome { manifest, rows })
    }
}

/// Removes what only a run on its way needs.
///
/// # Errors
/// If it cannot be removed.
pub fn tidy_up(folder: &Folder, store: &Store) -> Result<(), Failure> {
    let storage = store.storage();
    for below in [PARTS, CHECKPOINTS] {
        for name in storage
            .list(&format!("{below}/"))
            .doing("list checkpoints")?
        {
            storage.remove(&name).doing("remove checkpoints")?;
        }
        // Where the store is the run folder, empty folders stay behind.
        folder.remove_folder(below)?;
    }
    Ok(())
}

/// A round ends after so many windows, unless the user says when checkpoints are written.
const ROUND_WINDOWS: u64 = 16;

fn part_name(part: u32) -> String {
    format!("{PARTS}/{part:06}.parquet")
}
