//! Whether the process may open the descriptors that it needs.

use std::{
    fs,
    io::{self, ErrorKind},
    thread,
    time::Duration,
};

use rustix::process::{Resource, getrlimit};

/// How often the descriptors are counted, and how long passes between two times.
const LOOKS: u32 = 3;
const MOMENT: Duration = Duration::from_millis(5);

/// Checks that the process may open this number of further descriptors. async-io panics if it cannot
/// open its own, so a program asks first.
///
/// The open ones are counted in `/dev/fd`. Opening files until one fails would need no such folder,
/// but would leave none to the other threads meanwhile.
///
/// Another thread may have a file open for a moment, so it is counted again.
///
/// # Errors
///
/// If it may not: how many are left, and what limits them.
#[expect(
    clippy::disallowed_methods,
    reason = "before the screen is shown, and only if it may not be"
)]
pub fn need_descriptors(count: u64) -> io::Result<()> {
    let Some(limit) = getrlimit(Resource::Nofile).current else {
        return Ok(());
    };
    let mut left = 0;
    for _ in 0..LOOKS {
        left = match fs::read_dir("/dev/fd") {
            // The folder is one of the open ones.
            Ok(open) => (limit + 1).saturating_sub(open.count() as u64),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(_) => 0,
        };
        if left >= count {
            return Ok(());
        }
        thread::sleep(MOMENT);
    }
    Err(io::Error::other(format!(
        "it takes {count} file descriptors, and {left} of {limit} are left: raise `ulimit -n`"
    )))
}
