//! The adapter for Python, in a private folder that is removed at the end.
//!
//! CPython compiles a module whose bytecode is in no file, which takes most of the time that the
//! adapter takes to start. The wheel has the adapter as well, and pip has compiled it. So in an
//! environment with the wheel the folder refers to the files there, if they are those of this program.

use std::{
    env,
    ffi::OsStr,
    fs, io,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use crate::{output::CliError, private_folder::PrivateFolder};

/// A file of the adapter: its name and its text.
macro_rules! file {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!("../../../python/_loopscope/", $name)),
        )
    };
}

/// The package of the adapter.
const PACKAGE: &str = "_loopscope";

/// The module that CPython imports first, which is a file of the package.
const FIRST: &str = "sitecustomize.py";

/// The folder for bytecode, beside its sources.
const BYTECODE: &str = "__pycache__";

/// The files of the package, which are part of this program.
const FILES: [(&str, &str); 39] = [
    file!("__init__.py"),
    file!("attach.py"),
    file!("clock.py"),
    file!("commands.py"),
    file!("control.py"),
    file!("entry.py"),
    file!("failures.py"),
    file!("first.py"),
    file!("foreign.py"),
    file!("functions.py"),
    file!("hazards.py"),
    file!("hooks.py"),
    file!("inner.py"),
    file!("jobs.py"),
    file!("late.py"),
    file!("names.py"),
    file!("objects.py"),
    file!("observe.py"),
    file!("operations.py"),
    file!("order.py"),
    file!("output.py"),
    file!("parts.py"),
    file!("places.py"),
    file!("races.py"),
    file!("ready.py"),
    file!("recorder.py"),
    file!("resources.py"),
    file!("settings.py"),
    file!("sitecustomize.py"),
    file!("snapshots.py"),
    file!("stalled.py"),
    file!("streams.py"),
    file!("terminal.py"),
    file!("threads.py"),
    file!("uvloop_stub.py"),
    file!("virtual.py"),
    file!("waits.py"),
    file!("watchdog.py"),
    file!("wire.py"),
];

/// What a program runs to which loopscope attaches.
const ATTACH: &str = include_str!("../../../python/attach.py");

/// The folder of the adapter. It is removed when this value is dropped.
#[derive(Debug)]
pub(super) struct Adapter {
    folder: PrivateFolder,
}

impl Adapter {
    /// Makes a new folder that only this user can read, with the adapter for this interpreter.
    ///
    /// # Errors
    ///
    /// One line that names the folder for temporary files, if it cannot be used.
    pub(super) fn install_for(python: &Path) -> Result<Adapter, CliError> {
        let program = env::current_exe().ok();
        let folder = folder_of(python, env::var_os("PATH").as_deref());
        let compiled = folder.and_then(|folder| compiled(&folder, program?.parent()?));
        Adapter::install_from(compiled.as_deref())
    }

    /// Makes a new folder that only this user can read, and writes the adapter into it.
    ///
    /// # Errors
    ///
    /// Those of [`Adapter::install_for`].
    pub(super) fn install() -> Result<Adapter, CliError> {
        Adapter::install_from(None)
    }

    fn install_from(compiled: Option<&Path>) -> Result<Adapter, CliError> {
        Adapter::fill(compiled).map_err(|error| {
            let folder = env::temp_dir();
            CliError::new(format!(
                "the adapter cannot be written to {}: {error}; TMPDIR names another folder",
                folder.display()
            ))
        })
    }

    fn fill(compiled: Option<&Path>) -> io::Result<Adapter> {
        let folder = PrivateFolder::create()?;
        let package = folder.path().join(PACKAGE);
        if let Some(compiled) = compiled {
            symlink(compiled, &package)?;
            symlink(
                Path::new(PACKAGE).join(BYTECODE),
                folder.path().join(BYTECODE),
            )?;
        } else {
            fs::create_dir(&package)?;
            for (name, text) in FILES {
                fs::write(package.join(name), text)?;
            }
        }
        symlink(Path::new(PACKAGE).join(FIRST), folder.path().join(FIRST))?;
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

/// The folder of a command, which is looked for in `path` as a shell does.
fn folder_of(command: &Path, path: Option<&OsStr>) -> Option<PathBuf> {
    let folder = command.parent()?;
    if !folder.as_os_str().is_empty() {
        return Some(folder.to_owned());
    }
    env::split_paths(path?).find(|folder| folder.join(command).is_file())
}

/// The package as the wheel has installed it, with bytecode, if this program and the interpreter are of
/// one environment. `python` and `program` are their folders.
fn compiled(python: &Path, program: &Path) -> Option<PathBuf> {
    if python.canonicalize().ok()? != program.canonicalize().ok()? {
        return None;
    }
    let libraries = fs::read_dir(program.parent()?.join("lib")).ok()?.flatten();
    let is_of_python = |name: &OsStr| name.as_encoded_bytes().starts_with(b"python3.");
    let mut packages = libraries
        .filter(|entry| is_of_python(&entry.file_name()))
        .map(|entry| entry.path().join("site-packages").join(PACKAGE))
        .filter(|package| package.is_dir());
    let package = packages.next()?;
    // With packages of several versions one cannot tell which the interpreter has.
    let is_usable = packages.next().is_none() && is_same(&package) && is_compiled(&package);
    is_usable.then_some(package)
}

/// Whether a package has the files of this program.
fn is_same(package: &Path) -> bool {
    let is_same = |(name, text): (&str, &str)| {
        fs::read(package.join(name)).is_ok_and(|found| found == text.as_bytes())
    };
    FILES.into_iter().all(is_same)
}

/// Whether there is bytecode for each file: CPython would write what is missing.
fn is_compiled(package: &Path) -> bool {
    let Ok(entries) = fs::read_dir(package.join(BYTECODE)) else {
        return false;
    };
    let found: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
    let has = |name: &str| {
        let module = name.strip_suffix("py").unwrap_or(name).as_bytes();
        let mut found = found.iter().map(|file| file.as_encoded_bytes());
        found.any(|file| file.starts_with(module) && file.ends_with(b".pyc"))
    };
    FILES.iter().all(|(name, _)| has(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An environment as the wheel leaves it, in which this program could be.
    fn environment() -> (PrivateFolder, PathBuf, PathBuf) {
        let folder = PrivateFolder::create().unwrap();
        let commands = folder.path().join("bin");
        let package = folder
            .path()
            .join("lib/python3.12/site-packages/_loopscope");
        fs::create_dir(&commands).unwrap();
        fs::create_dir_all(package.join(BYTECODE)).unwrap();
        for (name, text) in FILES {
            fs::write(package.join(name), text).unwrap();
            let module = name.strip_suffix("py").unwrap();
            let bytecode = format!("{BYTECODE}/{module}cpython-312.pyc");
            fs::write(package.join(bytecode), "").unwrap();
        }
        (folder, commands, package)
    }

    #[test]
    fn the_compiled_adapter_of_the_environment_is_used() {
        let (_folder, commands, package) = environment();
        assert_eq!(compiled(&commands, &commands), Some(package.clone()));
        let adapter = Adapter::install_from(Some(&package)).unwrap();
        let first = fs::read_to_string(adapter.folder().join(FIRST)).unwrap();
        assert!(first.contains("imports `sitecustomize`"), "{first}");
        assert!(adapter.folder().join(BYTECODE).is_dir());
        drop(adapter);
        assert!(package.join(FIRST).is_file(), "only the links are removed");
    }

    #[test]
    fn another_adapter_is_not_used_in_its_place() {
        let (folder, commands, package) = environment();
        let other = folder.path().join("other");
        fs::create_dir(&other).unwrap();
        assert_eq!(compiled(&other, &commands), None, "another interpreter");
        let bytecode = package.join("__pycache__/hooks.cpython-312.pyc");
        fs::remove_file(&bytecode).unwrap();
        assert_eq!(compiled(&commands, &commands), None, "no bytecode");
        fs::write(bytecode, "").unwrap();
        assert_eq!(compiled(&commands, &commands), Some(package.clone()));
        fs::write(package.join("hooks.py"), "another version").unwrap();
        assert_eq!(compiled(&commands, &commands), None, "another version");
    }

    #[test]
    fn the_folder_of_a_command_is_that_of_its_path_or_in_the_path_of_commands() {
        let (folder, commands, _) = environment();
        fs::write(commands.join("python3"), "").unwrap();
        let path = env::join_paths([folder.path(), commands.as_path()]).unwrap();
        let found = |command: &str| folder_of(Path::new(command), Some(&path));
        assert_eq!(found("python3"), Some(commands.clone()));
        assert_eq!(found("/a/python3"), Some(PathBuf::from("/a")));
        assert_eq!(found("nothing"), None);
    }

    #[test]
    fn every_file_of_the_adapter_is_part_of_the_program() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../python/_loopscope");
        let paths = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let paths = paths.filter(|path| path.extension().is_some_and(|ending| ending == "py"));
        let mut due: Vec<String> = paths
            .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        due.sort();
        let mut found = FILES.map(|(name, _)| name.to_owned());
        found.sort();
        assert_eq!(found.as_slice(), due);
    }
}
