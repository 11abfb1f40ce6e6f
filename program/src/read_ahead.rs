//! Reads a recording on two cores: a thread unpacks the chunks of the file, and the caller indexes
//! the records of one chunk while the thread unpacks the next.
//!
//! The state behind a chunk is known only once all records before it were read, so the records are
//! indexed in their order. What the thread can do ahead is what each chunk needs for itself: reading
//! its bytes, the checksum, LZ4, and putting its columns together again. That is about as much work
//! as the index is.

use std::{
    io::{self, Read, Seek},
    panic::resume_unwind,
    sync::mpsc::sync_channel,
    thread,
};

use loopscope::trace::file::{Damage, Recording};

/// The chunks that are read before a thread is started. A short recording is read in less time than
/// a thread takes to start.
const ALONE: usize = 2;

/// Chunks with fewer bytes than this are handed over together. To hand over a small chunk by itself takes
/// longer than to read it.
const BATCH_BYTES: usize = 1 << 16;

/// The most chunks that are handed over together.
const BATCH_CHUNKS: usize = 1 << 10;

/// Calls `take` with the records of each chunk, in their order, until it returns `false`. Returns the
/// damage that was found up to the last of them.
///
/// # Errors
///
/// If the file cannot be read.
pub(crate) fn each_chunk<R: Read + Seek + Send>(
    recording: &mut Recording<R>,
    mut take: impl FnMut(&[u8]) -> bool,
) -> io::Result<Damage> {
    for _ in 0..ALONE {
        let records = recording.next_records()?;
        if !records.is_some_and(|records| take(&records)) {
            return Ok(recording.damage());
        }
    }
    if let Some(damage) = on_two_cores(recording, &mut take)? {
        return Ok(damage);
    }
    // The system starts no thread.
    while let Some(records) = recording.next_records()?
        && take(&records)
    {}
    Ok(recording.damage())
}

/// Chunks that are handed over together: the records of each, `None` behind the last, and the damage
/// up to it.
type Batch = Vec<(Option<Vec<u8>>, Damage)>;

/// Reads the chunks that are handed over together next.
fn next_batch<R: Read + Seek>(recording: &mut Recording<R>) -> io::Result<Batch> {
    let mut batch = Batch::new();
    let mut bytes = 0;
    while bytes < BATCH_BYTES && batch.len() < BATCH_CHUNKS {
        let records = recording.next_records()?;
        bytes += records.as_ref().map_or(BATCH_BYTES, Vec::len);
        batch.push((records, recording.damage()));
    }
    Ok(batch)
}

/// The same with a thread; `None`, and nothing was read, if none can be started. The thread is at most
/// one batch ahead, so that what a hostile file unpacks to at once stays small.
fn on_two_cores<R: Read + Seek + Send>(
    recording: &mut Recording<R>,
    take: &mut impl FnMut(&[u8]) -> bool,
) -> io::Result<Option<Damage>> {
    let mut damage = recording.damage();
    thread::scope(|scope| {
        let (sender, receiver) = sync_channel(0);
        let read = move || -> io::Result<()> {
            loop {
                let batch = next_batch(recording)?;
                let is_last = batch.last().is_none_or(|(records, _)| records.is_none());
                // Sending fails if the caller wants no more.
                if sender.send(batch).is_err() || is_last {
                    return Ok(());
                }
            }
        };
        let reading = thread::Builder::new().name("reading".into());
        let Ok(reading) = reading.spawn_scoped(scope, read) else {
            return Ok(None);
        };
        for (records, found) in receiver.iter().flatten() {
            damage = found;
            if !records.is_some_and(|records| take(&records)) {
                break;
            }
        }
        drop(receiver);
        let read = reading.join().unwrap_or_else(|panic| resume_unwind(panic));
        read.map(|()| Some(damage))
    })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use loopscope::{
        Builder,
        future::yield_now,
        spawn,
        trace::{ClockKind, Log, file},
    };

    use super::*;

    /// A file with some ten chunks.
    fn recorded() -> Vec<u8> {
        let run = Builder::new()
            .clock(ClockKind::Virtual)
            .record(true)
            .run(async {
                let task = |number: u64| {
                    spawn(async move {
                        for _ in 0..number % 700 {
                            yield_now().await;
                        }
                    })
                };
                let tasks: Vec<_> = (0..700).map(task).collect();
                for task in tasks {
                    task.await;
                }
            });
        let mut bytes = Vec::new();
        file::write(&run.log, &mut bytes).unwrap();
        bytes
    }

    /// The records one after the other, until `most` bytes are there, read with or without a thread.
    fn read(bytes: &[u8], most: usize, alone: bool) -> (Log, Damage) {
        let mut recording = Recording::open(Cursor::new(bytes)).unwrap();
        let mut log = Log {
            meta: recording.meta().clone(),
            ..Log::default()
        };
        let mut take = |records: &[u8]| {
            log.bytes.extend_from_slice(records);
            log.bytes.len() < most
        };
        let damage = if alone {
            while let Some(records) = recording.next_records().unwrap() {
                if !take(&records) {
                    break;
                }
            }
            recording.damage()
        } else {
            each_chunk(&mut recording, take).unwrap()
        };
        (log, damage)
    }

    #[test]
    fn two_cores_read_what_one_reads() {
        let whole = recorded();
        let mut random = fastrand::Rng::with_seed(15);
        let (mut damaged, mut chunks) = (0, 0);
        for round in 0..60 {
            let mut bytes = whole.clone();
            for _ in 0..round % 4 {
                let at = random.usize(40..bytes.len());
                bytes[at] ^= 1 << random.u8(0..8);
            }
            if round % 5 == 4 {
                bytes.truncate(random.usize(bytes.len() / 2..bytes.len()));
            }
            if Recording::open(Cursor::new(&bytes)).is_err() {
                continue;
            }
            let most = [usize::MAX, random.usize(0..300_000)][round % 2];
            let (log, damage) = read(&bytes, most, true);
            assert_eq!(read(&bytes, most, false), (log.clone(), damage), "{round}");
            damaged += u32::from(damage.is_any());
            chunks += u32::from(log.bytes.len() > 200_000);
        }
        assert!(damaged > 10 && chunks > 10, "{damaged} {chunks}");
    }

    #[test]
    fn a_panic_of_the_caller_ends_the_thread() {
        let bytes = recorded();
        let mut recording = Recording::open(Cursor::new(&bytes)).unwrap();
        let mut taken = 0;
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            each_chunk(&mut recording, |_| {
                taken += 1;
                assert!(taken < 4, "enough");
                true
            })
        }));
        assert!(caught.is_err() && taken == 4);
    }
}
