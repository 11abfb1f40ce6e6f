//! The adapter for Python, in a private folder that is removed at the end.

use std::{
    env, fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    process,
};

/// A file of the adapter: its name and its text.
macro_rules! file {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../python/", $name)))
    };
}

/// The files of the adapter, which are part of this program.
const FILES: [(&str, &str); 14] = [
    file!("sitecustomize.py"),
    file!("_loopscope/__init__.py"),
    file!("_loopscope/attach.py"),
    file!("_loopscope/clock.py"),
    file!("_loopscope/control.py"),
    file!("_loopscope/hooks.py"),
    file!("_loopscope/output.py"),
    file!("_loopscope/ready.py"),
    file!("_loopscope/recorder.py"),
    file!("_loopscope/resources.py"),
    file!("_loopscope/snapshots.py"),
    file!("_loopscope/uvloop_stub.py"),
    file!("_loopscope/waits.py"),
    file!("_loopscope/wire.py"),
];

/// What a program runs to which loopscope attaches.
const ATTACH: &str = include_str!("../../../python/attach.py");

/// The longest path of a Unix socket, with some room.
const LONGEST: usize = 100;

/// The folder of the adapter. It is removed when this value is dropped.
#[derive(Debug)]
pub(super) struct Adapter {
    folder: PathBuf,
}

impl Adapter {
    /// Writes the adapter into a new folder that only this user can read.
    pub(super) fn install() -> io::Result<Adapter> {
        let folder = new_folder()?;
        let adapter = Adapter { folder };
        fs::create_dir(adapter.folder.join("_loopscope"))?;
        for (name, text) in FILES {
            fs::write(adapter.folder.join(name), text)?;
        }
        Ok(adapter)
    }

    /// Writes the file that a program runs to which loopscope attaches. Returns its path.
    pub(super) fn attachment(&self) -> io::Result<PathBuf> {
        let quoted = |path: &Path| serde_json::Value::from(path.to_string_lossy()).to_string();
        let (folder, socket) = (quoted(&self.folder), quoted(&self.socket()));
        let path = self.folder.join("attach.py");
        fs::write(
            &path,
            format!("FOLDER, SOCKET = {folder}, {socket}\n{ATTACH}"),
        )?;
        Ok(path)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The socket to which the adapter connects.
    pub(super) fn socket(&self) -> PathBuf {
        self.folder.join("s")
    }
}

impl Drop for Adapter {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn new_folder() -> io::Result<PathBuf> {
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
            made => return made.map(|()| folder),
        }
    }
}
