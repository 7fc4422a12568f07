//! Where models rest: a file a thread, in which the room of what was fetched is used again.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Once, PoisonError};

use blake3::Hash;

/// No room is smaller than 2^6 bytes.
const ROOM_BITS_MIN: u32 = 6;

/// A file of rooms of 2^k bytes, which is removed with this value. It never has more rooms of a size than were taken at once, so it is at most four
/// times as long as if all models that rest were as large as the largest has been.
#[derive(Debug)]
pub(crate) struct Store {
    file: File,
    path: PathBuf,
    rooms: Mutex<Rooms>,
    told: Once,
    /// Removed after the last file in it.
    _folder: Arc<Folder>,
}

#[derive(Debug, Default)]
struct Rooms {
    /// By size, where those begin that nothing is in.
    free: BTreeMap<u32, Vec<u64>>,
    /// Where the next one will begin if none is free.
    end: u64,
}

/// Bytes in a store. Their room is free again when this value is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    store: Arc<Store>,
    at: u64,
    bytes: usize,
    hash: Hash,
}

/// A folder that is removed with this value.
#[derive(Debug)]
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir(&self.0) {
            tracing::debug!(folder = %self.0.display(), %error, "a folder cannot be removed");
        }
    }
}

impl Store {
    /// So many stores in a folder, which is made if there is none.
    ///
    /// # Errors
    /// If a file cannot be made.
    pub(crate) fn open(folder: &Path, count: usize) -> io::Result<Vec<Arc<Self>>> {
        fs::create_dir_all(folder)?;
        let whole = Arc::new(Folder(folder.to_owned()));
        let store = |number| {
            let path = folder.join(format!("arbiter-{number}"));
            let mut options = File::options();
            options.read(true).write(true).create(true).truncate(true);
            Ok(Arc::new(Self {
                file: options.open(&path)?,
                path,
                rooms: Mutex::default(),
                told: Once::new(),
                _folder: Arc::clone(&whole),
            }))
        };
        (0..count).map(store).collect()
    }

    /// Puts bytes into the file.
    ///
    /// # Errors
    /// If they cannot be written.
    pub(crate) fn put(self: &Arc<Self>, bytes: &[u8]) -> io::Result<Place> {
        let place = Place {
            at: self.rooms(|rooms| rooms.take(room_bits(bytes.len()))),
            bytes: bytes.len(),
            hash: blake3::hash(bytes),
            store: Arc::clone(self),
        };
        self.file.write_all_at(bytes, place.at)?;
        Ok(place)
    }

    /// Tells that something is wrong with this store, unless that was told already.
    pub(crate) fn tell_once(&self, tell: impl FnOnce()) {
        self.told.call_once(tell);
    }

    fn rooms<T>(&self, act: impl FnOnce(&mut Rooms) -> T) -> T {
        act(&mut self.rooms.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::debug!(file = %self.path.display(), %error, "a file cannot be removed");
        }
    }
}

impl Rooms {
    /// Where a room of that size begins.
    fn take(&mut self, bits: u32) -> u64 {
        if let Some(at) = self.free.get_mut(&bits).and_then(Vec::pop) {
            return at;
        }
        let at = self.end;
        self.end += 1 << bits;
        at
    }
}

/// The size of a room for so many bytes, as a power of two.
fn room_bits(bytes: usize) -> u32 {
    let bits = bytes.next_power_of_two().trailing_zeros();
    bits.max(ROOM_BITS_MIN)
}

impl Place {
    /// The bytes that were put there.
    ///
    /// # Errors
    /// If they cannot be read, or are others.
    pub(crate) fn read(&self) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; self.bytes];
        self.store.file.read_exact_at(&mut bytes, self.at)?;
        if blake3::hash(&bytes) == self.hash {
            Ok(bytes)
        } else {
            let message = "what was read is not what was written";
            Err(io::Error::new(io::ErrorKind::InvalidData, message))
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let bits = room_bits(self.bytes);
        self.store.rooms(|rooms| {
            rooms.free.entry(bits).or_default().push(self.at);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_comes_back_and_rooms_are_used_again() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("resting");
        let store = Store::open(&folder, 1).unwrap().remove(0);
        let text = |round: usize, number: usize| vec![(7 * round + number) as u8; 10 + 30 * number];
        for round in 0..50 {
            let places: Vec<Place> = (0..20)
                .map(|number| store.put(&text(round, number)).unwrap())
                .collect();
            for (number, place) in places.iter().enumerate().rev() {
                assert_eq!(place.read().unwrap(), text(round, number));
            }
        }
        // 2 rooms of 64 bytes, 2 of 128, 5 of 256, 8 of 512 and 3 of 1,024.
        let rooms = 2 * 64 + 2 * 128 + 5 * 256 + 8 * 512 + 3 * 1024;
        assert_eq!(store.rooms(|rooms| rooms.end), rooms);
        assert!(store.put(&[]).unwrap().read().unwrap().is_empty());
        drop(store);
        assert!(!folder.exists());
    }

    #[test]
    fn what_cannot_be_written_or_read_is_an_error_and_takes_no_room() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("resting");
        let store = Store::open(&folder, 1).unwrap().remove(0);
        let place = store.put(&[1; 100]).unwrap();
        store.file.write_all_at(&[2], place.at + 60).unwrap();
        let error = place.read().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        store.file.set_len(50).unwrap();
        assert!(place.read().is_err());
        let path = root.path().join("read-only");
        fs::write(&path, []).unwrap();
        let store = Store {
            file: File::open(&path).unwrap(),
            path,
            rooms: Mutex::default(),
            told: Once::new(),
            _folder: Arc::new(Folder(root.path().join("none"))),
        };
        let store = Arc::new(store);
        assert!(store.put(&[1; 100]).is_err());
        assert!(store.put(&[1; 100]).is_err());
        assert_eq!(store.rooms(|rooms| rooms.end), 128);
    }
}
