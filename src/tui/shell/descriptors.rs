//! Whether the process may open the descriptors that it needs.

use std::{fs::File, io};

/// Checks that the process may open this number of files. async-io panics if it cannot open its
/// own, so a program asks first.
///
/// # Errors
///
/// If it may not: what limits it.
pub fn need_descriptors(count: usize) -> io::Result<()> {
    let mut open = Vec::new();
    for _ in 0..count {
        match File::open("/dev/null") {
            Ok(file) => open.push(file),
            Err(error) => return Err(too_few(count, open.len(), &error)),
        }
    }
    Ok(())
}

fn too_few(count: usize, got: usize, error: &io::Error) -> io::Error {
    io::Error::other(format!(
        "{count} files have to be open at once, and only {got} can be ({error}): \
         a higher `ulimit -n` allows more"
    ))
}
