//! The directions in which rooms import each other, as the map in `src/lib.rs` has them, and what is absent on purpose.
//!
//! Read from the sources: every path that begins with `crate::`, and every `super::` that leaves its room.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Each room, and those that it may name.
const MAY_NAME: [(&str, &[&str]); 10] = [
    ("trace", &[]),
    ("replay", &["trace"]),
    ("insight", &["trace", "replay"]),
    ("scene", &["trace", "replay", "insight"]),
    ("import", &["trace"]),
    ("export", &["trace", "replay", "insight"]),
    ("tui", &["trace", "replay", "insight", "scene"]),
    ("runtime", &["trace"]),
    ("scenario", &["trace", "runtime"]),
    ("watch", &["trace", "replay", "tui", "runtime"]),
];

/// The core reads no clock, file, environment, terminal or random source, and starts no thread.
const CORE: [&str; 6] = ["trace", "replay", "insight", "scene", "import", "export"];
const ABSENT: [&str; 16] = [
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
    "quanta",
    "fastrand",
    "crossterm",
    "ratatui",
];

/// A source file: the names of its modules from the crate on, and its code without comments and texts.
struct Source {
    path: PathBuf,
    module: Vec<String>,
    code: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
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
                found.push(Source {
                    module: module.collect(),
                    code: code(&fs::read_to_string(&path).unwrap()),
                    path,
                });
            }
        }
    }
    assert!(found.len() > 50, "where are the sources?");
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

/// All paths of a file, whole: what `use a::{b, c::{self, d}}` brings in is `a::b`, `a::c`, `a::c::d`.
fn paths(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    // `$crate` belongs to the word: it is what a macro's user sees, no import.
    let is_word = |c: char| c.is_alphanumeric() || "_:$".contains(c);
    let mut rest = code;
    while let Some(begin) = rest.find(|c: char| c.is_alphabetic() || "_$".contains(c)) {
        let tail = rest.split_at(begin).1;
        let end = tail.find(|c: char| !is_word(c)).unwrap_or(tail.len());
        let (path, after) = tail.split_at(end);
        rest = after;
        if path.contains("::") || path == "use" {
            let group = path.ends_with("::") && after.starts_with('{');
            if group {
                rest = expand(path, after.split_at(1).1, &mut found);
            } else {
                found.push(path.to_owned());
            }
        }
    }
    found
}

/// The paths of a group after its opening brace; returns what follows its closing one.
fn expand<'a>(prefix: &str, mut rest: &'a str, found: &mut Vec<String>) -> &'a str {
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        if let Some(after) = rest.strip_prefix('}') {
            return after;
        }
        let is_end = |c: char| matches!(c, ',' | '{' | '}') || c.is_whitespace();
        let (item, after) = rest.split_at(rest.find(is_end).unwrap_or(rest.len()));
        assert!(!rest.is_empty(), "an open group after {prefix}");
        let path = format!("{prefix}{}", item.trim_start_matches("r#"));
        rest = if let Some(inside) = after.strip_prefix('{') {
            expand(&path, inside, found)
        } else {
            found.push(path);
            // `a as b` names `a` alone.
            let end = after.find([',', '}']).unwrap_or(after.len());
            after.split_at(end).1
        };
    }
}

/// The path from the crate on, if it begins with `crate` or `super`; `mine` is the module that names it.
fn in_crate(path: &str, mine: &[String]) -> Option<Vec<String>> {
    let mut parts = path.split("::").filter(|part| !part.is_empty()).peekable();
    let mut place = match *parts.peek()? {
        "crate" => {
            parts.next();
            Vec::new()
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

fn is_room(name: &str) -> bool {
    MAY_NAME.iter().any(|(room, _)| *room == name)
}

#[test]
fn rooms_import_in_the_directions_of_the_map_and_no_others() {
    let mut wrong = Vec::new();
    for source in sources() {
        let Some((room, allowed)) = MAY_NAME.iter().find(|(room, _)| source.module[0] == *room)
        else {
            continue; // lib.rs is above all modules
        };
        for path in paths(&source.code) {
            let Some(place) = in_crate(&path, &source.module) else {
                continue;
            };
            let Some(target) = place.first() else {
                continue;
            };
            // From a module inside of a file, such as its tests, `super` leads no further than to the file.
            let stays = path.starts_with("super") && !is_room(target);
            if !stays && target != room && !allowed.contains(&target.as_str()) {
                wrong.push(format!("{}: {path}", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_core_knows_no_outside_world() {
    let mut wrong = Vec::new();
    for source in sources() {
        if !CORE.contains(&source.module[0].as_str()) {
            continue;
        }
        for path in paths(&source.code) {
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
        .filter_map(|path| in_crate(path, &["scene".into(), "plain".into()]))
        .map(|place| place.join("::"))
        .collect();
    assert_eq!(
        named,
        ["replay::self", "replay::State", "trace::Event", "tui::go"]
    );
}
