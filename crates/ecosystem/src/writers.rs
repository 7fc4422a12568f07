//! People: they publish real documents on the hosts of one kind.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sim::{Actor, Agenda, Event};
use types::content::{Content, ContentKind};
use types::document::{Lineage, Publication};
use types::random::{Stream, StreamKey};
use types::time::{VirtualDuration, VirtualTime};
use web::LogError;

use crate::data::Source;
use crate::homes::Hosts;
use crate::outbox::Outbox;
use crate::shard::{ShardActor, Signal};
use crate::world::World;

/// The people of one kind of hosts: an actor beside the shards of models. One document each time, at random times.
#[derive(Debug)]
pub(crate) struct Writers {
    /// Number of the shard, counted over all populations and kinds.
    pub(crate) number: u32,
    /// Position of the kind of hosts.
    pub(crate) class: u32,
    /// Mean waiting time in days.
    pub(crate) every: f64,
    pub(crate) hosts: Hosts,
    pub(crate) source: Arc<Source>,
    pub(crate) kind: ContentKind,
    pub(crate) key: StreamKey,
    pub(crate) state: State,
    /// Documents drawn ahead, and which block of them it is.
    pub(crate) ahead: Option<(u32, Content)>,
}

/// What has to be saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct State {
    /// Documents so far.
    written: u32,
}

/// Documents that are drawn at once.
const BLOCK: u32 = 256;

/// Marks the events of blocks among those of single documents.
const BLOCKS: u32 = 1 << 31;

impl Writers {
    fn stream(&self) -> Stream {
        self.key.stream(self.class, self.state.written)
    }

    /// Until the next document.
    fn waiting_time(&self, rng: &mut Stream) -> VirtualDuration {
        VirtualDuration(
            VirtualDuration::from_days(rng.exponential(self.every))
                .0
                .max(1),
        )
    }

    /// Appends the next document.
    fn write(&mut self, out: &mut Content) {
        let (block, index) = (self.state.written / BLOCK, self.state.written % BLOCK);
        let ahead = match self.ahead.take() {
            Some(ahead) if ahead.0 == block => ahead,
            _ => (block, self.block(block)),
        };
        out.gather(&ahead.1, &[index]);
        self.ahead = Some(ahead);
    }

    fn block(&self, number: u32) -> Content {
        let mut rng = self.key.stream(self.class, BLOCKS | number);
        let Some(given) = &self.source.given else {
            return self
                .source
                .truth
                .sample((self.kind, None), BLOCK as usize, &mut rng);
        };
        let mut positions = vec![0; BLOCK as usize];
        rng.fill_below(given.len() as u32, &mut positions);
        let mut content = Content::empty(self.kind);
        content.gather(given, &positions);
        content
    }
}

impl Actor<World> for Writers {
    type Signal = Signal;

    fn handle(
        &mut self,
        event: Event<Signal>,
        world: &World,
        outbox: &mut Outbox,
        agenda: &mut Agenda<Signal>,
    ) -> Result<(), LogError> {
        outbox.shard = self.number;
        let mut rng = self.stream();
        let batch = outbox.batch.get_or_insert_with(|| world.log().blank());
        self.write(&mut batch.content);
        batch.publish(Publication {
            author: None,
            models: 1,
            generation: 0,
            time: event.time,
            lineage: Lineage::REAL,
            documents: 1,
            site: Some(self.hosts.draw(&mut rng)),
        });
        self.state.written += 1;
        agenda.push(event.time + self.waiting_time(&mut rng), event.signal);
        Ok(())
    }
}

impl ShardActor for Writers {
    fn save(&self) -> Result<Vec<u8>, postcard::Error> {
        postcard::to_stdvec(&self.state)
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<(), postcard::Error> {
        self.state = postcard::from_bytes(bytes)?;
        Ok(())
    }

    fn first_events(&self) -> Vec<(VirtualTime, Signal)> {
        let mut rng = self.key.stream(self.class, u32::MAX);
        vec![(
            VirtualTime::START + self.waiting_time(&mut rng),
            Signal::Tick(0),
        )]
    }
}
