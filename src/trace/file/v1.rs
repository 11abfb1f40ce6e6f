//! Version 1, as it was written before chunks were packed. It is only read.
//!
//! ```text
//! "loopscope trace\n"  version: u32 = 1
//! chunk*               kind: u8   length: u32   checksum: u32 (CRC-32 of the payload)   payload
//! ```
//!
//! Kind 1 is the description of the run and comes first, 2 are records, to be put one after the other (a chunk may end in
//! the middle of one), 3 is the end, 4 the schedule.

use super::{Damage, chunk::kind, meta, number::Bytes};
use crate::trace::Meta;

/// What comes after the version: the description, the records, and what was wrong.
pub(super) fn read(bytes: &[u8]) -> Option<(Meta, Vec<u8>, Damage)> {
    let mut rest = Bytes(bytes);
    let Ok(Some((kind::META, meta))) = chunk(&mut rest) else {
        return None;
    };
    let mut meta = meta::decode(meta)?;
    let (mut records, mut damage) = (Vec::new(), Damage::default());
    loop {
        match chunk(&mut rest) {
            Ok(Some((kind::RECORDS, payload))) => records.extend_from_slice(payload),
            Ok(Some((kind::SCHEDULE, payload))) => meta.schedule = meta::schedule(payload),
            Ok(Some((kind::END, _))) => break,
            Ok(Some(_)) => {}
            Ok(None) => {
                damage.unfinished = true;
                break;
            }
            Err(Broken) => {
                damage.places = 1;
                break;
            }
        }
    }
    Some((meta, records, damage))
}

/// A chunk that does not fit its checksum.
struct Broken;

/// The next chunk; none if there is no whole one left.
fn chunk<'a>(rest: &mut Bytes<'a>) -> Result<Option<(u8, &'a [u8])>, Broken> {
    let Some(kind) = rest.byte() else {
        return Ok(None);
    };
    let (Some(length), Some(checksum)) = (rest.u32(), rest.u32()) else {
        return Ok(None);
    };
    let Some(payload) = rest.take(length as usize) else {
        return Ok(None);
    };
    if crc32fast::hash(payload) == checksum {
        Ok(Some((kind, payload)))
    } else {
        Err(Broken)
    }
}
