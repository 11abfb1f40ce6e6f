//! Chunks by their place in a file.

use std::io::{self, Read, Seek, SeekFrom};

use super::chunk::{FIXED, Header, MARKER, MOST_EXTRA};

/// A file, read here and there.
#[derive(Debug)]
pub(super) struct Source<R> {
    from: R,
    /// Its bytes.
    pub(super) length: u64,
}

impl<R: Read + Seek> Source<R> {
    pub(super) fn new(mut from: R) -> io::Result<Source<R>> {
        let length = from.seek(SeekFrom::End(0))?;
        Ok(Source { from, length })
    }

    /// So many bytes from an offset, or as many as there are.
    pub(super) fn bytes(&mut self, offset: u64, count: u64) -> io::Result<Vec<u8>> {
        let count = count.min(self.length.saturating_sub(offset));
        let mut bytes = Vec::with_capacity(usize::try_from(count).unwrap_or_default());
        if count > 0 {
            self.from.seek(SeekFrom::Start(offset))?;
            (&mut self.from).take(count).read_to_end(&mut bytes)?;
        }
        Ok(bytes)
    }

    /// The header at an offset, if there is one.
    pub(super) fn header(&mut self, offset: u64) -> io::Result<Option<Header>> {
        let bytes = self.bytes(offset, (FIXED + MOST_EXTRA) as u64)?;
        Ok(Header::read(&bytes))
    }

    /// A chunk's header and its payload, unpacked; none if it is broken.
    pub(super) fn chunk(&mut self, offset: u64) -> io::Result<Option<(Header, Vec<u8>)>> {
        let Some(header) = self.header(offset)? else {
            return Ok(None);
        };
        let stored = self.bytes(offset + header.length(), header.stored.into())?;
        let payload = (stored.len() as u64 == u64::from(header.stored))
            .then(|| header.unpack(&stored))
            .flatten();
        Ok(payload.map(|payload| (header, payload)))
    }

    /// As [`Source::chunk`], if it is of this kind.
    pub(super) fn payload(&mut self, offset: u64, kind: u8) -> io::Result<Option<Vec<u8>>> {
        let chunk = self.chunk(offset)?;
        let chunk = chunk.filter(|(header, _)| header.kind == kind);
        Ok(chunk.map(|(_, payload)| payload))
    }

    /// Where something begins that may be a header; the end of the file if there is none.
    pub(super) fn next_marker(&mut self, mut offset: u64) -> io::Result<u64> {
        const BLOCK: u64 = 1 << 16;
        while offset < self.length {
            let block = self.bytes(offset, BLOCK)?;
            if let Some(at) = block.windows(MARKER.len()).position(|at| at == MARKER) {
                return Ok(offset + at as u64);
            }
            // A marker may lie across the border.
            let step = (block.len() as u64).saturating_sub(MARKER.len() as u64 - 1);
            offset += step.max(1);
        }
        Ok(self.length)
    }
}
