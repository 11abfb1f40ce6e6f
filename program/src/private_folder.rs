//! A temporary folder that only this user can read.

use std::{
    env, fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    process,
};

/// The longest path of a Unix socket, with some room.
const LONGEST: usize = 100;

/// A new folder. It is removed when this value is dropped.
#[derive(Debug)]
pub(crate) struct PrivateFolder(PathBuf);

impl PrivateFolder {
    /// Creates the folder. Its path is short enough for a Unix socket in it.
    pub(crate) fn create() -> io::Result<PrivateFolder> {
        let mut base = env::temp_dir();
        if base.as_os_str().len() > LONGEST - 40 {
            base = PathBuf::from("/tmp");
        }
        let mut number = 0;
        loop {
            let folder = base.join(format!("loopscope-{}-{number}", process::id()));
            match fs::DirBuilder::new().mode(0o700).create(&folder) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 1000 => {
                    number += 1;
                }
                made => return made.map(|()| PrivateFolder(folder)),
            }
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for PrivateFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
