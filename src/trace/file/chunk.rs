//! One chunk: a header that can be recognised anywhere, and a payload.
//!
//! A header is found by its marker and believed by its checksum, so a reader that has lost its place in a damaged file
//! looks for the next one.

use std::io::{self, Write};

use super::{columns, number::Bytes};

/// What a chunk begins with. No UTF-8 text holds its first byte.
pub(super) const MARKER: [u8; 4] = [0xf5, b'l', b's', b'c'];

/// The bytes of a header without its extra part.
pub(super) const FIXED: usize = 24;

/// The most bytes that the extra part may have.
pub(super) const MOST_EXTRA: usize = 256;

/// The most bytes that a payload may have once it is unpacked.
pub(super) const MOST_RAW: u32 = 1 << 28;

/// LZ4 cannot make more than this of a byte: what claims more is not believed.
const MOST_RATIO: u64 = 255;

/// What a chunk is. Others are passed over.
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
    /// As it is.
    pub(super) const PLAIN: u8 = 0;
    /// LZ4 block.
    pub(super) const LZ4: u8 = 1;
    /// Records in columns, then LZ4 block.
    pub(super) const COLUMNS: u8 = 2;
}

/// A header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: u8,
    codec: u8,
    /// Bytes of the payload when it is unpacked; for columns, before they are put together again.
    raw: u32,
    /// Bytes of the payload in the file.
    pub(super) stored: u32,
    checksum: u32,
    /// What is known of the payload without unpacking it.
    pub(super) extra: Vec<u8>,
}

impl Header {
    /// Reads a header; `None` if there is none here, or a broken one.
    pub(super) fn read(bytes: &[u8]) -> Option<Header> {
        let mut rest = Bytes(bytes);
        if rest.take(4)? != MARKER {
            return None;
        }
        let (kind, codec) = (rest.byte()?, rest.byte()?);
        let extra = usize::from(rest.u16()?);
        let (raw, stored, checksum) = (rest.u32()?, rest.u32()?, rest.u32()?);
        let extra = rest.take(extra)?;
        let length = bytes.len() - rest.0.len();
        let believed = rest.u32()? == crc32fast::hash(bytes.get(..length)?);
        (believed && extra.len() <= MOST_EXTRA).then(|| Header {
            kind,
            codec,
            raw,
            stored,
            checksum,
            extra: extra.to_vec(),
        })
    }

    /// Bytes of the header itself.
    pub(super) fn length(&self) -> u64 {
        (FIXED + self.extra.len()) as u64
    }

    /// Bytes of the whole chunk.
    pub(super) fn total(&self) -> u64 {
        self.length() + u64::from(self.stored)
    }

    /// What the payload unpacks to; `None` if it is broken.
    pub(super) fn unpack(&self, payload: &[u8]) -> Option<Vec<u8>> {
        if crc32fast::hash(payload) != self.checksum {
            return None;
        }
        let believable =
            self.raw <= MOST_RAW && u64::from(self.raw) <= payload.len() as u64 * MOST_RATIO + 64;
        let inflate = || {
            believable
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

/// Writes a chunk. Returns how many bytes it has.
pub(super) fn write(
    to: &mut impl Write,
    kind: u8,
    extra: &[u8],
    payload: &[u8],
) -> io::Result<u64> {
    let columns = (kind == kind::RECORDS)
        .then(|| columns::split(payload))
        .flatten();
    let (codec, raw) = match &columns {
        Some(columns) => (codec::COLUMNS, columns.as_slice()),
        None => (codec::LZ4, payload),
    };
    let packed = lz4_flex::block::compress(raw);
    let (codec, raw, stored) = if packed.len() < payload.len() {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_is_read_as_it_was_written() {
        for payload in [&b""[..], b"a", &[7; 5000]] {
            let mut file = Vec::new();
            let length = write(&mut file, kind::META, b"extra", payload).unwrap();
            assert_eq!(length, file.len() as u64);
            let header = Header::read(&file).unwrap();
            assert_eq!(header.total(), length);
            assert_eq!(header.extra, b"extra");
            let stored = &file[file.len() - header.stored as usize..];
            assert_eq!(header.unpack(stored).as_deref(), Some(payload));
        }
    }

    #[test]
    fn a_length_out_of_proportion_is_not_believed() {
        let payload = lz4_flex::block::compress(&[0; 100]);
        let header = Header {
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
