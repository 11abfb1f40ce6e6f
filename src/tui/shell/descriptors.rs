//! Whether the process may open the descriptors that it needs.

use std::{
    fs,
    io::{self, ErrorKind},
};

use rustix::process::{Resource, getrlimit};

/// Checks that the process may open this number of further descriptors. async-io panics if it cannot
/// open its own, so a program asks first.
///
/// The open ones are counted in `/dev/fd`. Opening files until one fails would need no such folder,
/// but would leave none to the other threads meanwhile.
///
/// # Errors
///
/// If it may not: how many are left, and what limits them.
pub fn need_descriptors(count: u64) -> io::Result<()> {
    let Some(limit) = getrlimit(Resource::Nofile).current else {
        return Ok(());
    };
    let left = match fs::read_dir("/dev/fd") {
        // The folder is one of the open ones.
        Ok(open) => (limit + 1).saturating_sub(open.count() as u64),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(_) => 0,
    };
    if left >= count {
        return Ok(());
    }
    Err(io::Error::other(format!(
        "it takes {count} file descriptors, and {left} of {limit} are left: raise `ulimit -n`"
    )))
}
