//! The web of a live population.

use types::content::ContentKind;
use types::time::{VirtualDuration, VirtualTime};
use web::{Appeared, Batch, LogError};

use crate::build::Blueprint;
use crate::host::{Keeping, blank_world, web_seed};
use crate::world::World;

/// What was published live, and what can be read of it.
#[derive(Debug)]
pub struct LiveWeb {
    world: World,
    /// From being published to being readable.
    lag: VirtualDuration,
    /// Documents that were ever readable.
    visible: u64,
}

impl LiveWeb {
    pub(crate) fn new(blueprint: &Blueprint<'_>, keeping: &Keeping) -> Result<Self, LogError> {
        let mut world = blank_world(blueprint, (0, keeping), true);
        if let Some(batch) = web_seed(blueprint) {
            world.publish(vec![batch])?;
        }
        world.watch();
        Ok(Self {
            world,
            lag: blueprint.duration(blueprint.scenario.web.index_lag),
            visible: 0,
        })
    }

    pub(crate) fn world(&self) -> &World {
        &self.world
    }

    /// An empty batch to publish in.
    pub fn blank(&self) -> Batch {
        self.world.log().blank()
    }

    /// Takes in what was published, and makes readable what was published at least the scenario's lag before `now`; what became
    /// readable is put at the end of `appeared`.
    ///
    /// # Errors
    /// If the log failed. The web must not be used then.
    pub fn refresh(
        &mut self,
        batches: Vec<Batch>,
        now: VirtualTime,
        appeared: &mut Vec<Appeared>,
    ) -> Result<(), LogError> {
        let log = self.world.log_mut();
        log.stage(batches);
        log.seal()?;
        self.world.refresh(now)?;
        let before = appeared.len();
        self.world.appeared(appeared);
        let documents = |item: &Appeared| u64::from(item.documents);
        self.visible += appeared[before..].iter().map(documents).sum::<u64>();
        Ok(())
    }

    /// The web as it is now, for models to read while this one is refreshed.
    #[must_use]
    pub fn snapshot(&self) -> Self {
        Self {
            world: self.world.snapshot(),
            lag: self.lag,
            visible: self.visible,
        }
    }

    /// From being published to being readable.
    pub fn lag(&self) -> VirtualDuration {
        self.lag
    }

    /// What documents are made of.
    pub fn kind(&self) -> ContentKind {
        self.world.log().kind()
    }

    /// Documents that were ever taken in.
    pub fn published(&self) -> u64 {
        self.world.log().published()
    }

    /// Documents that were ever readable.
    pub fn visible(&self) -> u64 {
        self.visible
    }
}
