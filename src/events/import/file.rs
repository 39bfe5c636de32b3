use std::io::{self, Read};

use bytes::{Bytes, BytesMut};

/// A file in memory, in pieces, so that each can be let go once it is read.
#[derive(Clone, Debug, Default)]
pub struct FileBytes {
    pieces: Vec<Bytes>,
    length: usize,
    /// What does not fill a piece yet.
    last: BytesMut,
}

impl FileBytes {
    /// Reads all that comes, but no more than so many bytes.
    ///
    /// # Errors
    /// What the reader says.
    pub fn read(reader: impl Read, most: usize) -> io::Result<Self> {
        let (mut file, mut reader) = (Self::default(), reader.take(most as u64));
        let mut buffer = vec![0; SLICE / 4];
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return Ok(file),
                Ok(count) => file.push(buffer.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Appends some bytes. They are copied: what comes from a network in small portions would hold much more memory than it
    /// has bytes.
    pub fn push(&mut self, mut bytes: &[u8]) {
        self.length += bytes.len();
        while !bytes.is_empty() {
            let full = if self.pieces.len() < SMALL { SLICE } else { PIECE };
            if self.last.capacity() == 0 {
                self.last.reserve(full);
            }
            let (now, rest) = bytes.split_at(bytes.len().min(full - self.last.len()));
            self.last.extend_from_slice(now);
            bytes = rest;
            if self.last.len() == full {
                self.pieces.push(std::mem::take(&mut self.last).freeze());
            }
        }
    }

    /// How many bytes it has.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Slices of it, in their order. What they are cut from is let go with the last of its slices.
    pub fn into_pieces(self) -> impl Iterator<Item = Bytes> + Send {
        self.pieces.into_iter().chain(Some(self.last.freeze())).flat_map(|mut piece| {
            std::iter::from_fn(move || (!piece.is_empty()).then(|| piece.split_to(piece.len().min(SLICE))))
        })
    }
}

impl From<Bytes> for FileBytes {
    fn from(bytes: Bytes) -> Self {
        Self { length: bytes.len(), pieces: vec![bytes], ..Self::default() }
    }
}

impl From<Vec<u8>> for FileBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

/// What is read at once.
const SLICE: usize = 256 << 10;
/// The pieces of a file, behind so many as large as a slice: allocators keep smaller ones for later when another thread lets
/// them go, and give those of more than 32 MiB back to the system at once.
const PIECE: usize = 33 << 20;
const SMALL: usize = 4;
