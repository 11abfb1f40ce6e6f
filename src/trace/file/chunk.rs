//! One chunk: a header that can be found anywhere in a file, and a payload.
//!
//! A header begins with a marker and ends with a checksum of its own. A reader that has lost its
//! place in a damaged file therefore finds the next header by searching for the marker.

use std::io::{self, Read, Seek, SeekFrom, Write};

use super::{columns, payload::FieldReader};

/// The first bytes of a chunk. The first of them does not occur in UTF-8 text.
pub(super) const MARKER: [u8; 4] = [0xf5, b'l', b's', b'c'];

/// The length of a header without its extra part.
pub(super) const FIXED: usize = 24;

/// The maximum length of the extra part.
pub(super) const MOST_EXTRA: usize = 256;

/// The maximum length to which a packed payload may unpack. The writer leaves a longer one unpacked,
/// so that what a file claims costs no more than this at a time, and the rest costs what it has.
pub(super) const MOST_RAW: u32 = 1 << 25;

/// The highest ratio that LZ4 can reach. A header that claims more is wrong.
const MOST_RATIO: u64 = 255;

/// The kinds of chunks. A reader skips a chunk of any other kind.
pub(super) mod kind {
    pub(in super::super) const META: u8 = 1;
    pub(in super::super) const RECORDS: u8 = 2;
    pub(in super::super) const END: u8 = 3;
    pub(in super::super) const SCHEDULE: u8 = 4;
    pub(in super::super) const TABLES: u8 = 5;
    pub(in super::super) const INDEX: u8 = 6;
}

/// How a payload is stored.
mod codec {
    /// Not packed.
    pub(super) const PLAIN: u8 = 0;
    /// An LZ4 block.
    pub(super) const LZ4: u8 = 1;
    /// Columns of records, in an LZ4 block.
    pub(super) const COLUMNS: u8 = 2;
}

/// The header of a chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ChunkHeader {
    pub(super) kind: u8,
    codec: u8,
    /// The length of the payload after LZ4; for columns, before they are joined.
    raw: u32,
    /// The length of the payload in the file.
    pub(super) stored: u32,
    checksum: u32,
    /// A description of the payload that can be read without unpacking it.
    pub(super) extra: Vec<u8>,
}

impl ChunkHeader {
    /// Reads a header from the start of the bytes; `None` if there is none, or a broken one.
    pub(super) fn read(bytes: &[u8]) -> Option<ChunkHeader> {
        let mut rest = FieldReader(bytes);
        if rest.take(4)? != MARKER {
            return None;
        }
        let (kind, codec) = (rest.byte()?, rest.byte()?);
        let extra = usize::from(rest.u16()?);
        // Without this check, each marker could cost a checksum of 64 KiB.
        if extra > MOST_EXTRA {
            return None;
        }
        let (raw, stored, checksum) = (rest.u32()?, rest.u32()?, rest.u32()?);
        let extra = rest.take(extra)?;
        let length = bytes.len() - rest.0.len();
        let is_intact = is_checksum(rest.u32()?, bytes.get(..length)?);
        is_intact.then(|| ChunkHeader {
            kind,
            codec,
            raw,
            stored,
            checksum,
            extra: extra.to_vec(),
        })
    }

    /// The length of the header.
    pub(super) fn length(&self) -> u64 {
        (FIXED + self.extra.len()) as u64
    }

    /// The length that the payload has, or claims to have, when it is unpacked.
    pub(super) fn unpacked(&self) -> u32 {
        match self.codec {
            codec::PLAIN => self.stored,
            _ => self.raw.max(self.stored),
        }
    }

    /// The length of the whole chunk.
    pub(super) fn total(&self) -> u64 {
        self.length() + u64::from(self.stored)
    }

    /// Unpacks the payload; `None` if it is broken, or if it claims to unpack to more than it can.
    pub(super) fn unpack(&self, payload: &[u8]) -> Option<Vec<u8>> {
        if !is_checksum(self.checksum, payload) {
            return None;
        }
        let is_plausible =
            self.raw <= MOST_RAW && u64::from(self.raw) <= payload.len() as u64 * MOST_RATIO + 64;
        let inflate = || {
            is_plausible
                .then(|| lz4_flex::block::decompress(payload, self.raw as usize).ok())
                .flatten()
        };
        match self.codec {
            codec::PLAIN => Some(payload.to_vec()),
            codec::LZ4 => inflate(),
            codec::COLUMNS => columns::join(&inflate()?),
            _ => None,
        }
    }
}

/// Writes a chunk, packed if that makes it smaller. Returns its length.
pub(super) fn write(
    to: &mut impl Write,
    kind: u8,
    extra: &[u8],
    payload: &[u8],
) -> io::Result<u64> {
    write_packed(to, kind, extra, payload, (codec::LZ4, payload))
}

/// Writes a chunk of records, which were split into `columns`. Returns its length.
pub(super) fn write_records(
    to: &mut impl Write,
    extra: &[u8],
    records: &[u8],
    columns: Option<&[u8]>,
) -> io::Result<u64> {
    let packed = columns.map_or((codec::LZ4, records), |columns| (codec::COLUMNS, columns));
    write_packed(to, kind::RECORDS, extra, records, packed)
}

/// Writes a chunk with `raw` packed, or with the payload as it is, whichever is smaller.
fn write_packed(
    to: &mut impl Write,
    kind: u8,
    extra: &[u8],
    payload: &[u8],
    (codec, raw): (u8, &[u8]),
) -> io::Result<u64> {
    let packed = lz4_flex::block::compress(raw);
    let unpacks = raw.len() <= MOST_RAW as usize;
    let (codec, raw, stored) = if unpacks && packed.len() < payload.len() {
        (codec, raw.len(), packed.as_slice())
    } else {
        (codec::PLAIN, payload.len(), payload)
    };
    let number = |length: usize| u32::try_from(length).map_err(|_| io::ErrorKind::InvalidInput);
    let extra_length = u16::try_from(extra.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    let mut header = Vec::with_capacity(FIXED + extra.len());
    header.extend(MARKER);
    header.extend([kind, codec]);
    header.extend(extra_length.to_le_bytes());
    header.extend(number(raw)?.to_le_bytes());
    header.extend(number(stored.len())?.to_le_bytes());
    header.extend(crc32fast::hash(stored).to_le_bytes());
    header.extend(extra);
    header.extend(crc32fast::hash(&header).to_le_bytes());
    to.write_all(&header)?;
    to.write_all(stored)?;
    Ok((header.len() + stored.len()) as u64)
}

/// Whether this is the checksum of the bytes. A fuzzer cannot guess checksums, so for it any number
/// is: otherwise it would test nothing behind them.
fn is_checksum(checksum: u32, bytes: &[u8]) -> bool {
    #[cfg(test)]
    tests::CHECKED.with(|checked| checked.set(checked.get() + bytes.len()));
    cfg!(fuzzing) || checksum == crc32fast::hash(bytes)
}

/// A file whose chunks are read at their offsets.
#[derive(Debug)]
pub(super) struct ChunkSource<R> {
    from: R,
    /// The length of the file.
    pub(super) length: u64,
}

impl<R: Read + Seek> ChunkSource<R> {
    pub(super) fn new(mut from: R) -> io::Result<ChunkSource<R>> {
        let length = from.seek(SeekFrom::End(0))?;
        Ok(ChunkSource { from, length })
    }

    /// At most `count` bytes from an offset on.
    pub(super) fn bytes(&mut self, offset: u64, count: u64) -> io::Result<Vec<u8>> {
        let count = count.min(self.length.saturating_sub(offset));
        let mut bytes = Vec::with_capacity(usize::try_from(count).unwrap_or_default());
        if count > 0 {
            self.from.seek(SeekFrom::Start(offset))?;
            (&mut self.from).take(count).read_to_end(&mut bytes)?;
        }
        Ok(bytes)
    }

    /// The header at an offset; `None` if there is none, or a broken one.
    pub(super) fn header(&mut self, offset: u64) -> io::Result<Option<ChunkHeader>> {
        let bytes = self.bytes(offset, (FIXED + MOST_EXTRA) as u64)?;
        Ok(ChunkHeader::read(&bytes))
    }

    /// The header of a chunk and its payload, unpacked; `None` if either is broken.
    pub(super) fn chunk(&mut self, offset: u64) -> io::Result<Option<(ChunkHeader, Vec<u8>)>> {
        let Some(header) = self.header(offset)? else {
            return Ok(None);
        };
        let stored = self.bytes(offset + header.length(), header.stored.into())?;
        let payload = (stored.len() as u64 == u64::from(header.stored))
            .then(|| header.unpack(&stored))
            .flatten();
        Ok(payload.map(|payload| (header, payload)))
    }

    /// The unpacked payload of a chunk, if the chunk is intact and of this kind.
    pub(super) fn payload(&mut self, offset: u64, kind: u8) -> io::Result<Option<Vec<u8>>> {
        let chunk = self.chunk(offset)?;
        let chunk = chunk.filter(|(header, _)| header.kind == kind);
        Ok(chunk.map(|(_, payload)| payload))
    }

    /// The offset of the next intact header; the length of the file if there is none.
    ///
    /// The file is read in blocks, each byte about once, however many markers without a header it
    /// contains. A header may lie across the border of two blocks, so the next block begins at the
    /// first place where a whole header might not fit into this one.
    pub(super) fn next_header(&mut self, mut offset: u64) -> io::Result<u64> {
        const BLOCK: usize = 1 << 16;
        const WHOLE: usize = FIXED + MOST_EXTRA;
        while offset < self.length {
            let block = self.bytes(offset, BLOCK as u64)?;
            let is_last = block.len() < BLOCK;
            let end = if is_last { block.len() } else { BLOCK - WHOLE };
            let mut from = 0;
            while let Some(at) = find_marker(&block[from..]).map(|at| from + at)
                && at < end
            {
                if ChunkHeader::read(&block[at..]).is_some() {
                    return Ok(offset + at as u64);
                }
                from = at + 1;
            }
            if is_last {
                break;
            }
            offset += end as u64;
        }
        Ok(self.length)
    }
}

fn find_marker(bytes: &[u8]) -> Option<usize> {
    bytes.windows(MARKER.len()).position(|at| at == MARKER)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_chunk_is_read_as_it_was_written() {
        for payload in [&b""[..], b"a", &[7; 5000]] {
            let mut file = Vec::new();
            let length = write(&mut file, kind::META, b"extra", payload).unwrap();
            assert_eq!(length, file.len() as u64);
            let header = ChunkHeader::read(&file).unwrap();
            assert_eq!(header.total(), length);
            assert_eq!(header.extra, b"extra");
            let stored = &file[file.len() - header.stored as usize..];
            assert_eq!(header.unpack(stored).as_deref(), Some(payload));
        }
    }

    thread_local! {
        /// The bytes of which this thread has computed checksums.
        pub(super) static CHECKED: Cell<usize> = const { Cell::new(0) };
    }

    /// Each of these headers says that its extra part has 28 KB.
    #[test]
    fn a_marker_with_a_long_extra_part_takes_no_checksum_of_it() {
        let mut source = ChunkSource::new(io::Cursor::new(MARKER.repeat(100_000))).unwrap();
        CHECKED.set(0);
        assert_eq!(source.next_header(0).unwrap(), source.length);
        assert_eq!(CHECKED.get(), 0);
    }

    #[test]
    fn a_length_out_of_proportion_is_rejected() {
        let payload = lz4_flex::block::compress(&[0; 100]);
        let header = ChunkHeader {
            kind: kind::META,
            codec: codec::LZ4,
            raw: MOST_RAW,
            stored: 0,
            checksum: crc32fast::hash(&payload),
            extra: Vec::new(),
        };
        assert_eq!(header.unpack(&payload), None);
    }
}
