//! The source files of a Python program.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

/// At most this many files and bytes are put into a trace.
const MOST_FILES: usize = 200;
const MOST_BYTES: usize = 2 << 20;

/// Options of the interpreter that take the next argument.
const WITH_VALUE: [&str; 3] = ["-W", "-X", "--check-hash-based-pycs"];

/// What the interpreter is asked to run.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PythonTarget {
    /// The name of the script without its folder and ending, or of the module.
    pub(super) name: String,
    /// The script, if there is one.
    pub(super) script: Option<PathBuf>,
}

/// Finds what the interpreter is asked to run, in its arguments.
pub(super) fn target(arguments: &[OsString]) -> PythonTarget {
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let text = argument.to_string_lossy();
        match &*text {
            "-m" => {
                let module = rest.next().map(|name| name.to_string_lossy().into_owned());
                return PythonTarget {
                    name: module.unwrap_or_default(),
                    script: None,
                };
            }
            "-c" => {
                return PythonTarget {
                    name: "-c".into(),
                    script: None,
                };
            }
            option if WITH_VALUE.contains(&option) => drop(rest.next()),
            option if option.starts_with('-') && option != "-" => {}
            _ => {
                let script = PathBuf::from(argument);
                let stem = script.file_stem().unwrap_or(script.as_os_str());
                return PythonTarget {
                    name: stem.to_string_lossy().into_owned(),
                    script: Some(script),
                };
            }
        }
    }
    PythonTarget {
        name: "python".into(),
        script: None,
    }
}

/// The file of the program that a module or a console script is asked to run: `web/app.py` for
/// `uvicorn web.app:app` and for `-m web.app`. `None` if the folder `here` has no such file.
fn application(arguments: &[OsString], here: &Path) -> Option<PathBuf> {
    let mut is_module = false;
    for argument in arguments {
        let text = argument.to_string_lossy();
        let name = match text.split_once(':') {
            Some((name, _)) => name,
            None if is_module => &text,
            None => {
                is_module = text == "-m";
                continue;
            }
        };
        is_module = false;
        let is_name = |part: &str| {
            let is_letter = |c: char| c.is_alphanumeric() || c == '_';
            !part.is_empty() && part.chars().all(is_letter)
        };
        if !name.split('.').all(is_name) {
            continue;
        }
        let path: PathBuf = name.split('.').collect();
        let files = [
            path.with_extension("py"),
            path.join("__main__.py"),
            path.join("__init__.py"),
        ];
        if let Some(file) = files.into_iter().find(|file| here.join(file).is_file()) {
            return Some(file);
        }
    }
    None
}

/// The option of the interpreter that keeps the adapter out, if there is one: with `-I` and `-E` it
/// ignores `PYTHONPATH`, with `-S` it imports no `sitecustomize`.
pub(super) fn keeps_out(arguments: &[OsString]) -> Option<String> {
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let text = argument.to_string_lossy();
        let flags = text.strip_prefix('-').filter(|flags| !flags.is_empty())?;
        if WITH_VALUE.contains(&&*text) {
            rest.next();
            continue;
        }
        if flags.starts_with(['-', 'W', 'X']) {
            continue;
        }
        for flag in flags.chars() {
            match flag {
                'I' | 'E' | 'S' => return Some(format!("-{flag}")),
                'c' | 'm' => return None,
                _ => {}
            }
        }
    }
    None
}

/// The Python files in the folder of the script, or in the working directory, and below it: each
/// with its path, as the adapter names it, and its text. The script comes first, or else the file that
/// a module or a console script is asked to run.
pub(super) fn sources(arguments: &[OsString], script: Option<&Path>) -> Vec<(String, String)> {
    let is_python = |script: &Path| script.extension().is_some_and(|ending| ending == "py");
    let application = match script {
        Some(script) if is_python(script) => None,
        _ => application(arguments, Path::new(".")),
    };
    let script = script.filter(|_| application.is_none());
    let folder = script.and_then(Path::parent).unwrap_or(Path::new(""));
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let here = std::env::current_dir().unwrap_or_default();
    let (mut found, mut bytes) = (Vec::new(), 0);
    let mut take = |path: &Path| {
        if found.len() < MOST_FILES
            && bytes < MOST_BYTES
            && let Ok(full) = path.canonicalize()
            && full.is_file()
            && let Ok(text) = fs::read_to_string(&full)
        {
            bytes += text.len();
            let name = full.strip_prefix(&here).unwrap_or(&full);
            let name = name.to_string_lossy().into_owned();
            if !found.iter().any(|(known, _)| *known == name) {
                found.push((name, text));
            }
        }
    };
    if let Some(first) = script.or(application.as_deref()) {
        take(first);
    }
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        let mut entries: Vec<PathBuf> = entries.map(|entry| entry.path()).take(2000).collect();
        entries.sort();
        for path in entries {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let is_foreign = name.starts_with(['.', '_']) && !name.ends_with(".py")
                || path.join("pyvenv.cfg").is_file()
                || ["node_modules", "site-packages"].contains(&&*name);
            if path.is_dir() && !path.is_symlink() {
                if !is_foreign && folders.len() < MOST_FILES {
                    folders.push(path);
                }
            } else if name.ends_with(".py") {
                take(&path);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target_of(arguments: &[&str]) -> (String, Option<PathBuf>) {
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        let target = target(&arguments);
        (target.name, target.script)
    }

    #[test]
    fn an_option_that_keeps_the_adapter_out_is_found() {
        let found = |arguments: &[&str]| {
            let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
            keeps_out(&arguments)
        };
        assert_eq!(found(&["-I", "app.py"]).as_deref(), Some("-I"));
        assert_eq!(found(&["-uE", "-m", "app"]).as_deref(), Some("-E"));
        assert_eq!(found(&["-W", "-I", "app.py", "-S"]), None);
        assert_eq!(found(&["-c", "-I"]), None);
        assert_eq!(found(&["-mI"]), None);
        assert_eq!(found(&["-Xdev", "--help"]), None);
    }

    #[test]
    fn the_file_that_a_module_runs_is_found() {
        let found = |arguments: &[&str]| {
            let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios");
            application(&arguments, Path::new(folder))
        };
        assert_eq!(found(&["-m", "uvicorn", "no_such_module:app"]), None);
        assert_eq!(
            found(&["-m", "uvicorn", "127.0.0.1:80", "../etc:x", ":"]),
            None
        );
        let file = Some(PathBuf::from("say_after.py"));
        assert_eq!(
            found(&["-m", "uvicorn", "say_after:app", "--port", "1"]),
            file
        );
        assert_eq!(found(&["bin/hypercorn", "say_after:app"]), file);
        assert_eq!(found(&["-m", "say_after"]), file);
    }

    #[test]
    fn the_target_is_found_behind_the_options() {
        let script = Some(PathBuf::from("web/app.py"));
        assert_eq!(
            target_of(&["web/app.py", "-m"]),
            ("app".into(), script.clone())
        );
        assert_eq!(
            target_of(&["-X", "dev", "-u", "web/app.py"]),
            ("app".into(), script)
        );
        assert_eq!(
            target_of(&["-m", "uvicorn", "app:app"]),
            ("uvicorn".into(), None)
        );
        assert_eq!(target_of(&["-c", "import x"]), ("-c".into(), None));
        assert_eq!(target_of(&[]), ("python".into(), None));
    }
}
