//! The source files of the program, if they are still at the paths from which it was compiled.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use crate::trace::sanitized;

/// At most this many files and bytes are put into a trace.
const MOST_FILES: usize = 200;
const MOST_BYTES: usize = 2 << 20;

/// The source files in the folder of `file` and below it, each with its path and its text. `file`
/// is the path of a source file as the compiler records it, and the paths that are returned have
/// the same form.
pub(super) fn sources(file: &str) -> Vec<(String, String)> {
    let relative = Path::new(file);
    let Some((base, folder)) = base(relative).zip(relative.parent()) else {
        return Vec::new();
    };
    let (mut found, mut bytes) = (Vec::new(), 0);
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let mut entries: Vec<PathBuf> = fs::read_dir(base.join(&folder))
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| folder.join(entry.file_name()))
            .collect();
        entries.sort();
        for path in entries {
            let place = base.join(&path);
            if place.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs")
                && found.len() < MOST_FILES
                && bytes < MOST_BYTES
                && let Ok(text) = fs::read_to_string(place)
            {
                bytes += text.len();
                let name = sanitized(&path.to_string_lossy(), "");
                found.push((name, sanitized(&text, "\n\t\r")));
            }
        }
    }
    // The screen shows the first file while no task has a location.
    found.sort_by_key(|(name, _)| name != file);
    found
}

/// The folder to which the compiler's paths are relative: the package's folder, the working
/// directory, or a folder above one of these.
fn base(relative: &Path) -> Option<PathBuf> {
    let here = env::current_dir().ok();
    let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let starts: Vec<PathBuf> = package.into_iter().chain(here).collect();
    let mut candidates = starts.iter().flat_map(|start| start.ancestors());
    candidates
        .find(|base| base.join(relative).is_file())
        .map(Path::to_owned)
}
