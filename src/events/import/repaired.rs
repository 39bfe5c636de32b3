//! A file as it was understood, written anew and packed while it is read, object by object: what is whole in memory is the
//! packed text alone.

use std::io::{self, Read, Write};

use bytes::Bytes;
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;

use crate::ical::{CLOSING, CalendarHead, CalendarObject, CalendarWriter};

/// The file in the making.
pub struct Repairing {
    writer: CalendarWriter,
    /// The events. Which zones they use is known at the end only; what stands before them becomes a gzip member of its own
    /// (RFC 1952 section 2.2).
    events: GzEncoder<Vec<u8>>,
}

/// So much text is packed at once.
const AT_ONCE: usize = 64 << 10;

impl Repairing {
    pub fn new() -> Self {
        Self { writer: CalendarWriter::default(), events: packer() }
    }

    /// Appends an object.
    pub fn push(&mut self, object: &CalendarObject) -> io::Result<()> {
        self.writer.push(object);
        if self.writer.waiting() < AT_ONCE { Ok(()) } else { self.pack() }
    }

    /// The packed file.
    pub fn finish(mut self, head: &CalendarHead<'_>) -> io::Result<RepairedFile> {
        self.pack()?;
        self.events.write_all(CLOSING.as_bytes())?;
        let mut whole = packer();
        whole.write_all(self.writer.opening(head).as_bytes())?;
        let mut whole = whole.finish()?;
        whole.append(&mut self.events.finish()?);
        Ok(RepairedFile(whole.into()))
    }

    fn pack(&mut self) -> io::Result<()> {
        self.events.write_all(self.writer.take_written().as_bytes())
    }
}

/// Fast rather than small: it is paid for at every import.
fn packer() -> GzEncoder<Vec<u8>> {
    GzEncoder::new(Vec::new(), Compression::fast())
}

/// A file as it was understood: valid RFC 5545, packed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RepairedFile(pub Bytes);

impl RepairedFile {
    /// How many bytes the text has.
    ///
    /// # Errors
    /// It is damaged.
    pub fn length(&self) -> io::Result<u64> {
        io::copy(&mut self.reader(), &mut io::sink())
    }

    /// The text, unpacked as it is read.
    pub fn reader(&self) -> impl Read + Send + 'static {
        MultiGzDecoder::new(io::Cursor::new(self.0.clone()))
    }
}
