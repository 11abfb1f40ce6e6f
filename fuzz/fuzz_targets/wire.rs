//! Any bytes as what an adapter sends: reading them never panics, what is read is a valid trace, and
//! it is the same trace however the bytes arrive.
//!
//! A fuzzer rarely guesses a frame. So an input of odd first byte is a compact notation of frames,
//! which [`spelled`] spells; the others are sent as they are.

#![no_main]

use std::io;

use libfuzzer_sys::fuzz_target;
use loopscope::{
    export,
    import::{self, ImportFormat, WireError, WireReader},
    replay::Replay,
    trace::{Log, Position},
};

fuzz_target!(|bytes: &[u8]| {
    let Some((&first, rest)) = bytes.split_first() else {
        return;
    };
    let sent = if first & 1 == 1 {
        spelled(rest)
    } else {
        rest.to_vec()
    };
    if let Ok(imported) = import::read(ImportFormat::Wire, sent.as_slice()) {
        assert!(!Replay::new(imported.log).is_damaged());
    }
    let Ok((records, events)) = received(&sent, sent.len().max(1)) else {
        return;
    };
    let pieces = received(&sent, 1 + usize::from(first >> 1)).expect("pieces are read like the whole");
    assert_eq!(pieces, (records.clone(), events));
    let mut log = Log::default();
    log.bytes = records;
    let mut replay = Replay::new(log);
    assert!(!replay.is_damaged());
    assert_eq!(replay.end(), Position(events));
    replay.seek(Position(events / 2));
    export::jsonl(&replay, io::sink()).expect("a sink takes all");
});

/// The records of a connection whose bytes arrive in pieces of this size, and how many events they
/// have.
fn received(sent: &[u8], piece: usize) -> Result<(Vec<u8>, u64), WireError> {
    let mut reader = WireReader::default();
    let mut records = Vec::new();
    for piece in sent.chunks(piece) {
        records.extend(reader.push(piece)?);
        reader.parked();
    }
    records.extend(reader.end());
    Ok((records, reader.events()))
}

/// A greeting, three texts, two places, and the frames that the bytes are a notation of.
fn spelled(bytes: &[u8]) -> Vec<u8> {
    let mut sent = Vec::new();
    let clock = if bytes.first().is_some_and(|byte| byte & 1 == 1) {
        "virtual"
    } else {
        "real"
    };
    let hello = format!("{{\"version\":1,\"pid\":7,\"clock\":\"{clock}\"}}");
    frame(&mut sent, b'H', hello.as_bytes());
    for text in ["main", "app.py", "lock"] {
        frame(&mut sent, b'T', text.as_bytes());
    }
    let places = [1, 3, 0, -1, 1, 9, 2, 0];
    frame(&mut sent, b'L', &places.map(i64::to_le_bytes).concat());
    let mut bytes = bytes.iter().copied();
    let mut events = Vec::new();
    while let Some(kind) = bytes.next() {
        match kind {
            0..=29 => {
                let operand = number(&mut bytes);
                events.extend((operand << 5 | i64::from(kind)).to_le_bytes());
                for _ in 0..operands(kind) {
                    events.extend(number(&mut bytes).to_le_bytes());
                }
            }
            30..=127 => frame(&mut sent, b'E', &std::mem::take(&mut events)),
            128..=159 => frame(&mut sent, b'G', &number(&mut bytes).to_le_bytes()),
            160..=191 => {
                let mut pause = vec![kind & 1];
                pause.extend(number(&mut bytes).to_le_bytes());
                frame(&mut sent, b'P', &pause);
            }
            192..=223 => frame(&mut sent, b'T', &[kind]),
            224.. => {
                let place = [0; 4].map(|_: u8| number(&mut bytes).to_le_bytes());
                frame(&mut sent, b'L', &place.concat());
            }
        }
    }
    frame(&mut sent, b'E', &events);
    sent
}

fn frame(sent: &mut Vec<u8>, kind: u8, payload: &[u8]) {
    let length = u32::try_from(payload.len()).expect("an input is short");
    sent.extend(length.to_le_bytes());
    sent.push(kind);
    sent.extend(payload);
}

/// A small number, or one of any size.
fn number(bytes: &mut impl Iterator<Item = u8>) -> i64 {
    match bytes.next().unwrap_or_default() {
        0xff => {
            let mut long = [0; 8];
            long.fill_with(|| bytes.next().unwrap_or_default());
            i64::from_le_bytes(long)
        }
        small => i64::from(small) - 8,
    }
}

/// How many numbers follow the first of an event.
fn operands(code: u8) -> usize {
    match code {
        0 | 4 | 5 | 8 | 9 | 10 | 18 | 20 | 22 | 23 | 28 | 29 => 1,
        7 | 13 => 2,
        12 | 17 | 19 => 3,
        16 => 4,
        _ => 0,
    }
}
