//! How a GGUF file is laid out: entries of metadata, a list of tensors, their bytes.

use std::collections::BTreeMap;

use crate::CheckpointError;

/// A file taken apart. Nothing is copied but what is small; lengths are those of what is there.
#[derive(Debug)]
pub(super) struct File<'a> {
    pub(super) values: BTreeMap<&'a str, Value<'a>>,
    pub(super) tensors: BTreeMap<&'a str, Entry>,
    data: &'a [u8],
}

/// An entry of the metadata.
#[derive(Debug)]
pub(super) enum Value<'a> {
    /// Of any width, signed or not; a truth is 0 or 1.
    Integer(i128),
    Float(f64),
    Text(&'a str),
    Texts(Vec<&'a str>),
    /// A list of integers of 32 bits.
    Integers(Vec<i64>),
    /// A list of other numbers: nothing here needs one.
    Other,
}

/// Where a tensor is.
#[derive(Debug)]
pub(super) struct Entry {
    /// Rows and columns, the columns last.
    pub(super) size: Vec<usize>,
    /// Number of the type of its numbers in GGML.
    pub(super) kind: u32,
    pub(super) offset: usize,
}

/// The error of a file that is no GGUF, or is damaged.
pub(super) fn damaged(reason: impl Into<String>) -> CheckpointError {
    CheckpointError::Format {
        format: "GGUF",
        reason: reason.into(),
    }
}

impl<'a> File<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, CheckpointError> {
        let mut reader = Reader { bytes, position: 0 };
        if reader.take(4)? != b"GGUF" {
            return Err(damaged("it does not begin with the letters GGUF"));
        }
        let version = u32::from_le_bytes(reader.array()?);
        if !(2..=3).contains(&version) {
            return Err(damaged(format!(
                "version {version}, only 2 and 3 can be read"
            )));
        }
        let (tensors, values) = (reader.length()?, reader.length()?);
        let values = reader.map(values, Reader::value)?;
        let tensors = reader.map(tensors, Reader::entry)?;
        let alignment = match values.get("general.alignment") {
            None => 32,
            Some(Value::Integer(alignment)) if (1..=1 << 20).contains(alignment) => {
                *alignment as usize
            }
            Some(other) => return Err(damaged(format!("alignment {other:?}"))),
        };
        let start = reader.position.next_multiple_of(alignment).min(bytes.len());
        Ok(Self {
            values,
            tensors,
            data: &bytes[start..],
        })
    }

    /// The bytes of a tensor; `None` if they are not all there.
    pub(super) fn data(&self, offset: usize, length: usize) -> Option<&'a [u8]> {
        self.data.get(offset..)?.get(..length)
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], CheckpointError> {
        let rest = &self.bytes[self.position..];
        let taken = rest.get(..length).ok_or_else(|| {
            damaged(format!(
                "{length} bytes should come at {}, {} are left",
                self.position,
                rest.len()
            ))
        })?;
        self.position += length;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], CheckpointError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    fn length(&mut self) -> Result<usize, CheckpointError> {
        let length = u64::from_le_bytes(self.array()?);
        usize::try_from(length).map_err(|_| damaged(format!("a length of {length}")))
    }

    fn text(&mut self) -> Result<&'a str, CheckpointError> {
        let length = self.length()?;
        let bytes = self.take(length)?;
        std::str::from_utf8(bytes).map_err(|error| damaged(error.to_string()))
    }

    /// Reads `count` names, each with what follows it.
    fn map<T>(
        &mut self,
        count: usize,
        read: fn(&mut Self) -> Result<T, CheckpointError>,
    ) -> Result<BTreeMap<&'a str, T>, CheckpointError> {
        let mut map = BTreeMap::new();
        for _ in 0..count {
            let name = self.text()?;
            if map.insert(name, read(self)?).is_some() {
                return Err(damaged(format!("{name:?} is there twice")));
            }
        }
        Ok(map)
    }

    fn entry(&mut self) -> Result<Entry, CheckpointError> {
        let dimensions = u32::from_le_bytes(self.array()?);
        if dimensions > 4 {
            return Err(damaged(format!("a tensor of {dimensions} dimensions")));
        }
        // The file has the columns first.
        let mut size = (0..dimensions)
            .map(|_| self.length())
            .collect::<Result<Vec<_>, _>>()?;
        size.reverse();
        let kind = u32::from_le_bytes(self.array()?);
        Ok(Entry {
            size,
            kind,
            offset: self.length()?,
        })
    }

    fn value(&mut self) -> Result<Value<'a>, CheckpointError> {
        match u32::from_le_bytes(self.array()?) {
            9 => self.list(),
            kind => self.single(kind),
        }
    }

    /// A value that is no list, by the number of its type.
    fn single(&mut self, kind: u32) -> Result<Value<'a>, CheckpointError> {
        Ok(match kind {
            0 | 7 => Value::Integer(u8::from_le_bytes(self.array()?).into()),
            1 => Value::Integer(i8::from_le_bytes(self.array()?).into()),
            2 => Value::Integer(u16::from_le_bytes(self.array()?).into()),
            3 => Value::Integer(i16::from_le_bytes(self.array()?).into()),
            4 => Value::Integer(u32::from_le_bytes(self.array()?).into()),
            5 => Value::Integer(i32::from_le_bytes(self.array()?).into()),
            6 => Value::Float(f32::from_le_bytes(self.array()?).into()),
            8 => Value::Text(self.text()?),
            10 => Value::Integer(u64::from_le_bytes(self.array()?).into()),
            11 => Value::Integer(i64::from_le_bytes(self.array()?).into()),
            12 => Value::Float(f64::from_le_bytes(self.array()?)),
            _ => return Err(damaged(format!("metadata of type {kind}"))),
        })
    }

    /// A list; grows only with what has been read.
    fn list(&mut self) -> Result<Value<'a>, CheckpointError> {
        let kind = u32::from_le_bytes(self.array()?);
        let length = self.length()?;
        let (mut texts, mut integers) = (Vec::new(), Vec::new());
        for _ in 0..length {
            match self.single(kind)? {
                Value::Text(text) => texts.push(text),
                Value::Integer(integer) if matches!(kind, 4 | 5) => integers.push(integer as i64),
                _ => {}
            }
        }
        Ok(match kind {
            8 => Value::Texts(texts),
            4 | 5 => Value::Integers(integers),
            _ => Value::Other,
        })
    }
}
