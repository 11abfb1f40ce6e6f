//! Any bytes as the records of a trace: seeking in them, painting the timeline and exporting them never
//! panics, and a seek gives the same state as reading from the start.

#![no_main]

use std::io;

use libfuzzer_sys::fuzz_target;
use loopscope::{
    export,
    replay::{Axis, Replay, Window},
    trace::{Log, Position, TaskId},
};

fuzz_target!(|bytes: &[u8]| {
    let mut log = Log::default();
    log.bytes = bytes.to_vec();
    let mut replay = Replay::new(log);
    let end = replay.end();
    for part in (0..=4).rev() {
        let to = Position(end.0 / 4 * part);
        replay.seek(to);
        assert_eq!(replay.state(), &replay.state_at(to));
    }
    let tasks = [TaskId(0), TaskId(1), TaskId(2)];
    for axis in [Axis::Time, Axis::Poll] {
        let window = Window {
            axis,
            from: 0,
            to: 1_000,
            columns: 80,
        };
        replay.timeline(&window, &tasks, end);
    }
    export::chrome(&replay, io::sink()).unwrap();
    export::perfetto(&replay, io::sink()).unwrap();
    export::jsonl(&replay, io::sink()).unwrap();
});
