//! Finds the line of a Python program that corresponds to a line of the same program in Rust.
//!
//! The two programs have functions of the same names, and most statements of one have a counterpart
//! in the other, in the same order. [`Twin::of`] computes the whole table once:
//!
//! 1. Both texts are divided into functions, and functions into statements
//!    ([`functions`](self::functions)).
//! 2. Functions of the same name belong together.
//! 3. The statements of two functions are aligned: in order, by the names, numbers and texts that
//!    they share ([`align`](self::align)).
//! 4. Where the two programs are built differently, the trace contains *pairs* that say which
//!    function or line corresponds, see [`Pairs`].
//!
//! A line without a counterpart has no entry. Then no line is shown, because a wrong one would be
//! worse.

mod align;
mod functions;

use std::cell::RefCell;
use std::rc::Rc;

use crate::trace::Meta;

use super::{language::Language, pairs::pairs_of};
use align::align;
use functions::{Function, Statement, python_functions, rust_functions};

/// How many tables are kept. A run has one for each of its Rust files.
const KEPT: usize = 16;

/// A Python program beside one of the files of the same program in Rust.
#[derive(Clone, Debug)]
pub struct Twin<'a> {
    /// The name of the Python file.
    pub file: &'a str,
    /// Its content.
    pub text: &'a str,
    /// For each line of the Rust file, the line of the Python file; both are counted from 0.
    lines: Rc<[Option<u32>]>,
}

impl<'a> Twin<'a> {
    /// The twin of a Rust source: `say_after.py` for `say_after.rs`, and also for its submodules
    /// such as `say_after/parts.rs`, because each twin is a single file. `None` if the trace does
    /// not contain both files.
    pub fn of(meta: &'a Meta, rust_file: &str) -> Option<Twin<'a>> {
        let stem = rust_file.strip_suffix(".rs")?;
        let program = stem.split_once('/').map_or(stem, |(program, _)| program);
        let find = |wanted: &dyn Fn(&str) -> bool| {
            let found = meta.sources.iter().find(|(name, _)| wanted(name));
            found.map(|(name, text)| (name.as_str(), text.as_str()))
        };
        let (_, rust) = find(&|name| name == rust_file)?;
        let (file, text) = find(&|name| name.strip_suffix(".py") == Some(program))?;
        let pairs = pairs_of(meta);
        Some(Twin {
            file,
            text,
            lines: kept_table(rust, text, pairs),
        })
    }

    /// The line of the Python file that corresponds to a line of the Rust file; both are counted
    /// from 0.
    pub fn line(&self, rust_line: usize) -> Option<usize> {
        let line = self.lines.get(rust_line).copied().flatten()?;
        usize::try_from(line).ok()
    }
}

/// The title of a run in this language.
pub fn title(meta: &Meta, language: Language) -> &str {
    text_in(pairs_of(meta), &meta.title, language)
}

/// A text about a scenario in this language, as its file of pairs says it.
pub fn text_in<'a>(pairs: &'a str, text: &'a str, language: Language) -> &'a str {
    let known = pairs.lines().find_map(|line| {
        let (rust, python) = line.strip_prefix("text ")?.split_once(" => ")?;
        (rust == text).then_some(python)
    });
    language.choose(text, known.unwrap_or(text))
}

/// A table with the texts that it was made from.
struct KeptTable {
    texts: [String; 3],
    lines: Rc<[Option<u32>]>,
}

thread_local! {
    /// The newest tables. A table is a pure function of its texts, so keeping it changes nothing but
    /// the time: each sentence that quotes a line needs a table, and making one takes a millisecond.
    static TABLES: RefCell<Vec<KeptTable>> = const { RefCell::new(Vec::new()) };
}

/// The table for these texts, made at its first use on this thread.
fn kept_table(rust: &str, python: &str, pairs: &str) -> Rc<[Option<u32>]> {
    TABLES.with_borrow_mut(|tables| {
        let known = tables
            .iter()
            .find(|kept| kept.texts == [rust, python, pairs]);
        if let Some(kept) = known {
            return Rc::clone(&kept.lines);
        }
        let lines: Rc<[Option<u32>]> = table(rust, python, pairs).into();
        if tables.len() == KEPT {
            tables.remove(0);
        }
        tables.push(KeptTable {
            texts: [rust, python, pairs].map(str::to_owned),
            lines: Rc::clone(&lines),
        });
        lines
    })
}

/// Exceptions to the alignment, one in a line:
///
/// ```text
/// fn run => serve                                  the function `run` corresponds to `serve`
/// echo: stream.write_all => await writer.drain()   a line of `echo` corresponds to this one
/// give: .await => get_numbers: yield number        or to this one of another function
/// echo: loop { => -                                it corresponds to none
/// text spawn only => create the task only          a title in the words of Python, see `text_in`
/// variant right => -                               a variant that Python does not have
/// ```
///
/// A line is named by a part of its text. Of several pairs for one line the first counts.
struct Pairs<'a> {
    functions: Vec<(&'a str, &'a str)>,
    lines: Vec<(&'a str, &'a str, &'a str)>,
}

impl<'a> Pairs<'a> {
    fn parse(text: &'a str) -> Pairs<'a> {
        let mut pairs = Pairs {
            functions: Vec::new(),
            lines: Vec::new(),
        };
        for line in text.lines() {
            // The last arrow divides, because a Rust line may contain one.
            let Some((rust, python)) = line.rsplit_once(" => ") else {
                continue;
            };
            if let Some(name) = rust.strip_prefix("fn ") {
                pairs.functions.push((name.trim(), python.trim()));
            } else if let Some((function, part)) = rust.split_once(": ") {
                pairs
                    .lines
                    .push((function.trim(), part.trim(), python.trim()));
            }
        }
        pairs
    }

    /// The name of the Python function for a Rust function.
    fn function(&self, rust: &'a str) -> &'a str {
        let known = self.functions.iter().find(|(name, _)| *name == rust);
        known.map_or(rust, |(_, python)| python)
    }

    /// What is known of the Python line for a line of a Rust function.
    fn line(&self, function: &str, text: &str) -> Option<&'a str> {
        let mut known = self.lines.iter();
        let found = known.find(|(name, part, _)| *name == function && text.contains(part));
        found.map(|(_, _, python)| *python)
    }
}

/// For each line of the Rust text, the line of the Python text; both are counted from 0.
fn table(rust: &str, python: &str, pairs: &str) -> Vec<Option<u32>> {
    let pairs = Pairs::parse(pairs);
    let candidates = python_functions(python);
    let mut taken = vec![false; candidates.len()];
    let mut table = vec![None; rust.lines().count()];
    for function in rust_functions(rust) {
        let at = counterpart(&function, &pairs, &candidates, &taken);
        if let Some(taken) = at.and_then(|at| taken.get_mut(at)) {
            *taken = true;
        }
        let other = at.and_then(|at| candidates.get(at));
        if let Some(other) = other {
            fill(&mut table, &function, other);
        }
        let lines = rust.lines().zip(&mut table).skip(function.first);
        for (text, entry) in lines.take(function.last + 1 - function.first) {
            if let Some(part) = pairs.line(function.name, text) {
                *entry = find_line(python, &candidates, other, part);
            }
        }
    }
    table
}

/// The number of the Python line that a pair names: in the function that it names, or else in the
/// corresponding one.
fn find_line(
    python: &str,
    candidates: &[Function<'_>],
    other: Option<&Function<'_>>,
    part: &str,
) -> Option<u32> {
    let named = part.split_once(": ").and_then(|(name, part)| {
        let function = candidates.iter().find(|function| function.name == name)?;
        Some((function, part))
    });
    let (function, part) = named.or_else(|| Some((other?, part)))?;
    let lines = python.lines().enumerate().skip(function.first);
    let mut lines = lines.take(function.last + 1 - function.first);
    let (found, _) = lines.find(|(_, line)| line.contains(part))?;
    u32::try_from(found).ok()
}

/// The Python function for a Rust function: the one that a pair names, or the one of the same name,
/// of the same class if there are several. Without a pair, each belongs to one Rust function only.
fn counterpart(
    function: &Function<'_>,
    pairs: &Pairs<'_>,
    candidates: &[Function<'_>],
    taken: &[bool],
) -> Option<usize> {
    let name = pairs.function(function.name);
    let is_paired = name != function.name;
    let same_name = |other: &Function<'_>| {
        // Python code appends `_` to a name that is taken, as in `next_`.
        let plain = other.name.trim_matches('_') == name || other.name == name;
        let special = match function.name {
            "new" => "__init__",
            "next" | "poll_next" => "__anext__",
            _ => return plain,
        };
        plain || (other.name == special && other.class == function.class)
    };
    // A method corresponds to a method.
    let same_kind = |other: &Function<'_>| other.class.is_empty() == function.class.is_empty();
    let fits = |at: &usize| {
        let free = !taken.get(*at).copied().unwrap_or(true);
        let other = candidates.get(*at);
        other.is_some_and(|other| {
            if is_paired {
                other.name == name
            } else {
                free && same_name(other) && same_kind(other)
            }
        })
    };
    let found = (0..candidates.len()).filter(fits);
    found.min_by_key(|at| {
        let other = candidates.get(*at);
        other.is_none_or(|other| other.class != function.class)
    })
}

/// Enters the lines of a function.
fn fill(table: &mut [Option<u32>], rust: &Function<'_>, python: &Function<'_>) {
    let mut enter = |line: usize, to: usize| {
        if let Some(entry) = table.get_mut(line) {
            *entry = u32::try_from(to).ok();
        }
    };
    enter(rust.first, python.first);
    // The brace that ends a function: a function in Python ends with its last line.
    if rust.last > rust.first {
        enter(rust.last, python.last);
    }
    let found = align(&rust.statements, &python.statements);
    for (statement, to) in rust.statements.iter().zip(found) {
        let Some(to) = to.and_then(|to| python.statements.get(to)) else {
            continue;
        };
        for line in &statement.lines {
            enter(*line, line_within(to, statement, *line));
        }
    }
}

/// The line of a Python statement for one line of a Rust statement: its first, unless both take
/// several lines and are laid out alike.
fn line_within(python: &Statement, rust: &Statement, line: usize) -> usize {
    let first = python.lines.first().copied().unwrap_or_default();
    if python.lines.len() != rust.lines.len() {
        return first;
    }
    let at = rust.lines.iter().position(|other| *other == line);
    at.and_then(|at| python.lines.get(at))
        .copied()
        .unwrap_or(first)
}
