//! Snapshots of a program on the wire: the trace goes on from the place at which each was taken.

use loopscope::{
    import::WireReader,
    replay::Replay,
    trace::{Log, Meta},
};

fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap();
    [&length.to_le_bytes(), &[kind][..], payload].concat()
}

fn numbers(numbers: &[i64]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_le_bytes()).collect()
}

/// The events of a tick at this time, in which task 0 is polled and yields.
fn tick(time: i64) -> Vec<u8> {
    // Run with one entry, a step of task 0, it yields, it is ready again, the next tick.
    frame(b'E', &numbers(&[11 + (1 << 5), 0, time, 3, 1, 8, time + 1]))
}

const HELLO: &[u8] = br#"{"version":1,"pid":7}"#;

#[test]
fn a_snapshot_continues_the_trace_of_the_program() {
    // Task 0 is spawned and ready, the loop begins to run, and its first tick begins.
    let begin = [12, 0, -1, -1, 22, 0, 1, 8, 0];
    let mut stream = frame(b'H', HELLO);
    stream.extend(frame(b'T', b"main"));
    stream.extend(frame(b'E', &numbers(&begin)));
    stream.extend(tick(10));
    stream.extend(frame(b'S', &numbers(&[0])));
    stream.extend(tick(20));
    let mut reader = WireReader::default();
    let mut whole = reader.push(&stream).unwrap();
    let mark = reader.snapshots().pop().unwrap();
    assert_eq!((mark.number, mark.polls), (0, 1));
    assert!(reader.snapshots().is_empty());

    let mut branch = whole[..mark.bytes].to_vec();
    let mut copy = mark.reader;
    branch.extend(copy.push(&tick(20)).unwrap());
    assert_eq!(branch, whole);

    whole.extend(reader.push(&tick(30)).unwrap());
    branch.extend(copy.push(&tick(40)).unwrap());
    assert_ne!(branch, whole);
    let [a, b] = [whole, branch].map(|bytes| {
        Replay::new(Log {
            bytes,
            meta: Meta::default(),
        })
    });
    assert_eq!(a.end(), b.end());
}

#[test]
fn a_program_says_why_no_snapshot_can_be_taken() {
    let mut reader = WireReader::default();
    let obstacle = [&numbers(&[-1])[..], b"threads (worker)"].concat();
    let stream = [frame(b'H', HELLO), frame(b'S', &obstacle)].concat();
    assert!(reader.push(&stream).unwrap().is_empty());
    assert_eq!(reader.obstacle(), "threads (worker)");
    assert!(reader.snapshots().is_empty());
    reader.push(&frame(b'S', &numbers(&[-1]))).unwrap();
    assert_eq!(reader.obstacle(), "");
    // Too short to be one.
    reader.push(&frame(b'S', b"1234")).unwrap();
    assert!(reader.snapshots().is_empty());
}

#[test]
fn snapshots_of_a_hostile_adapter_take_bounded_memory() {
    let mut stream = frame(b'H', HELLO);
    for number in 0..1_000 {
        stream.extend(frame(b'S', &numbers(&[number])));
    }
    let mut reader = WireReader::default();
    reader.push(&stream).unwrap();
    assert_eq!(reader.snapshots().len(), 64);
}
