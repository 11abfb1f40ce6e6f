//! Perfetto traces, decoded by the `protobuf` crate into fields with their numbers.

use std::collections::{HashMap, HashSet};

use loopscope::{
    export,
    replay::{Replay, Status},
    trace::{Event, Position, TaskEvent, WakeEffect},
};
use protobuf::{CodedInputStream, rt::WireType};

use super::{runs, written};
use crate::support::run_named;

/// A message as fields: number and value.
struct Message(Vec<(u32, Value)>);

enum Value {
    Number(u64),
    Bytes(Vec<u8>),
}

impl Message {
    fn parse(bytes: &[u8]) -> Message {
        let mut input = CodedInputStream::from_bytes(bytes);
        let mut fields = Vec::new();
        while !input.eof().unwrap() {
            let (field, kind) = input.read_raw_tag_or_eof().unwrap().map(split).unwrap();
            let value = match kind {
                WireType::Varint => Value::Number(input.read_raw_varint64().unwrap()),
                WireType::Fixed64 => Value::Number(input.read_fixed64().unwrap()),
                WireType::LengthDelimited => Value::Bytes(input.read_bytes().unwrap()),
                other => panic!("nothing of type {other:?} is written"),
            };
            fields.push((field, value));
        }
        Message(fields)
    }

    fn number(&self, field: u32) -> Option<u64> {
        self.0.iter().find_map(|(number, value)| match value {
            Value::Number(value) if *number == field => Some(*value),
            _ => None,
        })
    }

    fn all(&self, field: u32) -> impl Iterator<Item = &[u8]> {
        self.0
            .iter()
            .filter_map(move |(number, value)| match value {
                Value::Bytes(value) if *number == field => Some(value.as_slice()),
                _ => None,
            })
    }

    fn message(&self, field: u32) -> Option<Message> {
        self.all(field).next().map(Message::parse)
    }

    fn text(&self, field: u32) -> Option<String> {
        let bytes = self.all(field).next()?;
        Some(String::from_utf8(bytes.to_vec()).unwrap())
    }
}

fn split(tag: u32) -> (u32, WireType) {
    (tag >> 3, WireType::new(tag & 7).unwrap())
}

/// How many polls end whose start is hidden in a gap.
fn hidden_polls(replay: &Replay) -> usize {
    let mut steps = replay.steps(Position(0)..replay.end());
    let mut hidden = 0;
    while let Some(step) = steps.next_step() {
        if let Event::Task(TaskEvent::PollEnd { task, .. }) = step.event {
            let row = step.before.tasks.get(task);
            let is_whole = row.is_some_and(|row| row.status() == Status::Running);
            hidden += usize::from(!is_whole && step.before.missing > 0);
        }
    }
    hidden
}

/// The times of the gaps of a trace.
fn gap_times(replay: &Replay) -> HashSet<u64> {
    let events = replay.events_from(Position(0));
    let gaps = events.filter(|(_, event, _)| matches!(event, Event::Gap { .. }));
    gaps.map(|(_, _, cursor)| cursor.now().0).collect()
}

/// Asserts that a file is valid for Perfetto and agrees with the trace.
pub(crate) fn check(replay: &Replay) {
    let file = Message::parse(&written(|to| export::perfetto(replay, to)));
    let mut tracks: HashMap<u64, String> = HashMap::new();
    let mut names: HashSet<u64> = HashSet::new();
    let mut open: HashMap<u64, u32> = HashMap::new();
    // A poll that began inside a gap is written when it ends, and begins at the end of the gap.
    let gaps = gap_times(replay);
    let (mut begun, mut flows, mut last, mut polls) = (0, HashSet::new(), 0, 0);
    for packet in file.all(1).map(Message::parse) {
        assert_eq!(packet.number(10), Some(1));
        if let Some(interned) = packet.message(12) {
            let entries = interned.all(2).map(Message::parse);
            names.extend(entries.map(|entry| entry.number(1).unwrap()));
        }
        if let Some(track) = packet.message(60) {
            let name = track.text(2).unwrap();
            assert!(tracks.insert(track.number(1).unwrap(), name).is_none());
        }
        let Some(event) = packet.message(11) else {
            continue;
        };
        let at = packet.number(8).unwrap();
        let is_hidden = event.number(9) == Some(1) && gaps.contains(&at);
        assert!(at >= last || is_hidden, "time goes on");
        last = last.max(at);
        let track = event.number(11).unwrap();
        assert!(
            tracks.contains_key(&track),
            "track {track} is described before"
        );
        if let Some(name) = event.number(10) {
            assert!(names.contains(&name), "name {name} is defined before");
        }
        let depth = open.entry(track).or_default();
        match event.number(9).unwrap() {
            1 => {
                *depth += 1;
                begun += 1;
                polls += u32::from(track >= 16);
            }
            2 => *depth = depth.saturating_sub(1),
            3 | 4 => {}
            other => panic!("event of type {other}"),
        }
        if let Some(flow) = event.number(47) {
            assert!(flows.insert(flow), "arrow {flow} begins once");
        }
        if let Some(flow) = event.number(48) {
            assert!(flows.contains(&flow), "arrow {flow} has begun");
        }
    }
    let tasks = replay.tables().tasks().len();
    assert_eq!(tracks.keys().filter(|track| **track >= 16).count(), tasks);
    let count = |wanted: fn(&Event) -> bool| {
        let events = replay.events_from(Position(0));
        events.filter(|(_, event, _)| wanted(event)).count()
    };
    let starts = count(|event| matches!(event, Event::Task(TaskEvent::PollStart { .. })));
    assert_eq!(polls as usize, starts + hidden_polls(replay));
    let arrow = |event: &Event| {
        matches!(event, Event::Task(TaskEvent::Spawn { .. }))
            || matches!(
                event,
                Event::Task(TaskEvent::Wake {
                    effect: WakeEffect::Enqueued,
                    ..
                })
            )
    };
    assert_eq!(flows.len(), count(arrow));
    assert!(begun >= polls);
}

#[test]
fn every_run_is_a_file_for_perfetto() {
    runs().for_each(|replay| check(&replay));
}

#[test]
fn counters_follow_the_queues() {
    let replay = run_named("say_after", "concurrent");
    let trace = Message::parse(&written(|to| export::perfetto(&replay, to)));
    let mut tracks = HashMap::new();
    let mut values: HashMap<String, Vec<u64>> = HashMap::new();
    for packet in trace.all(1).map(Message::parse) {
        if let Some(track) = packet.message(60) {
            tracks.insert(track.number(1).unwrap(), track.text(2).unwrap());
        }
        let event = packet
            .message(11)
            .filter(|event| event.number(9) == Some(4));
        if let Some(event) = event {
            let name = tracks[&event.number(11).unwrap()].clone();
            values
                .entry(name)
                .or_default()
                .push(event.number(30).unwrap());
        }
    }
    // Main spawns two tasks; both sleep, and wake one after the other.
    assert_eq!(values["timers"], [0, 1, 2, 1, 0]);
    assert_eq!(values["pending"], [0, 1, 0, 1, 0]);
    assert_eq!(*values["ready"].iter().max().unwrap(), 2);
    assert_eq!(*values["ready"].last().unwrap(), 0);
}
