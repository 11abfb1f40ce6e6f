//! Looking for mistakes: in ten million events, in a hundred million, and in a run that still goes on.

use std::{env, fs, hint::black_box, process::Command, time::Duration};

use loopscope::{
    Builder,
    insight::{Findings, Limits},
    replay::Replay,
    trace::ClockKind,
};

use crate::{
    measure::{cost, figure, is_asked, median, milliseconds},
    work::on_ours,
};

const LONG: u64 = 100_000_000;

/// The seconds of the live run, and the events of each.
const SECONDS: u32 = 3;
const RATE: u64 = 1_000_000;

/// The frames of a second, and how many of them pass between two reports: what the screen does.
const FRAMES: u64 = 30;
const REPORT: u64 = 2;

/// Set in the child process whose memory is measured.
const CHILD: &str = "LOOPSCOPE_FIGURES_FINDINGS";

/// What `check` does with a recording of ten million events, without its words.
pub(crate) fn of_ten_million(replay: &Replay) {
    if is_asked("findings.10m") {
        let costs = (0..7).map(|_| cost(|| look(replay)));
        figure("findings.10m", milliseconds(median(costs)), "ms");
    }
}

/// The same with a hundred million, and the memory that it takes besides the trace.
pub(crate) fn of_a_long_run() {
    if env::var_os(CHILD).is_some() {
        measure_a_long_run();
    } else if is_asked("findings.100m") {
        let child = Command::new(env::current_exe().unwrap())
            .arg("findings.100m")
            .env(CHILD, "")
            .output()
            .unwrap();
        print!("{}", String::from_utf8(child.stdout).unwrap());
    }
}

fn measure_a_long_run() {
    let replay = Replay::new(recorded(LONG));
    // The peak begins anew; where that is not possible, no memory is printed.
    let is_reset = fs::write("/proc/self/clear_refs", "5").is_ok();
    let before = kibibytes("VmRSS:");
    figure("findings.100m", milliseconds(cost(|| look(&replay))), "ms");
    if let (true, Some(before), Some(most)) = (is_reset, before, kibibytes("VmHWM:")) {
        let more = most.saturating_sub(before) as f64 / 1024.0;
        figure("findings.100m.memory", more, "MiB");
    }
}

/// A line of what the system says of this process.
fn kibibytes(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// A run of a million events a second, read frame by frame: the share of a core, the longest time that
/// one frame takes of it, and how long the first event after a report waits for the next one.
pub(crate) fn live() {
    if !is_asked("findings.live") {
        return;
    }
    let replay = Replay::new(recorded(u64::from(SECONDS) * RATE));
    let mut findings = Findings::new(&Limits::default());
    let mut times = Vec::new();
    for frame in 1.. {
        let mut is_over = false;
        times.push(cost(|| {
            is_over = findings.feed_some(&replay, RATE / FRAMES);
            if frame % REPORT == 0 {
                black_box(findings.report(&replay));
            }
        }));
        if is_over {
            break;
        }
    }
    let all: Duration = times.iter().sum();
    let share = 100.0 * all.as_secs_f64() / f64::from(SECONDS);
    figure("findings.live", share, "%");
    let longest = times.into_iter().max().unwrap_or_default();
    figure("findings.live.frame", milliseconds(longest), "ms");
    // Each frame reads all events that came since the last one.
    let between = Duration::from_secs(REPORT) / u32::try_from(FRAMES).unwrap();
    figure(
        "findings.live.behind",
        milliseconds(between + longest),
        "ms",
    );
}

/// A run on the virtual clock, cut off after this many events.
fn recorded(events: u64) -> loopscope::trace::Log {
    let builder = Builder::new()
        .clock(ClockKind::Virtual)
        .record(true)
        .max_events(events);
    builder.run(on_ours::mixed()).log
}

fn look(replay: &Replay) {
    black_box(Findings::of(replay, &Limits::default()));
}
