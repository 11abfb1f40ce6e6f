//! A recording on a disk that fills up.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use super::Store;
use crate::trace::{LocationId, Meta, PollOutcome, TaskId, Writer, file};

/// A disk with room for `room` bytes.
struct Disk {
    room: usize,
    held: Arc<Mutex<Vec<u8>>>,
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(self.room);
        if count == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.room -= count;
        self.held.lock().unwrap().extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn records(polls: u32) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(1);
    let mut writer = Writer::new();
    let name = writer.intern("main");
    writer.spawn(name, LocationId::UNKNOWN, false);
    for _ in 0..polls {
        writer.poll_start(TaskId(0));
        writer.poll_end(PollOutcome::Pending, random.u64(..));
    }
    writer.take()
}

#[test]
fn a_full_disk_ends_the_recording_and_what_was_written_opens() {
    let all = records(200_000);
    for room in [0, 10, 5_000, 400_000] {
        let held = Arc::default();
        let disk = Disk {
            room,
            held: Arc::clone(&held),
        };
        let store = Store::new(disk, &Meta::default()).unwrap();
        for part in all.chunks(10_000) {
            store.push(|to| to.extend_from_slice(part));
        }
        let error = store.handle().flush().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert!(
            !store.push(|to| to.push(0)),
            "a failed recording takes records"
        );
        let error = store.finish().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        let held = held.lock().unwrap();
        if room > 4_000 {
            let (log, damage) = file::read(held.as_slice()).unwrap();
            assert!(all.starts_with(&log.bytes));
            assert!(damage.unwrap().unfinished);
            assert_eq!(log.bytes.is_empty(), room < 100_000);
        }
    }
}
