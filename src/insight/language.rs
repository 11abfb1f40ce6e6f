//! The language whose words and lines describe a run.
//!
//! The programs that run are written in Rust. A scenario comes with the same program for asyncio,
//! its *twin*, so it can be described to readers of either language: in the words, the expressions
//! and the line numbers of the twin, or of the program itself. Any other program is written in one
//! language and is described in that one, whatever its reader prefers.

use crate::replay::Replay;
use crate::trace::{Tables, TaskId};

use super::pairs::is_rust_only;

/// How many locations are looked at to find the language of a program without sources.
const LOCATIONS: usize = 16;

/// A language in which runs are described.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Language {
    /// Rust: `x.await`, `spawn`, future, error.
    #[default]
    Rust,
    /// Python's asyncio: `await x`, `create_task`, coroutine, exception.
    Python,
}

impl Language {
    /// Its name on the command line and in the configuration file.
    pub fn as_str(self) -> &'static str {
        match self {
            Language::Rust => "rust",
            Language::Python => "python",
        }
    }

    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Language::Rust => "Rust",
            Language::Python => "Python",
        }
    }

    /// The other language.
    #[must_use]
    pub fn other(self) -> Language {
        match self {
            Language::Rust => Language::Python,
            Language::Python => Language::Rust,
        }
    }

    /// Of two values, the one for this language.
    pub fn choose<T>(self, rust: T, python: T) -> T {
        match self {
            Language::Rust => rust,
            Language::Python => python,
        }
    }

    /// The language in which a run is described to a reader who prefers this one: the only language
    /// of its program, or else the preferred one.
    #[must_use]
    pub fn for_run(self, replay: &Replay) -> Language {
        only_language(replay).unwrap_or(self)
    }

    /// The language in which two runs are described together: Rust unless both can be described in
    /// Python.
    #[must_use]
    pub fn for_runs(self, a: &Replay, b: &Replay) -> Language {
        match (self.for_run(a), self.for_run(b)) {
            (Language::Python, Language::Python) => Language::Python,
            (Language::Rust, _) | (_, Language::Rust) => Language::Rust,
        }
    }
}

/// A text in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Phrase {
    /// The text for readers of Rust.
    pub rust: &'static str,
    /// The text for readers of Python.
    pub python: &'static str,
}

impl Phrase {
    /// A text that differs between the languages.
    pub const fn new(rust: &'static str, python: &'static str) -> Phrase {
        Phrase { rust, python }
    }

    /// A text that is the same in both languages.
    pub const fn same(text: &'static str) -> Phrase {
        Phrase::new(text, text)
    }

    /// The text in one language.
    pub fn text(self, language: Language) -> &'static str {
        language.choose(self.rust, self.python)
    }
}

impl From<&'static str> for Phrase {
    fn from(text: &'static str) -> Phrase {
        Phrase::same(text)
    }
}

/// The language of a program that is written in one language only, by the names of its source
/// files, or of the files that its locations name. It is Rust too for a variant that does what
/// asyncio does otherwise. `None` if it has a twin, or if no name tells.
pub fn only_language(replay: &Replay) -> Option<Language> {
    let meta = &replay.log().meta;
    if is_rust_only(meta) {
        return Some(Language::Rust);
    }
    let tables = replay.tables();
    let sources = meta.sources.iter().map(|(name, _)| &**name);
    let located = tables.locations().iter().take(LOCATIONS);
    let names = sources.chain(located.map(|location| tables.text(location.file)));
    let (mut rust, mut python) = (false, false);
    for name in names {
        rust |= has_extension(name, "rs");
        python |= has_extension(name, "py");
    }
    match (rust, python) {
        (true, false) => Some(Language::Rust),
        (false, true) => Some(Language::Python),
        (true, true) | (false, false) => None,
    }
}

/// Whether a task was spawned in a file of Python: then it is one of asyncio, and the implicit request
/// to cancel it means that Python has freed it, because nothing referred to it.
pub(super) fn is_of_python(tables: &Tables, task: TaskId) -> bool {
    let place = tables.task(task).and_then(|info| tables.location(info.at));
    place.is_some_and(|place| has_extension(tables.text(place.file), "py"))
}

/// Whether a file name ends with a dot and this extension.
pub(super) fn has_extension(name: &str, extension: &str) -> bool {
    name.strip_suffix(extension)
        .is_some_and(|rest| rest.ends_with('.'))
}
