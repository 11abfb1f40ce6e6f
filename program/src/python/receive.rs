//! Receives the run of one loop.

use std::{io::Read, os::unix::net::UnixStream};

use loopscope::{import::WireReader, runtime::LiveTrace};

pub(super) type Received = Result<(), Box<dyn std::error::Error>>;

/// Receives a run until its connection is closed. `records` are those that `reader` has returned
/// already. `follow` gets what was received each time.
pub(super) fn receive(
    mut connection: UnixStream,
    mut reader: WireReader,
    mut records: Vec<u8>,
    live: &LiveTrace,
    follow: impl Fn(&[u8], &mut WireReader),
) -> Received {
    let mut block = vec![0; 1 << 16];
    loop {
        follow(&records, &mut reader);
        live.append(&records);
        live.show_paused(reader.is_paused());
        live.show_parked(reader.parked());
        let Ok(length @ 1..) = connection.read(&mut block) else {
            break;
        };
        records = reader.push(block.get(..length).unwrap_or_default())?;
    }
    live.show_paused(false);
    live.show_parked(None);
    live.append(&reader.end());
    live.finish();
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, io::Write};

    use super::*;

    #[test]
    fn a_pause_that_arrives_with_the_greeting_is_shown() {
        let frame = |kind: u8, payload: &[u8]| {
            let length = u32::try_from(payload.len()).unwrap().to_le_bytes();
            [&length[..], &[kind], payload].concat()
        };
        let hello = br#"{"version":1,"pid":7,"parent":1,"clock":"real","thread":"MainThread"}"#;
        let paused = frame(b'P', &[1, 0, 0, 0, 0, 0, 0, 0, 0]);
        let mut reader = WireReader::default();
        let records = reader.push(&[frame(b'H', hello), paused].concat()).unwrap();
        let (mut program, connection) = UnixStream::pair().unwrap();
        program.write_all(&frame(b'T', b"a text")).unwrap();
        drop(program);
        let live = LiveTrace::new();
        let shown = RefCell::new(Vec::new());
        let follow = |_: &[u8], _: &mut WireReader| shown.borrow_mut().push(live.is_paused());
        receive(connection, reader, records, &live, follow).unwrap();
        // It is shown before anything else is received.
        assert_eq!(shown.into_inner(), [false, true]);
    }
}
