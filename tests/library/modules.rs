//! The shape of the source: which module imports which (the map in `src/lib.rs`), which files
//! import each other, what the core must not use, and that a type's name is declared once.
//!
//! All of this is read from the text of the sources: every `use`, and every path that begins with
//! `crate::`, `super::`, `self::` or the name of a module below.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Each module of the library, and those that it may name.
const MAY_NAME: [(&str, &[&str]); 11] = [
    ("trace", &[]),
    ("replay", &["trace"]),
    ("insight", &["trace", "replay"]),
    ("scene", &["trace", "replay", "insight"]),
    ("jsonl", &["trace"]),
    ("import", &["trace", "jsonl"]),
    ("export", &["trace", "replay", "insight", "jsonl"]),
    ("tui", &["trace", "replay", "insight", "scene"]),
    ("runtime", &["trace"]),
    ("scenario", &["trace", "runtime"]),
    (
        "watch",
        &["trace", "replay", "insight", "scene", "tui", "runtime"],
    ),
];

/// The core reads no clock, file, environment, terminal or random source, and starts no thread.
const CORE: [&str; 7] = [
    "trace", "replay", "insight", "scene", "jsonl", "import", "export",
];
const ABSENT: [&str; 20] = [
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "std::io::stdin",
    "std::io::stdout",
    "std::io::stderr",
    "std::collections::hash_map::RandomState",
    "smol",
    "async_channel",
    "async_io",
    "async_lock",
    "futures_lite",
    "quanta",
    "fastrand",
    "crossterm",
    "ratatui",
];

/// Files that import each other in a ring. The kernel of the executor is one: a wake needs the
/// scheduler, the scheduler the task slots, a slot its waker, and a message to the loop carries tasks
/// and changes of the gate. Every other ring fails the test.
const ALLOWED_RINGS: [&[&str]; 1] = [&[
    "runtime::executor::task_slot",
    "runtime::executor::waker",
    "runtime::executor::core",
    "runtime::executor::current_loop",
    "runtime::executor::scheduler",
    "runtime::executor::remote_task",
    "runtime::executor::gate",
]];

/// A source file: its module's path from the crate on (empty for `lib.rs`), and its code without
/// comments and texts.
struct Source {
    path: PathBuf,
    module: Vec<String>,
    code: String,
}

/// The sources of the library.
fn sources() -> Vec<Source> {
    let found = sources_in("src");
    assert!(found.len() > 50, "where are the sources?");
    found
}

fn sources_in(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut folders = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let inside = path.strip_prefix(&root).unwrap().with_extension("");
                let module = inside.iter().map(|part| part.to_str().unwrap().to_owned());
                let is_root = inside.as_os_str() == "lib" || inside.as_os_str() == "main";
                found.push(Source {
                    module: if is_root {
                        Vec::new()
                    } else {
                        module.collect()
                    },
                    code: code(&fs::read_to_string(&path).unwrap()),
                    path,
                });
            }
        }
    }
    found
}

/// What is left of a file without comments and texts; character literals may stay.
fn code(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text.chars().peekable();
    let mut last = ' ';
    while let Some(letter) = rest.next() {
        match letter {
            '/' if rest.peek() == Some(&'/') => while rest.next_if(|c| *c != '\n').is_some() {},
            '"' if last != '\'' => {
                while let Some(inside) = rest.next() {
                    match inside {
                        '"' => break,
                        '\\' => drop(rest.next()),
                        _ => {}
                    }
                }
            }
            _ => code.push(letter),
        }
        last = letter;
    }
    code
}

/// A path that a file names, whole: `use a::{b, c::{self as d}}` names `a::b` and `a::c`, the
/// second one as `d`.
struct Named {
    path: String,
    /// The name that it has in this file.
    name: String,
    /// `pub use`: it is named for others.
    exported: bool,
    /// Brought in by `use`, rather than written where it is used.
    imported: bool,
}

/// All paths of a file.
fn paths(code: &str) -> Vec<Named> {
    let mut found = Vec::new();
    // `$crate` belongs to the word: it is what a macro's user sees, no import.
    let is_word = |c: char| c.is_alphanumeric() || "_:$".contains(c);
    let mut rest = code;
    let mut exported = false;
    while let Some(begin) = rest.find(|c: char| c.is_alphabetic() || "_$".contains(c)) {
        let tail = rest.split_at(begin).1;
        let end = tail.find(|c: char| !is_word(c)).unwrap_or(tail.len());
        let (word, after) = tail.split_at(end);
        rest = after;
        if word == "use" {
            rest = expand("", after, exported, &mut found);
        } else if word.contains("::") {
            let path = word.trim_end_matches("::").to_owned();
            let name = path.rsplit("::").next().unwrap_or_default().to_owned();
            found.push(Named {
                path,
                name,
                exported: false,
                imported: false,
            });
        }
        // `pub use`, and `pub(crate) use`: the words in the brackets do not end it.
        exported = word == "pub" || (exported && matches!(word, "crate" | "super" | "in"));
    }
    found
}

/// The paths of a `use` after its prefix; returns what follows its `;` or closing brace.
fn expand<'a>(prefix: &str, mut rest: &'a str, exported: bool, found: &mut Vec<Named>) -> &'a str {
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        if let Some(after) = rest.strip_prefix(['}', ';']) {
            return after;
        }
        assert!(!rest.is_empty(), "an open group after {prefix}");
        let is_end = |c: char| matches!(c, ',' | '{' | '}' | ';') || c.is_whitespace();
        let (item, after) = rest.split_at(rest.find(is_end).unwrap_or(rest.len()));
        let item = item.trim_start_matches("r#");
        if let Some(inside) = after.strip_prefix('{') {
            rest = expand(&format!("{prefix}{item}"), inside, exported, found);
            continue;
        }
        let path = format!("{prefix}{item}");
        let path = path.strip_suffix("::self").unwrap_or(&path).to_owned();
        let mut name = path.rsplit("::").next().unwrap_or_default().to_owned();
        rest = after.trim_start();
        if let Some(alias) = rest.strip_prefix("as ") {
            let end = alias.find([',', '}', ';']).unwrap_or(alias.len());
            let (alias, after) = alias.split_at(end);
            alias.trim().clone_into(&mut name);
            rest = after;
        }
        found.push(Named {
            path,
            name,
            exported,
            imported: true,
        });
        if prefix.is_empty() {
            return rest.strip_prefix(';').unwrap_or(rest);
        }
    }
}

/// The path from the crate on, if it begins with `crate`, `super` or `self`; `mine` is the module
/// that names it.
fn in_crate(path: &str, mine: &[String]) -> Option<Vec<String>> {
    let mut parts = path.split("::").filter(|part| !part.is_empty()).peekable();
    let mut place = match *parts.peek()? {
        "crate" => {
            parts.next();
            Vec::new()
        }
        "self" => {
            parts.next();
            mine.to_vec()
        }
        "super" => mine.to_vec(),
        _ => return None,
    };
    while parts.next_if_eq(&"super").is_some() {
        place.pop();
    }
    place.extend(parts.map(str::to_owned));
    Some(place)
}

fn is_module(name: &str) -> bool {
    MAY_NAME.iter().any(|(module, _)| *module == name)
}

/// A file without the tests at its end, whose `super` is the file itself.
fn without_tests(code: &str) -> &str {
    code.split_once("#[cfg(test)]\nmod tests {")
        .map_or(code, |(code, _)| code)
}

/// The files of a crate, and for each the files that declare what it names. A name that a module
/// re-exports belongs to the file that it comes from. What a file takes from a module above it does
/// not count: that is where the parts of a module find what they share.
struct Imports {
    modules: BTreeMap<Vec<String>, usize>,
    /// For each file, what the names that it imports stand for.
    names: Vec<BTreeMap<String, Vec<String>>>,
    edges: Vec<BTreeSet<usize>>,
}

impl Imports {
    fn of(sources: &[Source]) -> Imports {
        let modules: BTreeMap<_, _> = sources
            .iter()
            .map(|source| source.module.clone())
            .zip(0..)
            .collect();
        let mut imports = Imports {
            modules,
            names: vec![BTreeMap::new(); sources.len()],
            edges: vec![BTreeSet::new(); sources.len()],
        };
        let named: Vec<Vec<Named>> = sources
            .iter()
            .map(|source| paths(without_tests(&source.code)))
            .collect();
        for (file, source) in sources.iter().enumerate() {
            for named in named[file].iter().filter(|named| named.imported) {
                if let Some(place) = imports.place(&named.path, &source.module) {
                    imports.names[file].insert(named.name.clone(), place);
                }
            }
        }
        for (file, source) in sources.iter().enumerate() {
            for named in named[file].iter().filter(|named| !named.exported) {
                if let Some(place) = imports.place(&named.path, &source.module)
                    && let Some(target) = imports.file(&place, 0)
                    && !source.module.starts_with(&sources[target].module)
                {
                    imports.edges[file].insert(target);
                }
            }
        }
        imports
    }

    /// The path from the crate on, also of one that begins with a module below.
    fn place(&self, path: &str, mine: &[String]) -> Option<Vec<String>> {
        in_crate(path, mine).or_else(|| {
            let below: Vec<String> = path.split("::").map(str::to_owned).collect();
            let place = [mine, &below].concat();
            self.modules
                .contains_key(&place[..=mine.len()])
                .then_some(place)
        })
    }

    /// The file that declares what a path names.
    fn file(&self, place: &[String], depth: u32) -> Option<usize> {
        let known = (0..=place.len())
            .rev()
            .find(|length| self.modules.contains_key(&place[..*length]))?;
        let file = self.modules[&place[..known]];
        match place.get(known).and_then(|name| self.names[file].get(name)) {
            Some(further) if depth < 8 => {
                let further = [further, &place[known + 1..]].concat();
                self.file(&further, depth + 1)
            }
            _ => Some(file),
        }
    }

    /// The files that can be reached from one.
    fn reached(&self, from: usize) -> BTreeSet<usize> {
        let mut reached = BTreeSet::new();
        let mut next = vec![from];
        while let Some(file) = next.pop() {
            for target in &self.edges[file] {
                if reached.insert(*target) {
                    next.push(*target);
                }
            }
        }
        reached
    }

    /// The rings: files of which each can be reached from each other one.
    fn rings(&self) -> BTreeSet<BTreeSet<usize>> {
        let reached: Vec<_> = (0..self.edges.len())
            .map(|file| self.reached(file))
            .collect();
        let ring = |file: usize| {
            let mutual = reached[file]
                .iter()
                .copied()
                .filter(|other| reached[*other].contains(&file));
            mutual.collect::<BTreeSet<_>>()
        };
        (0..self.edges.len())
            .map(ring)
            .filter(|ring| ring.len() > 1)
            .collect()
    }
}

#[test]
fn modules_import_in_the_directions_of_the_map() {
    let mut wrong = Vec::new();
    for source in sources() {
        // lib.rs is above all modules.
        let Some((mine, allowed)) = MAY_NAME
            .iter()
            .find(|(module, _)| source.module.first().is_some_and(|first| first == module))
        else {
            continue;
        };
        for Named { path, .. } in paths(&source.code) {
            let Some(place) = in_crate(&path, &source.module) else {
                continue;
            };
            let Some(target) = place.first() else {
                continue;
            };
            // From a module inside of a file, such as its tests, `super` leads no further than to
            // the file.
            let stays = path.starts_with("super") && !is_module(target);
            if !stays && target != mine && !allowed.contains(&target.as_str()) {
                wrong.push(format!("{}: {path}", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_core_uses_no_clock_file_terminal_or_thread() {
    let mut wrong = Vec::new();
    for source in sources() {
        if !source
            .module
            .first()
            .is_some_and(|first| CORE.contains(&first.as_str()))
        {
            continue;
        }
        for Named { path, .. } in paths(&source.code) {
            let within =
                |absent: &&str| path == **absent || path.starts_with(&format!("{absent}::"));
            if ABSENT.iter().any(within) {
                wrong.push(format!("{}: {path}", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn paths_are_read_as_the_compiler_reads_them() {
    let text = "use crate::{replay::{self, State as S}, trace::Event}; // crate::no\nlet x = \"crate::no\"; super::super::tui::go();";
    let found = paths(&code(text));
    let named: Vec<String> = found
        .iter()
        .filter_map(|named| in_crate(&named.path, &["scene".into(), "plain".into()]))
        .map(|place| place.join("::"))
        .collect();
    assert_eq!(
        named,
        ["replay", "replay::State", "trace::Event", "tui::go"]
    );
}

#[test]
fn no_files_import_each_other() {
    let mut wrong = Vec::new();
    for folder in ["src", "program/src"] {
        let sources = sources_in(folder);
        for ring in Imports::of(&sources).rings() {
            let names: Vec<String> = ring
                .iter()
                .map(|file| sources[*file].module.join("::"))
                .collect();
            let allowed =
                |allowed: &&[&str]| names.iter().all(|name| allowed.contains(&name.as_str()));
            if !ALLOWED_RINGS.iter().any(allowed) {
                wrong.push(format!(
                    "{folder}, {} files: {}",
                    names.len(),
                    names.join(", ")
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The types that a file declares.
fn types(code: &str) -> Vec<&str> {
    // An indented `type` is one that an impl names.
    let lines = without_tests(code)
        .lines()
        .filter(|line| !line.starts_with(' ') || !line.contains("type "));
    lines
        .filter_map(|line| {
            // `struct $name` is a macro's.
            let line = line.split('$').next()?;
            let mut words = line
                .split(|c: char| !(c.is_alphanumeric() || c == '_'))
                .filter(|word| !word.is_empty());
            let mut word = words.next()?;
            if word == "pub" {
                word = words.find(|word| !matches!(*word, "crate" | "super" | "in"))?;
            }
            matches!(word, "struct" | "enum" | "union" | "trait" | "type").then(|| words.next())?
        })
        .collect()
}

#[test]
fn a_type_name_is_declared_once() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for folder in ["src", "program/src"] {
        for source in sources_in(folder) {
            for name in types(&source.code) {
                let place = format!("{folder}/{}", source.module.join("/"));
                places.entry(name.to_owned()).or_default().push(place);
            }
        }
    }
    let twice = places.iter().filter(|(_, places)| places.len() > 1);
    let twice: Vec<String> = twice
        .map(|(name, places)| format!("{name}: {}", places.join(", ")))
        .collect();
    assert!(twice.is_empty(), "{}", twice.join("\n"));
}

#[test]
fn unsafe_code_is_in_two_files() {
    let kinds = ["unsafe {", "unsafe fn", "unsafe impl", "unsafe_code"];
    let with_unsafe = |source: &Source| kinds.iter().any(|kind| source.code.contains(kind));
    let found = sources().into_iter().filter(with_unsafe);
    let found: Vec<String> = found.map(|source| source.module.join("::")).collect();
    let folder = "runtime::executor::lines::stack";
    let allowed = ["noted_waker", "return_addresses"].map(|file| format!("{folder}::{file}"));
    assert_eq!(found, allowed);
}

#[test]
fn a_ring_of_files_is_found() {
    let source = |module: &str, code: &str| Source {
        path: PathBuf::new(),
        module: module
            .split("::")
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect(),
        code: code.to_owned(),
    };
    let sources = [
        source("", "pub mod a; pub use a::B;"),
        source("a", "mod b; mod c; pub(crate) use b::B; fn f() { c::f() }"),
        source("a::b", "use super::c::C;"),
        source("a::c", "use crate::B as D;"),
    ];
    let rings = Imports::of(&sources).rings();
    assert_eq!(rings, BTreeSet::from([BTreeSet::from([2, 3])]));
}
