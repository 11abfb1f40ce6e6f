//! The program itself, on a terminal: how soon it shows something, what it costs while nobody touches it, its size.

use std::{
    fs,
    io::{Read, Write},
    num::NonZero,
    thread,
    time::Duration,
};

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

use crate::measure::{figure, is_asked, median, milliseconds, now};

const PROGRAM: &str = env!("CARGO_BIN_EXE_loopscope");
const ROWS: NonZero<u16> = NonZero::new(40).unwrap();
const COLUMNS: NonZero<u16> = NonZero::new(120).unwrap();
const STARTS: usize = 15;

/// What stands in the last corner of the first frame that is drawn: when it is there, all of the frame is.
const LAST_WORDS: &str = "quit";

/// How long it takes from the start of the program to all of its first frame.
pub(crate) fn first_frame() {
    if is_asked("first_frame") {
        let firsts: Vec<Duration> = (0..STARTS).map(|_| Shown::start().leave()).collect();
        figure(
            "first_frame",
            milliseconds(median(firsts.into_iter())),
            "ms",
        );
    }
}

/// The processor time of a second in which the program stands still.
pub(crate) fn idle() {
    if is_asked("idle.cpu")
        && let Some(idle) = idle_second()
    {
        figure("idle.cpu", milliseconds(idle), "ms");
    }
}

/// How large it is.
pub(crate) fn size() {
    if is_asked("binary.size") {
        let size = fs::metadata(PROGRAM).unwrap().len();
        figure("binary.size", size as f64 / 1e6, "MB");
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
    fn start() -> Shown {
        Shown::of(&["run", "say_after:concurrent"])
    }

    /// The program with these arguments.
    pub(crate) fn of(arguments: &[&str]) -> Shown {
        let size = PtySize {
            rows: ROWS.get(),
            cols: COLUMNS.get(),
            ..PtySize::default()
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let (writer, mut reader) = (
            pair.master.take_writer().unwrap(),
            pair.master.try_clone_reader().unwrap(),
        );
        let mut command = CommandBuilder::new(PROGRAM);
        command.args(arguments);
        command.env("TERM", "xterm-256color");
        let mut screen = vt100::Parser::new(ROWS, COLUMNS, 0);
        let mut bytes = [0; 1 << 13];

        let started = now();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        loop {
            let count = reader.read(&mut bytes).unwrap();
            assert!(count > 0, "the program ended before it drew anything");
            let came = started.elapsed();
            screen.process(&bytes[..count]);
            if screen.screen().contents().contains(LAST_WORDS) {
                return Shown {
                    child,
                    writer,
                    reader,
                    screen,
                    took: came,
                };
            }
        }
    }

    /// Waits until something is so on the screen.
    pub(crate) fn wait_until(&mut self, is_so: impl Fn(&str) -> bool) {
        let mut bytes = [0; 1 << 13];
        while !is_so(&self.screen.screen().contents()) {
            let count = self.reader.read(&mut bytes).unwrap();
            assert!(count > 0, "the program ended");
            self.screen.process(&bytes[..count]);
        }
    }

    /// The most memory that it has had, in KiB; none where the system does not tell.
    pub(crate) fn most_memory(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.process_id()?));
        let status = status.ok()?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }

    /// Ends it as a person would. Returns how long its first frame took.
    pub(crate) fn leave(mut self) -> Duration {
        self.writer.write_all(b"q").unwrap();
        let mut rest = Vec::new();
        // Where the other end of a terminal is gone, reading from it is an error.
        let _ = self.reader.read_to_end(&mut rest);
        self.child.wait().unwrap();
        self.took
    }
}

/// As [`idle`]; none where the system does not tell.
#[expect(
    clippy::disallowed_methods,
    reason = "the program is watched doing nothing"
)]
fn idle_second() -> Option<Duration> {
    let shown = Shown::start();
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
