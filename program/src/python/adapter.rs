//! The adapter for Python, in a private folder that is removed at the end.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use crate::{output::CliError, private_folder::PrivateFolder};

/// A file of the adapter: its name and its text.
macro_rules! file {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../python/", $name)))
    };
}

/// The files of the adapter, which are part of this program.
const FILES: [(&str, &str); 38] = [
    file!("sitecustomize.py"),
    file!("_loopscope/__init__.py"),
    file!("_loopscope/attach.py"),
    file!("_loopscope/clock.py"),
    file!("_loopscope/commands.py"),
    file!("_loopscope/control.py"),
    file!("_loopscope/entry.py"),
    file!("_loopscope/failures.py"),
    file!("_loopscope/first.py"),
    file!("_loopscope/foreign.py"),
    file!("_loopscope/functions.py"),
    file!("_loopscope/hazards.py"),
    file!("_loopscope/hooks.py"),
    file!("_loopscope/inner.py"),
    file!("_loopscope/jobs.py"),
    file!("_loopscope/late.py"),
    file!("_loopscope/names.py"),
    file!("_loopscope/objects.py"),
    file!("_loopscope/observe.py"),
    file!("_loopscope/operations.py"),
    file!("_loopscope/order.py"),
    file!("_loopscope/output.py"),
    file!("_loopscope/parts.py"),
    file!("_loopscope/places.py"),
    file!("_loopscope/races.py"),
    file!("_loopscope/ready.py"),
    file!("_loopscope/recorder.py"),
    file!("_loopscope/resources.py"),
    file!("_loopscope/settings.py"),
    file!("_loopscope/snapshots.py"),
    file!("_loopscope/stalled.py"),
    file!("_loopscope/streams.py"),
    file!("_loopscope/terminal.py"),
    file!("_loopscope/uvloop_stub.py"),
    file!("_loopscope/virtual.py"),
    file!("_loopscope/waits.py"),
    file!("_loopscope/watchdog.py"),
    file!("_loopscope/wire.py"),
];

/// What a program runs to which loopscope attaches.
const ATTACH: &str = include_str!("../../../python/attach.py");

/// The folder of the adapter. It is removed when this value is dropped.
#[derive(Debug)]
pub(super) struct Adapter {
    folder: PrivateFolder,
}

impl Adapter {
    /// Writes the adapter into a new folder that only this user can read.
    ///
    /// # Errors
    ///
    /// One line that names the folder for temporary files, if it cannot be used.
    pub(super) fn install() -> Result<Adapter, CliError> {
        Adapter::write().map_err(|error| {
            let folder = env::temp_dir();
            CliError::new(format!(
                "the adapter cannot be written to {}: {error}; TMPDIR names another folder",
                folder.display()
            ))
        })
    }

    fn write() -> io::Result<Adapter> {
        let folder = PrivateFolder::create()?;
        fs::create_dir(folder.path().join("_loopscope"))?;
        for (name, text) in FILES {
            fs::write(folder.path().join(name), text)?;
        }
        Ok(Adapter { folder })
    }

    /// Writes the file that a program runs to which loopscope attaches. Returns its path.
    pub(super) fn attachment(&self) -> io::Result<PathBuf> {
        let quoted = |path: &Path| serde_json::Value::from(path.to_string_lossy()).to_string();
        let (folder, socket) = (quoted(self.folder()), quoted(&self.socket()));
        let path = self.folder().join("attach.py");
        fs::write(
            &path,
            format!("FOLDER, SOCKET = {folder}, {socket}\n{ATTACH}"),
        )?;
        Ok(path)
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The socket to which the adapter connects.
    pub(super) fn socket(&self) -> PathBuf {
        self.folder().join("s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_adapter_is_part_of_the_program() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../python/_loopscope");
        let paths = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let paths = paths.filter(|path| path.extension().is_some_and(|ending| ending == "py"));
        let mut due: Vec<String> = paths
            .map(|path| format!("_loopscope/{}", path.file_name().unwrap().to_string_lossy()))
            .collect();
        due.push("sitecustomize.py".to_owned());
        due.sort();
        let mut found = FILES.map(|(name, _)| name.to_owned());
        found.sort();
        assert_eq!(found.as_slice(), due);
    }
}
