//! A program's run goes into a file.

use std::{
    fs::File,
    io,
    path::Path,
    thread::{Builder, JoinHandle, sleep},
    time::Duration,
};

use crate::{
    runtime::{self, LiveTrace, LoopControl, WatchOptions},
    trace::{Meta, file::FileWriter},
};

use super::complain;

/// Between two looks at what was recorded: what a kill can cost.
const LOOK: Duration = Duration::from_millis(50);

/// Writes what the loop of this thread records, until dropped.
pub(super) struct Recording {
    writer: Option<JoinHandle<()>>,
}

impl Recording {
    /// Begins a file.
    pub(super) fn start(path: &Path, meta: &Meta) -> Result<Recording, String> {
        let refused = |error: io::Error| cannot(path, &error);
        let file = File::create(path).map_err(refused)?;
        let file = FileWriter::new(file, meta).map_err(refused)?;
        let feed = LiveTrace::new();
        let wanted = WatchOptions {
            live: feed.clone(),
            control: LoopControl::new(),
            printed: None,
        };
        if !runtime::watch(wanted) {
            return Ok(Recording { writer: None });
        }
        let to = path.to_owned();
        let writer = Builder::new()
            .name("loopscope".into())
            .spawn(move || write(file, &feed, &to))
            .map_err(refused)?;
        Ok(Recording {
            writer: Some(writer),
        })
    }
}

/// Writes until the end. What cannot be written is said once; the program goes on.
fn write(mut file: FileWriter<File>, feed: &LiveTrace, path: &Path) {
    let mut written = Ok(());
    loop {
        // First whether it is over, then what there is: nothing can come after an end.
        let ended = feed.is_ended();
        let bytes = feed.take();
        if written.is_ok() && !bytes.is_empty() {
            written = file.records(&bytes).and_then(|()| file.flush());
            if let Err(error) = &written {
                complain(&cannot(path, error));
            }
        }
        if ended {
            break;
        }
        nap();
    }
    if written.is_ok()
        && let Err(error) = file.finish()
    {
        complain(&cannot(path, &error));
    }
}

fn cannot(path: &Path, error: &io::Error) -> String {
    format!("cannot record into {}: {error}", path.display())
}

#[expect(
    clippy::disallowed_methods,
    reason = "on a thread of its own, which nobody waits for"
)]
fn nap() {
    sleep(LOOK);
}

impl Drop for Recording {
    fn drop(&mut self) {
        let Some(writer) = self.writer.take() else {
            return;
        };
        runtime::end(super::outcome());
        let _ = writer.join();
    }
}
