//! Writing a trace of ten million events for other programs.

use std::io::{self, Write};

use loopscope::{export, replay::Replay};

use crate::{
    measure::{cost, figure, is_asked, median},
    reading::record,
};

pub(crate) fn all() {
    if !["export.perfetto", "export.chrome", "export.jsonl"]
        .into_iter()
        .any(is_asked)
    {
        return;
    }
    let replay = Replay::new(record());
    measure("export.perfetto", &replay, |to| {
        export::perfetto(&replay, to)
    });
    measure("export.chrome", &replay, |to| export::chrome(&replay, to));
    measure("export.jsonl", &replay, |to| export::jsonl(&replay, to));
}

/// Millions of events per second of processor time, and bytes per event.
fn measure(name: &str, replay: &Replay, write: impl Fn(&mut Counted) -> io::Result<()>) {
    if !is_asked(name) {
        return;
    }
    let events = replay.end().0 as f64;
    let mut bytes = 0;
    let rates = (0..3).map(|_| {
        let mut to = Counted(0);
        let took = cost(|| write(&mut to).unwrap());
        bytes = to.0;
        events / took.as_secs_f64() / 1e6
    });
    figure(name, median(rates), "M/s");
    figure(&format!("{name}.size"), bytes as f64 / events, "bytes");
}

/// Discards everything, so that the disk is not measured.
struct Counted(u64);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
