//! The source files of the program, if they are still at the paths from which it was compiled.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use crate::trace::sanitized;

/// At most this many files and bytes are put into a trace. At most this many folders are searched.
const MOST_FILES: usize = 200;
const MOST_BYTES: usize = 2 << 20;
const MOST_FOLDERS: usize = 2_000;

/// Folders of a workspace whose files are not part of a program. A program that is in one of them
/// itself consists of the files there.
const NOT_THE_PROGRAM: [&str; 4] = ["target", "tests", "benches", "examples"];

/// The program's source files, each with its path and its text: those in the folder of `file` and
/// below it and, if the program is part of a workspace, those of the other packages. `file` is the
/// path of a source file as the compiler records it, and the paths that are returned have the same
/// form.
pub(super) fn sources(file: &str) -> Vec<(String, String)> {
    let starts = [
        env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from),
        env::current_dir().ok(),
        // A program that is started from elsewhere is usually in the folder `target` of its project.
        env::current_exe().ok(),
    ];
    let starts: Vec<PathBuf> = starts.into_iter().flatten().collect();
    sources_from(file, &starts)
}

fn sources_from(file: &str, starts: &[PathBuf]) -> Vec<(String, String)> {
    let relative = Path::new(file);
    let Some((base, folder)) = base(relative, starts).zip(relative.parent()) else {
        return Vec::new();
    };
    let mut sources = FoundSources::default();
    sources.add(&base, folder, |_| true);
    let manifest = fs::read_to_string(base.join("Cargo.toml")).unwrap_or_default();
    let is_workspace = manifest.lines().any(|line| line.trim() == "[workspace]");
    if is_workspace && !NOT_THE_PROGRAM.iter().any(|name| folder.starts_with(name)) {
        // The compiler's paths begin at the workspace, so they name the files of all its packages.
        sources.add(&base, Path::new(""), |path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let is_part = !name.starts_with('.') && !NOT_THE_PROGRAM.contains(&&*name);
            is_part && path != folder
        });
    }
    let mut found = sources.found;
    // The screen shows the first file while no task has a location.
    found.sort_by_key(|(name, _)| name != file);
    found
}

#[derive(Default)]
struct FoundSources {
    found: Vec<(String, String)>,
    bytes: usize,
}

impl FoundSources {
    /// Adds the source files in a folder and in those below it that `enters` accepts. Symbolic links
    /// are not followed, because they may form a ring.
    fn add(&mut self, base: &Path, folder: &Path, enters: impl Fn(&Path) -> bool) {
        let mut folders = vec![folder.to_owned()];
        let mut looked_at = 0;
        while let Some(folder) = folders.pop() {
            looked_at += 1;
            if looked_at > MOST_FOLDERS {
                return;
            }
            let entries = fs::read_dir(base.join(&folder)).into_iter().flatten();
            let mut entries: Vec<(PathBuf, bool)> = entries
                .flatten()
                .map(|entry| {
                    let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
                    (folder.join(entry.file_name()), is_folder)
                })
                .collect();
            entries.sort();
            for (path, is_folder) in entries {
                if is_folder {
                    if enters(&path) {
                        folders.push(path);
                    }
                } else if path.extension().is_some_and(|kind| kind == "rs") {
                    self.add_file(base, &path);
                }
            }
        }
    }

    fn add_file(&mut self, base: &Path, path: &Path) {
        if self.found.len() < MOST_FILES
            && self.bytes < MOST_BYTES
            && let Ok(text) = fs::read_to_string(base.join(path))
        {
            self.bytes += text.len();
            let name = sanitized(&path.to_string_lossy(), "");
            self.found.push((name, sanitized(&text, "\n\t\r")));
        }
    }
}

/// The folder to which the compiler's paths are relative: one of `starts`, or a folder above it.
fn base(relative: &Path, starts: &[PathBuf]) -> Option<PathBuf> {
    let mut candidates = starts.iter().flat_map(|start| start.ancestors());
    candidates
        .find(|base| base.join(relative).is_file())
        .map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_of_a_workspace_are_found_from_the_program() {
        let root = env::temp_dir().join(format!("loopscope-sources-{}", std::process::id()));
        for (path, text) in [
            ("Cargo.toml", "[workspace]\nmembers = []\n"),
            ("cli/src/main.rs", "fn main() {}"),
            ("cli/src/deep/part.rs", "// part"),
            ("runner/src/runner.rs", "// runner"),
            ("runner/tests/suite.rs", "// not the program"),
            ("target/debug/build/made.rs", "// not the program"),
        ] {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let program = root.join("target/debug/program");
        let found = sources_from("cli/src/main.rs", &[program]);
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(
            names,
            [
                "cli/src/main.rs",
                "cli/src/deep/part.rs",
                "runner/src/runner.rs"
            ]
        );
    }
}
