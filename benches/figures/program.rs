//! The program on a terminal: the time to its first frame, the time from a key to its frame, the
//! cost of an idle screen, the size of the binary.

use std::{
    env, fs,
    io::{BufWriter, Read, Write},
    num::NonZero,
    process, thread,
    time::{Duration, Instant},
};

use loopscope::{
    replay::Replay,
    trace::{ClockKind, file},
};
use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

use crate::{
    measure::{figure, is_asked, median, milliseconds, now, percentile},
    screen::{opened, press},
    work::{on_ours, ours},
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_loopscope");
/// Columns and rows of a usual terminal, and of a large one.
const USUAL: [NonZero<u16>; 2] = [NonZero::new(120).unwrap(), NonZero::new(40).unwrap()];
const LARGE: [NonZero<u16>; 2] = [NonZero::new(200).unwrap(), NonZero::new(60).unwrap()];
const STARTS: usize = 15;
/// The number of keys that are measured.
const KEYS: usize = 300;

/// The last word of the first frame: when it is on the screen, the frame is complete.
const LAST_WORDS: &str = "quit";

/// The time from the start of the program to its complete first frame.
pub(crate) fn first_frame() {
    if is_asked("first_frame") {
        let firsts: Vec<Duration> = (0..STARTS).map(|_| Shown::usual().leave()).collect();
        figure(
            "first_frame",
            milliseconds(median(firsts.into_iter())),
            "ms",
        );
    }
}

/// The processor time of a second without input.
pub(crate) fn idle() {
    if is_asked("idle.cpu")
        && let Some(idle) = idle_second()
    {
        figure("idle.cpu", milliseconds(idle), "ms");
    }
}

/// The size of the binary.
pub(crate) fn size() {
    if is_asked("binary.size") {
        let size = fs::metadata(PROGRAM).unwrap().len();
        figure("binary.size", size as f64 / 1e6, "MB");
    }
}

/// The time from a key to its frame on a large terminal, in a run of a million events and 10,000
/// tasks: steps of every size, forward and back, each after the frame of the one before.
pub(crate) fn keys() {
    if !is_asked("terminal.key") {
        return;
    }
    let log = ours(ClockKind::Virtual, true, on_ours::sleeps()).log;
    let path = env::temp_dir().join(format!("loopscope-keys-{}.trace", process::id()));
    file::write(&log, BufWriter::new(fs::File::create(&path).unwrap())).unwrap();
    let replay = Replay::new(log);
    let (at, end) = (replay.end().0 / 2, replay.end().0);
    // The same keys move a second model, which says where each of them leads.
    let mut model = opened(replay, LARGE.map(NonZero::get).into());
    press(&mut model, &format!(":{at}\n"));
    let at_word = at.to_string();
    let mut shown = Shown::start(&["replay", path.to_str().unwrap(), "--at", &at_word], LARGE);
    // The first frame is drawn before the file is read that far.
    shown.see(&format!(">|  {at}/{end}"), now());
    let mut times: Vec<Duration> = (0..KEYS)
        .map(|number| {
            let steps = ["n", "s", "t", "N", "T", "S"];
            let key = steps[number % steps.len()];
            press(&mut model, key);
            let (here, _) = model.position().unwrap();
            // The scrubber is below all panels: when it has moved, the panels are drawn.
            shown.press(key, &format!(">|  {}/{end}", here.0))
        })
        .collect();
    shown.leave();
    fs::remove_file(path).unwrap();
    for percent in [50, 95] {
        let time = milliseconds(percentile(&mut times, percent));
        figure(&format!("terminal.key.p{percent}"), time, "ms");
    }
}

/// The program, with its first frame drawn.
pub(crate) struct Shown {
    child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    reader: Box<dyn Read + Send>,
    screen: vt100::Parser,
    took: Duration,
}

impl Shown {
    fn usual() -> Shown {
        Shown::of(&["run", "say_after:concurrent"])
    }

    /// The program with these arguments, on a terminal of the usual size.
    pub(crate) fn of(arguments: &[&str]) -> Shown {
        Shown::start(arguments, USUAL)
    }

    fn start(arguments: &[&str], [columns, rows]: [NonZero<u16>; 2]) -> Shown {
        let size = PtySize {
            rows: rows.get(),
            cols: columns.get(),
            ..PtySize::default()
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let (writer, reader) = (
            pair.master.take_writer().unwrap(),
            pair.master.try_clone_reader().unwrap(),
        );
        let mut command = CommandBuilder::new(PROGRAM);
        command.args(arguments);
        // Without a configuration file, the first frame would ask for the language.
        command.args(["--lang", "rust"]);
        command.env("TERM", "xterm-256color");
        let started = now();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut shown = Shown {
            child,
            writer,
            reader,
            screen: vt100::Parser::new(rows, columns, 0),
            took: Duration::ZERO,
        };
        shown.took = shown.see(LAST_WORDS, started);
        shown
    }

    /// Waits until these words are on the screen. Returns how long that took.
    fn see(&mut self, words: &str, since: Instant) -> Duration {
        let mut bytes = [0; 1 << 13];
        loop {
            let count = self.reader.read(&mut bytes).unwrap();
            assert!(count > 0, "the program ended before it drew {words}");
            let came = since.elapsed();
            self.screen.process(&bytes[..count]);
            if self.screen.screen().contents().contains(words) {
                return came;
            }
        }
    }

    /// Presses a key. Returns how long it took until these words were on the screen.
    fn press(&mut self, key: &str, words: &str) -> Duration {
        let since = now();
        self.writer.write_all(key.as_bytes()).unwrap();
        self.see(words, since)
    }

    /// Waits until a condition holds for the screen.
    pub(crate) fn wait_until(&mut self, is_so: impl Fn(&str) -> bool) {
        let mut bytes = [0; 1 << 13];
        while !is_so(&self.screen.screen().contents()) {
            let count = self.reader.read(&mut bytes).unwrap();
            assert!(count > 0, "the program ended");
            self.screen.process(&bytes[..count]);
        }
    }

    /// The peak memory in KiB, or `None` where the system does not report it.
    pub(crate) fn most_memory(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.process_id()?));
        let status = status.ok()?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }

    /// Quits the program. Returns the time to its first frame.
    pub(crate) fn leave(mut self) -> Duration {
        self.writer.write_all(b"q").unwrap();
        let mut rest = Vec::new();
        // Reading from a terminal whose other end is closed is an error.
        let _ = self.reader.read_to_end(&mut rest);
        self.child.wait().unwrap();
        self.took
    }
}

/// As [`idle`], or `None` where the system does not report it.
#[expect(
    clippy::disallowed_methods,
    reason = "the program is watched doing nothing"
)]
fn idle_second() -> Option<Duration> {
    let shown = Shown::usual();
    let process = shown.child.process_id()?;
    thread::sleep(Duration::from_millis(500));
    let before = processor_time(process)?;
    thread::sleep(Duration::from_secs(1));
    let idle = processor_time(process)?.checked_sub(before)?;
    shown.leave();
    Some(idle)
}

/// The processor time of all threads of a process.
fn processor_time(process: u32) -> Option<Duration> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).ok()?;
    let nanoseconds = threads.map(|thread| {
        let times = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        times.split_whitespace().next()?.parse::<u64>().ok()
    });
    nanoseconds.sum::<Option<u64>>().map(Duration::from_nanos)
}
