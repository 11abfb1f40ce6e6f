//! One run of the work under each recorder: its cost, and the size of its file.
//!
//! The cost is the processor time of the whole process, including the recorder's threads, from the start
//! of the work until everything is in the file. Files lie in a scratch directory and are removed.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use dial9_tokio_telemetry::telemetry::{
    Dial9HandleTokioExt, DiskBuffer, TokioAttachOptions, analysis::TraceReader, recorder,
};
use rustix::time::{ClockId, clock_gettime};
use tracing_subscriber::prelude::*;

use crate::work;

/// The cost of a run.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Processor time.
    pub time: Duration,
    /// Events in the file, as its own format counts them; 0 without a recorder.
    pub events: u64,
    /// Bytes of the file.
    pub bytes: u64,
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}

fn timed(work: impl FnOnce()) -> Duration {
    let before = processor_time();
    work();
    processor_time().saturating_sub(before)
}

fn runtime() -> tokio::runtime::Builder {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time();
    builder
}

fn on_tokio(mut builder: tokio::runtime::Builder) {
    let runtime = builder.build().expect("a runtime");
    runtime.block_on(async {
        // In a task: not every recorder sees the future of `block_on`.
        tokio::spawn(work::on_tokio())
            .await
            .expect("it does not fail");
    });
}

fn scratch(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("loopscope-peers-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a scratch directory");
    folder.join(name)
}

/// Counts the lines of a file that begin with a prefix, and deletes the file.
fn lines(path: &Path, begin: &str) -> (u64, u64) {
    let text = fs::read_to_string(path).expect("the file was written");
    let events = text.lines().filter(|line| line.starts_with(begin)).count();
    fs::remove_file(path).expect("it is ours");
    (events as u64, text.len() as u64)
}

/// tokio without a recorder.
pub fn bare_tokio() -> Cost {
    let time = timed(|| on_tokio(runtime()));
    Cost {
        time,
        events: 0,
        bytes: 0,
    }
}

/// smol without a recorder.
pub fn bare_smol() -> Cost {
    let executor = smol::LocalExecutor::new();
    let time = timed(|| smol::block_on(executor.run(work::on_smol(&executor))));
    Cost {
        time,
        events: 0,
        bytes: 0,
    }
}

/// loopscope's loop without recording.
pub fn bare_loopscope() -> Cost {
    let time = timed(|| {
        loopscope::Builder::new()
            .clock(loopscope::trace::ClockKind::Real)
            .run(work::on_ours());
    });
    Cost {
        time,
        events: 0,
        bytes: 0,
    }
}

/// loopscope's loop, with its trace written to a file.
pub fn loopscope() -> Cost {
    let path = scratch("loopscope.trace");
    let mut events = 0;
    let time = timed(|| {
        let run = loopscope::Builder::new()
            .clock(loopscope::trace::ClockKind::Real)
            .record(true)
            .run(work::on_ours());
        let file = std::io::BufWriter::new(fs::File::create(&path).expect("a file"));
        loopscope::trace::file::write(&run.log, file).expect("it is written");
        events = count(&run.log.bytes);
    });
    let bytes = fs::metadata(&path).expect("it was written").len();
    fs::remove_file(path).expect("it is ours");
    Cost {
        time,
        events,
        bytes,
    }
}

fn count(bytes: &[u8]) -> u64 {
    let mut cursor = loopscope::trace::Cursor::START;
    let mut events = 0;
    while cursor.next_event(bytes).is_some() {
        events += 1;
    }
    events
}

/// tracing-chrome, which writes the polls of tokio's own spans.
pub fn tracing_chrome() -> Cost {
    let path = scratch("chrome.json");
    let time = timed(|| {
        let (layer, guard) = tracing_chrome::ChromeLayerBuilder::new()
            .file(&path)
            .include_args(true)
            .build();
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(subscriber, || on_tokio(runtime()));
        drop(guard);
    });
    let (events, bytes) = lines(&path, "{");
    Cost {
        time,
        events,
        bytes,
    }
}

/// console-subscriber with its recording. What it sends to a console that is connected is on as well: there is no
/// recording without it.
pub fn console_subscriber() -> Cost {
    let path = scratch("console.jsonl");
    let time = timed(|| {
        let builder = console_subscriber::ConsoleLayer::builder();
        let (layer, server) = builder.recording_path(&path).build();
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(subscriber, || on_tokio(runtime()));
        drop(server);
        settle(&path);
    });
    let (events, bytes) = lines(&path, "{\"");
    Cost {
        time,
        events: events.saturating_sub(1),
        bytes,
    }
}

/// Waits until a file stops growing, because its writer cannot be awaited.
fn settle(path: &Path) {
    let length = || fs::metadata(path).map_or(0, |file| file.len());
    let mut before = u64::MAX;
    while before != length() {
        before = length();
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// dial9-tokio-telemetry, a binary flight recorder.
pub fn dial9() -> Cost {
    let folder = scratch("dial9");
    fs::create_dir_all(&folder).expect("a directory");
    let path = folder.join("trace.bin");
    let time = timed(|| {
        let recorder = recorder(DiskBuffer::single_file(&path).expect("a file")).build();
        let options = TokioAttachOptions::builder()
            .task_tracking_enabled(true)
            .build();
        let attached = recorder.handle().attach_tokio_runtime(runtime(), options);
        let runtime = attached.expect("a runtime");
        runtime.block_on(async {
            tokio::spawn(work::on_tokio())
                .await
                .expect("it does not fail");
        });
        drop(runtime);
        recorder.graceful_shutdown(Duration::from_secs(10));
    });
    let (mut events, mut bytes) = (0, 0);
    for file in fs::read_dir(&folder).expect("it is ours") {
        let file = file.expect("it is ours").path();
        if !file.is_file() {
            continue;
        }
        if let Ok(trace) = TraceReader::new(&file.to_string_lossy()) {
            events += trace.all_events.len() as u64;
            bytes += fs::metadata(&file).map_or(0, |file| file.len());
        }
    }
    fs::remove_dir_all(folder).expect("it is ours");
    Cost {
        time,
        events,
        bytes,
    }
}
