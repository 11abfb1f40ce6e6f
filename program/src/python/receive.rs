//! Receives the run of one loop.

use std::{io::Read, os::unix::net::UnixStream};

use loopscope::{import::WireReader, runtime::LiveTrace};

pub(super) type Received = Result<(), Box<dyn std::error::Error>>;

/// Receives a run until its connection is closed. `follow` gets what was received each time.
pub(super) fn receive(
    mut connection: UnixStream,
    mut reader: WireReader,
    live: &LiveTrace,
    follow: impl Fn(&[u8], &mut WireReader),
) -> Received {
    let mut block = vec![0; 1 << 16];
    while let Ok(length @ 1..) = connection.read(&mut block) {
        let records = reader.push(block.get(..length).unwrap_or_default())?;
        follow(&records, &mut reader);
        live.append(&records);
        live.show_paused(reader.is_paused());
        live.show_parked(reader.parked());
    }
    live.show_paused(false);
    live.show_parked(None);
    live.append(&reader.end());
    live.finish();
    Ok(())
}
