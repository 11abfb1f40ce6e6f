//! A directory with files for a run.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
};

/// Counts the directories of this process, for their names.
static MADE: AtomicU32 = AtomicU32::new(0);

/// A directory with files. A temporary one is deleted when it is dropped.
pub(crate) struct Directory {
    pub(crate) path: PathBuf,
    made: bool,
}

impl Directory {
    /// The given directory, or a temporary one with these files if `given` is empty.
    pub(crate) fn new<const N: usize>(
        given: &str,
        files: [(&str, &str); N],
    ) -> io::Result<Directory> {
        if !given.is_empty() {
            let (path, made) = (PathBuf::from(given), false);
            return Ok(Directory { path, made });
        }
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("loopscope-{}-{number}", process::id()));
        fs::create_dir_all(&path).map_err(|error| about(&path, &error))?;
        let directory = Directory { path, made: true };
        for (name, text) in files {
            fs::write(directory.path.join(name), text)?;
        }
        Ok(directory)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        if self.made {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// The error with the name of its file.
pub(crate) fn about(path: &Path, error: &io::Error) -> io::Error {
    io::Error::other(format!("{}: {error}", path.display()))
}
