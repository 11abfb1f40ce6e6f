//! The configuration file: the language that the user reads, and nothing else so far.
//!
//! ```text
//! # loopscope
//! language = "python"
//! ```
//!
//! It is the file that the variable `LOOPSCOPE_CONFIG` names, or else `loopscope/config.toml` in the
//! directory for configuration: `$XDG_CONFIG_HOME` or `~/.config`, `~/Library/Application Support`
//! on macOS, `%APPDATA%` on Windows. An empty `LOOPSCOPE_CONFIG` means that there is no file: then
//! nothing is read, asked or remembered. A device such as `/dev/null` means the same.
//!
//! A file that cannot be read never stops the program: [`Config::load`] says in one line what is
//! wrong. A change replaces the line of its setting and keeps all others. The file is written beside
//! its place and then renamed, so it is never seen half written. Only a file is replaced: a program of
//! the superuser could replace a device by a file. Of a symbolic link the target is replaced.

use std::{
    env,
    ffi::OsString,
    fs::{self, File},
    io::{self, Read},
    os::unix::fs::FileTypeExt,
    path::{Path, PathBuf},
    process,
};

use clap::ValueEnum;
use loopscope::{insight::Language, trace::sanitized};

/// The first line of a new file.
const HEADING: &str =
    "# Settings of loopscope, also changed by its keys. language: \"rust\" or \"python\".";

/// The most bytes of a file that are read.
const MOST: u64 = 1 << 20;

/// The settings, and where they are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Config {
    /// The file; `None` if there is no place for it.
    path: Option<PathBuf>,
    /// The language that the user reads; `None` if it was never chosen.
    pub(crate) language: Option<Language>,
    /// What is wrong with the file, in one line.
    pub(crate) complaint: Option<String>,
}

impl Config {
    /// The settings of the user.
    pub(crate) fn load() -> Config {
        let home = place(|name| env::var_os(name).filter(|value| !value.is_empty()));
        match env::var_os("LOOPSCOPE_CONFIG") {
            Some(path) if path.is_empty() => Config::default(),
            Some(path) => Config::read(PathBuf::from(path)),
            None => home.map_or_else(Config::default, Config::read),
        }
    }

    /// The settings in a file, which may not exist.
    fn read(path: PathBuf) -> Config {
        if fs::metadata(&path).is_ok_and(|there| there.file_type().is_char_device()) {
            return Config::default();
        }
        let (language, complaint) = match read_text(&path) {
            Ok(text) => match language_in(&text) {
                Ok(language) => (language, None),
                Err(line) => {
                    // The path is last: it may be longer than a row of the screen.
                    let words = format!(
                        "line {line}: expected language = \"rust\" or language = \"python\"; the line is ignored ({})",
                        path.display()
                    );
                    (None, Some(words))
                }
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => (None, None),
            Err(error) => (
                None,
                Some(format!("cannot read {}: {error}", path.display())),
            ),
        };
        Config {
            path: Some(path),
            language,
            // The screen shows it as well.
            complaint: complaint.map(|words| sanitized(&words, "")),
        }
    }

    /// Whether to ask for the language: it was never chosen, and the answer can be kept.
    pub(crate) fn asks(&self) -> bool {
        self.path.is_some() && self.language.is_none() && self.complaint.is_none()
    }

    /// The file for what the user has finished, beside the configuration file.
    pub(crate) fn progress_file(&self) -> Option<PathBuf> {
        self.path
            .as_ref()
            .map(|path| path.with_extension("progress"))
    }

    /// Keeps the language for the next start. Without a place for the file, it is forgotten.
    pub(crate) fn remember(&self, language: Language) -> io::Result<()> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        let old = match read_text(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => format!("{HEADING}\n"),
            Err(error) => return Err(error),
        };
        write_whole(path, &with_language(&old, language))
    }
}

/// The file in the user's directory for configuration, by the variables of the environment.
fn place(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let from_home = |rest: &str| Some(PathBuf::from(variable("HOME")?).join(rest));
    let directory = if let Some(directory) = variable("XDG_CONFIG_HOME") {
        PathBuf::from(directory)
    } else if cfg!(windows) {
        PathBuf::from(variable("APPDATA")?)
    } else if cfg!(target_os = "macos") {
        from_home("Library/Application Support")?
    } else {
        from_home(".config")?
    };
    Some(directory.join("loopscope").join("config.toml"))
}

/// The value of a line that sets the language; `None` for any other line.
fn language_value(line: &str) -> Option<&str> {
    let (name, value) = line.split_once('=')?;
    (name.trim() == "language").then(|| value.split('#').next().unwrap_or_default().trim())
}

/// The language that a file sets, or the number of the line with another value.
fn language_in(text: &str) -> Result<Option<Language>, u32> {
    let mut found = None;
    for (line, number) in text.lines().zip(1_u32..) {
        if let Some(value) = language_value(line) {
            let name = value.trim_matches(['"', '\'']);
            found = Some(Language::from_str(name, true).map_err(|_| number)?);
        }
    }
    Ok(found)
}

/// The text of the file with this language, and with all its other lines.
fn with_language(text: &str, language: Language) -> String {
    let setting = format!("language = \"{}\"", language.as_str());
    let kept = text.lines().filter(|line| language_value(line).is_none());
    let lines: Vec<&str> = kept.chain([setting.as_str()]).collect();
    lines.join("\n") + "\n"
}

/// The text of a file. A pipe would be waited for, and a device may have no end.
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    let there = fs::metadata(path)?;
    if !there.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    if there.len() > MOST {
        return Err(io::Error::other(format!("it has {} bytes", there.len())));
    }
    let mut text = String::new();
    File::open(path)?.take(MOST).read_to_string(&mut text)?;
    Ok(text)
}

/// Writes a file beside its place, then renames it.
pub(crate) fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    let target = match fs::metadata(path) {
        Ok(there) if there.is_file() => fs::canonicalize(path)?,
        Ok(_) => return Err(io::Error::other("it is not a file")),
        Err(_) => path.to_owned(),
    };
    let path = target.as_path();
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}", process::id()));
    let beside = PathBuf::from(name);
    let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_which_language() {
        for (text, expected) in [
            ("", Ok(None)),
            ("# language = \"python\"\nother = 1\n", Ok(None)),
            ("language = \"python\"\n", Ok(Some(Language::Python))),
            ("a = 1\n language='Rust' # mine\n", Ok(Some(Language::Rust))),
            ("\nlanguage = \"perl\"\n", Err(2)),
            ("language =\n", Err(1)),
        ] {
            assert_eq!(language_in(text), expected, "{text}");
        }
    }

    #[test]
    fn progress_is_beside_the_configuration() {
        let config = Config {
            path: Some(PathBuf::from("/home/ada/config.toml")),
            ..Config::default()
        };
        let expected = PathBuf::from("/home/ada/config.progress");
        assert_eq!(config.progress_file(), Some(expected));
        assert_eq!(Config::default().progress_file(), None);
    }

    #[test]
    fn a_change_keeps_the_other_lines() {
        let old = "# mine\nlanguage = \"rust\"\nother = 1";
        let new = with_language(old, Language::Python);
        assert_eq!(new, "# mine\nother = 1\nlanguage = \"python\"\n");
        assert_eq!(language_in(&new), Ok(Some(Language::Python)));
    }

    #[test]
    fn the_place_follows_the_environment() {
        let known = |pairs: &'static [(&str, &str)]| {
            place(|name| {
                let found = pairs.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| value.into())
            })
        };
        assert_eq!(known(&[]), None);
        let xdg = known(&[("HOME", "/h"), ("XDG_CONFIG_HOME", "/x")]);
        assert_eq!(xdg, Some(PathBuf::from("/x/loopscope/config.toml")));
        let home = known(&[("HOME", "/h"), ("APPDATA", "/h")]).unwrap();
        assert!(home.starts_with("/h") && home.ends_with("loopscope/config.toml"));
    }

    #[test]
    fn only_a_file_is_read_and_replaced() {
        let directory = env::temp_dir().join(format!("loopscope-config-kinds-{}", process::id()));
        fs::create_dir_all(directory.join("folder")).unwrap();
        for device in ["/dev/null", "/dev/zero"] {
            assert_eq!(Config::read(device.into()), Config::default());
            assert!(write_whole(Path::new(device), "").is_err());
        }
        let folder = Config::read(directory.join("folder"));
        assert!(folder.complaint.is_some() && !folder.asks());
        assert!(folder.remember(Language::Python).is_err());
        let (pipe, link) = (directory.join("pipe"), directory.join("link"));
        let mut make = process::Command::new("mkfifo");
        assert!(make.arg(&pipe).status().unwrap().success());
        assert!(Config::read(pipe.clone()).complaint.is_some());
        assert!(write_whole(&pipe, "").is_err());
        // The target of a link is replaced, and the link stays.
        fs::write(directory.join("target"), "").unwrap();
        std::os::unix::fs::symlink("target", &link).unwrap();
        Config::read(link.clone())
            .remember(Language::Python)
            .unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(Config::read(link).language, Some(Language::Python));
        fs::write(directory.join("large"), "x".repeat(2 << 20)).unwrap();
        assert!(Config::read(directory.join("large")).complaint.is_some());
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn a_choice_is_remembered_in_a_new_file() {
        let directory = env::temp_dir().join(format!("loopscope-config-{}", process::id()));
        let path = directory.join("deeper").join("config.toml");
        let first = Config::read(path.clone());
        assert!(first.asks() && first.language.is_none());
        first.remember(Language::Python).unwrap();
        let second = Config::read(path.clone());
        assert_eq!(second.language, Some(Language::Python));
        assert!(!second.asks());
        let files = fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(files, 1, "nothing but the file is left");
        fs::write(&path, "language = 3\n").unwrap();
        let bad = Config::read(path);
        assert!(bad.complaint.is_some_and(|words| words.contains("line 1")));
        fs::remove_dir_all(directory).unwrap();
    }
}
