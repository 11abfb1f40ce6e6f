//! Which way a program is watched.

use std::{
    env,
    io::{self, IsTerminal},
    path::PathBuf,
};

/// How a program's loop is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watch {
    /// On a screen, while it runs.
    Tui,
    /// In a file, for `loopscope replay`.
    Record(PathBuf),
    /// Not at all.
    Off,
}

impl Watch {
    /// What `LOOPSCOPE` says; without it, the screen if there is one.
    pub(super) fn from_environment() -> Result<Watch, String> {
        let dumb = env::var("TERM").is_ok_and(|term| term == "dumb");
        let has_screen = cfg!(feature = "tui") && !dumb && io::stdout().is_terminal();
        match env::var_os("LOOPSCOPE") {
            None if has_screen => Ok(Watch::Tui),
            None => Ok(Watch::Off),
            Some(value) => Watch::parse(&value.to_string_lossy()),
        }
    }

    fn parse(value: &str) -> Result<Watch, String> {
        match value.split_once(':') {
            None if value == "tui" => Ok(Watch::Tui),
            None if value == "off" || value.is_empty() => Ok(Watch::Off),
            Some(("record", path)) if !path.is_empty() => Ok(Watch::Record(path.into())),
            _ => {
                let shown: String = value.chars().flat_map(char::escape_debug).collect();
                Err(format!(
                    "LOOPSCOPE is \"{shown}\": it can be tui, record:FILE or off"
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_says_one_of_three_things_or_is_wrong() {
        assert_eq!(Watch::parse("tui"), Ok(Watch::Tui));
        assert_eq!(Watch::parse("off"), Ok(Watch::Off));
        assert_eq!(Watch::parse(""), Ok(Watch::Off));
        let file = Watch::Record("a:b.loopscope".into());
        assert_eq!(Watch::parse("record:a:b.loopscope"), Ok(file));
        for wrong in ["record", "record:", "TUI", "on", "\u{1b}[2J"] {
            let error = Watch::parse(wrong).unwrap_err();
            assert!(error.contains("record:FILE"), "{error}");
            assert!(!error.contains('\u{1b}'), "{error}");
        }
    }
}
