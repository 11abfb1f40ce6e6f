//! The generated parts of the README: a picture of the screen, the keys, the scenarios, the number
//! of crates.
//!
//! `BLESS=1 cargo test --test library readme` writes them.

use std::{collections::BTreeSet, env, fs, path::Path, process::Command};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use loopscope::{
    scenario::Scenario,
    tui::{Message, Model, PaneSlot, keymap, theme::Theme, update, view},
};
use loopscope_program::scenarios as catalogue;
use ratatui::{Terminal, backend::TestBackend};

use crate::support::run_named;

const SIZE: (u16, u16) = (100, 30);

/// A run of `say_after:concurrent`, at the event at which the first task ends and main becomes
/// ready.
fn screen() -> String {
    let replay = run_named("say_after", "concurrent");
    let mut model = Model::new(Theme::default(), Vec::new());
    update(&mut model, Message::Resize(SIZE.0, SIZE.1));
    let launched = Message::Launched {
        slot: PaneSlot::Only,
        result: Ok(Box::new(replay)),
        status: None,
    };
    update(&mut model, launched);
    for key in ":31\n".chars() {
        let code = if key == '\n' {
            KeyCode::Enter
        } else {
            KeyCode::Char(key)
        };
        update(
            &mut model,
            Message::Key(KeyEvent::new(code, KeyModifiers::NONE)),
        );
    }
    let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).unwrap();
    terminal.draw(|frame| view(&model, frame)).unwrap();
    let cells = terminal.backend().buffer().content();
    let rows = cells.chunks(SIZE.0.into());
    let text = rows.map(|row| {
        row.iter()
            .map(ratatui::buffer::Cell::symbol)
            .collect::<String>()
    });
    let lines: Vec<String> = text.map(|line| line.trim_end().to_owned()).collect();
    format!("```text\n{}\n```\n", lines.join("\n"))
}

fn scenarios() -> String {
    let row = |scenario: &Scenario| {
        let names = scenario.variants.iter();
        let names: Vec<String> = names.map(|variant| format!("`{}`", variant.name)).collect();
        let (name, title) = (scenario.name, scenario.title);
        format!("| `{name}` | {} | {title} |\n", names.join(", "))
    };
    let rows: Vec<String> = catalogue::ALL.iter().map(row).collect();
    format!(
        "| Scenario | Variants | What it is |\n|---|---|---|\n{}",
        rows.concat()
    )
}

/// The number of crates of each configuration, or `None` where Cargo has no registry to count them.
fn crates() -> Option<String> {
    let count = |package: &str, features: &str| {
        let tree = Command::new(env!("CARGO"))
            .args(["tree", "--offline", "--locked", "--no-default-features"])
            .args(["--edges", "normal", "--prefix", "none", "--format", "{p}"])
            .args(["--package", package, "--features", features])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .ok()
            .filter(|tree| tree.status.success())?;
        let tree = String::from_utf8(tree.stdout).ok()?;
        let names = tree.lines().map(|line| line.trim_end_matches(" (*)"));
        let others = names.filter(|name| !name.is_empty() && !name.starts_with("loopscope"));
        Some(others.collect::<BTreeSet<_>>().len())
    };
    let rows = [
        ("", "reading recordings, in a program of your own"),
        ("runtime", "the loop and the recorder (the default)"),
        ("runtime,tui", "and the screen beside it"),
    ];
    let mut table = "| Features | What it is | Crates |\n|---|---|---|\n".to_owned();
    for (features, what) in rows {
        let listed: Vec<String> = features
            .split(',')
            .filter(|name| !name.is_empty())
            .map(|name| format!("`{name}`"))
            .collect();
        let listed = if listed.is_empty() {
            "none".to_owned()
        } else {
            listed.join(", ")
        };
        let row = format!(
            "| {listed} | {what} | {} |\n",
            count("loopscope", features)?
        );
        table.push_str(&row);
    }
    let program = count("loopscope-program", "")?;
    Some(format!(
        "{table}| | the program `loopscope` | {program} |\n"
    ))
}

/// Replaces the text between the two marks of this name.
fn put(readme: &str, name: &str, text: &str) -> String {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->\n"));
    let (before, rest) = readme.split_once(&begin).unwrap();
    let (_, after) = rest.split_once(&end).unwrap();
    format!("{before}{begin}\n{text}\n{end}{after}")
}

#[test]
fn the_readme_says_what_the_program_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let mut due = put(&readme, "screen", &screen());
    due = put(&due, "keys", &keymap::markdown());
    due = put(&due, "scenarios", &scenarios());
    match crates() {
        Some(crates) => due = put(&due, "crates", &crates),
        None => eprintln!("skipped: `cargo tree --offline` does not count the crates here"),
    }
    if env::var_os("BLESS").is_some() {
        fs::write(&path, &due).unwrap();
    } else {
        assert!(
            readme == due,
            "README.md is out of date: BLESS=1 cargo test --test library readme writes it anew"
        );
    }
}
