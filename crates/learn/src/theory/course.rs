//! A system whose state is what is pooled, on its way through the generations.

use super::TheoryError;
use super::limit::stationary;
use super::memory::Memory;
use super::pooled::{Belief, Setting, Step};
use super::snapshot::Snapshot;
use super::spectrum::{LongRun, eigenvalues, retained};
use super::system::{Start, System};

/// A system, the matrices of its newest update, and what its readers have pooled.
#[derive(Debug)]
pub(super) struct Course<'a> {
    pub(super) setting: Setting<'a>,
    pub(super) step: Step,
    memory: Memory,
    generation: usize,
}

impl<'a> Course<'a> {
    /// After the first training.
    pub(super) fn new(system: &'a System) -> Self {
        let setting = Setting::new(system);
        Self {
            step: setting.step(system.first_gains()),
            memory: Memory::new(&setting),
            generation: 0,
            setting,
        }
    }

    /// The next generation.
    pub(super) fn advance(&mut self) {
        let system = self.setting.system;
        self.memory.advance(&self.setting, &self.step);
        self.generation += 1;
        if self.generation == 1 || !system.is_constant() {
            let alpha = system.alpha_at(self.generation);
            let gains = system.gains(alpha, &self.setting.pooled_grams, Start::Scratch);
            self.step = self.setting.step(gains);
        }
    }

    /// What readers know now.
    pub(super) fn belief(&self) -> Belief {
        self.memory.belief(&self.setting)
    }

    /// Moments of theta now.
    pub(super) fn snapshot(&self) -> Snapshot {
        self.setting.snapshot(&self.step, &self.belief())
    }

    /// The long run if every update is like the newest.
    pub(super) fn long_run(&self) -> Result<LongRun, TheoryError> {
        let system = self.setting.system;
        let known = eigenvalues(&self.step.feedback).ok_or(TheoryError::Eigenvalues)?;
        Ok(LongRun {
            others: known.len() < system.models() * system.dimension,
            factor: retained(&known, system.retention),
            eigenvalues: known,
        })
    }

    /// What readers know in the end, if the mean converges and this program has a solution.
    pub(super) fn end(&self, run: &LongRun) -> Option<Belief> {
        run.converges()
            .then(|| stationary(&self.setting, &self.step))
            .flatten()
    }
}
