//! Models of an actor, in memory or at rest.

use std::io;
use std::sync::Arc;

use ecosystem::live::{AnyMembers, StateError};

use super::resting::{Place, Store};

/// Models of an actor.
#[derive(Debug)]
pub(crate) struct Lodgers {
    pub(crate) members: AnyMembers,
    /// Where they rest, if they are not in memory.
    place: Option<Place>,
}

/// Why models could not be moved from memory to disk or back.
#[derive(Debug, thiserror::Error)]
enum MoveError {
    #[error(transparent)]
    Disk(#[from] io::Error),
    #[error(transparent)]
    State(#[from] StateError),
}

impl Lodgers {
    pub(crate) fn new(members: AnyMembers) -> Self {
        Self {
            members,
            place: None,
        }
    }

    /// True if they are not in memory.
    pub(crate) fn rest(&self) -> bool {
        self.place.is_some()
    }

    /// Puts them away; gives how many they are. What cannot be put away stays in memory, and what rests already is left alone: these are none.
    pub(crate) fn put_away(&mut self, store: &Arc<Store>) -> u32 {
        if self.rest() {
            return 0;
        }
        match self.write(store) {
            Ok(place) => {
                self.place = Some(place);
                self.members.count()
            }
            Err(error) => {
                let model = self.members.first();
                store.tell_once(|| tracing::warn!(model, %error, "models cannot be put away and stay in memory"));
                0
            }
        }
    }

    fn write(&mut self, store: &Arc<Store>) -> Result<Place, MoveError> {
        let bytes = self.members.put_away()?;
        match store.put(&bytes) {
            Ok(place) => Ok(place),
            Err(error) => {
                self.members.bring_back(&bytes)?;
                Err(error.into())
            }
        }
    }

    /// Sees to it that they are in memory; gives how many had to be brought back, and `None` if they cannot be.
    pub(crate) fn bring_back(&mut self) -> Option<u32> {
        let Some(place) = &self.place else {
            return Some(0);
        };
        let bytes = place.read().map_err(MoveError::from);
        let back = bytes.and_then(|bytes| Ok(self.members.bring_back(&bytes)?));
        if let Err(error) = back {
            let model = self.members.first();
            tracing::warn!(model, %error, "a model cannot be brought back");
            return None;
        }
        self.place = None;
        Some(self.members.count())
    }
}
