//! The files into which runs are recorded.

use std::{
    io::{self, Read},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
};

use loopscope::{
    import::WireReader,
    runtime::{RecordFile, Store},
    trace::Meta,
};

use crate::{
    args::RecordArgs,
    output::{CliError, report_error},
    output_file::open_recording,
};

use super::receive::Received;

/// Receives the run of another thread or process, into a file of its own.
pub(super) fn receive_into_file(
    mut connection: UnixStream,
    mut reader: WireReader,
    begun: &[u8],
    record: &RecordArgs,
    meta: &Meta,
) -> Received {
    let (Some(first), Some(hello)) = (&record.record, reader.hello()) else {
        return Ok(());
    };
    let path = other_path(first, hello.pid, &hello.thread);
    let file = open_recording(&path, record);
    let to = store(file.map_err(|CliError(error)| error)?, meta)?;
    to.push(|file| file.extend_from_slice(begun));
    let mut block = vec![0; 1 << 16];
    while let Ok(length @ 1..) = connection.read(&mut block) {
        let records = reader.push(block.get(..length).unwrap_or_default())?;
        to.push(|file| file.extend_from_slice(&records));
    }
    let last = reader.end();
    to.push(|file| file.extend_from_slice(&last));
    to.finish()?;
    Ok(())
}

/// The file of another run than the first: named after the process, and after the thread unless it
/// is the main one.
fn other_path(path: &Path, pid: u32, thread: &str) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    let clean = |c: char| {
        if c.is_alphanumeric() || c == '-' {
            c
        } else {
            '_'
        }
    };
    let thread: String = thread.chars().map(clean).take(40).collect();
    let thread = if thread == "MainThread" {
        String::new()
    } else {
        format!("-{thread}")
    };
    let dot = if ending.is_empty() { "" } else { "." };
    path.with_file_name(format!("{stem}-{pid}{thread}{dot}{ending}"))
}

/// A store that tells the user once if it cannot be written.
pub(super) fn store(file: RecordFile, meta: &Meta) -> io::Result<Store> {
    let path = file.path().to_owned();
    Store::to_file(file, meta, move |error| {
        report_error(&format!(
            "recording to {} has stopped: {error}; the program continues without it",
            path.display()
        ));
    })
}
