//! Traces in files: the cost of writing one, its size, the time until it is shown, and seeks in it.

use std::{
    env,
    fs::{self, File, OpenOptions},
    path::{Path, PathBuf},
    time::Duration,
};

use loopscope::{
    Builder,
    replay::Replay,
    runtime::Store,
    trace::{
        ClockKind, Log, Meta,
        file::{self, Recording},
    },
};

use crate::{
    measure::{cost, figure, is_asked, median, milliseconds, now, thread_time},
    program::Shown,
    reading::{frames, seeks},
    work::{on_ours, ours},
};

const TEN: u64 = 10_000_000;
const HUNDRED: u64 = 100_000_000;
const PAIRS: usize = 5;

pub(crate) fn all() {
    recording();
    sizes();
    let ten = [
        "open.10m",
        "open.10m.noindex",
        "file.seek.p99",
        "file.timeline.p95",
    ];
    if ten.into_iter().any(is_asked) {
        let file = Scratch::recorded("10m", TEN);
        opening("open.10m", &file, 15);
        opening("open.10m.noindex", &file.killed(), 15);
        looking(&file);
    }
    let hundred = ["open.100m", "open.100m.noindex", "open.100m.rss"];
    if hundred.into_iter().any(is_asked) {
        let file = Scratch::recorded("100m", HUNDRED);
        opening("open.100m", &file, 5);
        opening("open.100m.noindex", &file.killed(), 5);
        memory(&file);
    }
}

/// A file that is deleted when it is dropped.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

impl Scratch {
    fn new(name: &str) -> Scratch {
        let name = format!("loopscope-bench-{}-{name}.trace", std::process::id());
        Scratch(env::temp_dir().join(name))
    }

    /// A real run, cut off after a number of events.
    fn recorded(name: &str, events: u64) -> Scratch {
        let file = Scratch::new(name);
        file.record(events);
        file
    }

    fn record(&self, events: u64) {
        let to = File::create(&self.0).unwrap();
        let meta = Meta {
            scenario: "bench".into(),
            clock: ClockKind::Real,
            ..Meta::default()
        };
        let store = Store::new(to, &meta).unwrap();
        let builder = Builder::new().max_events(events).store(store);
        assert!(builder.run(on_ours::mixed()).store_error.is_none());
    }

    /// The same as if the program had been killed just before its end.
    fn killed(&self) -> Scratch {
        let file = Scratch(self.0.with_extension("killed"));
        let length = fs::copy(&self.0, &file.0).unwrap();
        let to = OpenOptions::new().write(true).open(&file.0).unwrap();
        // Cuts off the end, and part of the index.
        to.set_len(length - 40).unwrap();
        file
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

/// The wall time of recording ten million events into a file, and into memory.
fn recording() {
    if !is_asked("file.record.vs_memory") {
        return;
    }
    let file = Scratch::new("record");
    let to_memory = || {
        let builder = Builder::new().max_events(TEN).record(true);
        drop(builder.run(on_ours::mixed()));
    };
    let wall = |work: &dyn Fn()| {
        let (before, loop_before) = (now(), thread_time());
        let cost = cost(work);
        let of_the_loop = thread_time().saturating_sub(loop_before);
        [before.elapsed(), of_the_loop, cost].map(|time| time.as_secs_f64())
    };
    let pairs: Vec<[f64; 3]> = (0..=PAIRS)
        .map(|_| {
            let (file, memory) = (wall(&|| file.record(TEN)), wall(&to_memory));
            std::array::from_fn(|part| file[part] / memory[part])
        })
        .skip(1)
        .collect();
    // The wall time; the processor time of the loop's thread; the same with the writing thread's.
    for (part, name) in ["vs_memory", "loop", "cpu"].into_iter().enumerate() {
        let ratio = median(pairs.iter().map(|pair| pair[part]));
        figure(&format!("file.record.{name}"), ratio, "ratio");
    }
}

/// Bytes of the file per event.
fn sizes() {
    let of = |log: &Log| {
        let mut written = Vec::new();
        file::write(log, &mut written).unwrap();
        let recording = Recording::open(std::io::Cursor::new(&written)).unwrap();
        written.len() as f64 / recording.overview().events as f64
    };
    if is_asked("file.bytes.yield") {
        let logs = [
            ours(ClockKind::Real, true, on_ours::yields()).log,
            ours(ClockKind::Real, true, on_ours::spawns()).log,
            ours(ClockKind::Real, true, on_ours::ping_pong()).log,
        ];
        figure(
            "file.bytes.yield",
            logs.iter().map(of).fold(0.0, f64::max),
            "bytes",
        );
    }
    if is_asked("file.bytes.timers") {
        let log = ours(ClockKind::Real, true, on_ours::sleeps()).log;
        figure("file.bytes.timers", of(&log), "bytes");
    }
}

/// From the start of the program to its first frame.
fn opening(name: &str, file: &Scratch, starts: usize) {
    if !is_asked(name) {
        return;
    }
    let path = file.path().to_str().unwrap();
    let firsts: Vec<Duration> = (0..starts)
        .map(|_| Shown::of(&["replay", path]).leave())
        .collect();
    figure(name, milliseconds(median(firsts.into_iter())), "ms");
}

/// The peak memory of the program after the whole file is read.
fn memory(file: &Scratch) {
    if !is_asked("open.100m.rss") {
        return;
    }
    let mut shown = Shown::of(&["replay", file.path().to_str().unwrap()]);
    let before = now();
    shown.wait_until(|contents| !contents.contains("reading "));
    figure("open.100m.read", milliseconds(before.elapsed()), "ms");
    if let Some(kilobytes) = shown.most_memory() {
        figure("open.100m.rss", kilobytes as f64 / 1024.0, "MiB");
    }
    shown.leave();
}

/// Seeks and frames of a trace from a file.
fn looking(file: &Scratch) {
    if !is_asked("file.seek.p99") && !is_asked("file.timeline.p95") {
        return;
    }
    let (log, damage) = file::read_all(File::open(file.path()).unwrap()).unwrap();
    assert_eq!(damage, None);
    let mut replay = Replay::new(log);
    assert!(replay.end().0 >= TEN && !replay.is_damaged());
    figure(
        "file.seek.p99",
        seeks(&mut replay).as_secs_f64() * 1e6,
        "us",
    );
    figure("file.timeline.p95", milliseconds(frames(&replay)), "ms");
}
