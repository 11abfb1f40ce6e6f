//! The generated parts of the README and of `docs/`: the two sources, the figures of conformance, the
//! keys, the scenarios, the number of crates. Also: every link leads to a file.
//!
//! `BLESS=1 cargo test --test library readme` writes them.

use std::{collections::BTreeSet, env, fs, path::Path, process::Command};

use loopscope::{insight::findings_markdown, scenario::Scenario, trace::ClockKind, tui::keymap};
use loopscope_program::scenarios as catalogue;

#[expect(
    dead_code,
    reason = "only the number of the differences is needed here"
)]
#[path = "../../scenarios/twins.rs"]
mod twins;

/// A program of each language, side by side: the lines of one variant that differ most, the line that
/// is changed, and the command that watches it.
fn sources() -> String {
    let rust = include_str!("../../scenarios/say_after.rs");
    let python = include_str!("../../scenarios/say_after.py");
    let line = |source: &str, function: &str, start: &str| {
        let (_, body) = source.split_once(function).unwrap();
        let found = body
            .lines()
            .map(str::trim)
            .find(|line| line.starts_with(start));
        found.unwrap().trim_end_matches(';').to_owned()
    };
    let pairs = [
        ("hello = ", "let hello = "),
        ("world = ", "let world = "),
        ("await hello", "hello.await"),
    ];
    let rows = pairs.map(|(start_python, start_rust)| {
        let python = line(python, "async def concurrent(", start_python);
        let rust = line(rust, "async fn concurrent(", start_rust);
        format!("| `{python}` | `{rust}` |\n")
    });
    let change = "use loopscope as smol;";
    assert!(include_str!("../../examples/stall.rs").contains(change));
    assert!(python.contains("\nimport asyncio\n"));
    format!(
        "| Python's asyncio | Rust's smol |\n|---|---|\n\
         | `import asyncio` | `{change}` |\n{}\
         | **`loopscope python app.py`** | **`cargo run`** |\n",
        rows.concat()
    )
}

/// The part before the first heading says what the program is, with its two commands, on one screen
/// of 120 columns and 40 rows.
#[test]
fn the_readme_begins_with_one_screen() {
    let readme = include_str!("../../README.md");
    let (top, _) = readme.split_once("\n## ").unwrap();
    let rows: usize = top
        .lines()
        .map(|line| line.chars().count().max(1).div_ceil(120))
        .sum();
    assert!(rows <= 40, "{rows} rows");
    for part in [
        "cargo run --release",
        "compare say_after",
        "say_after.svg",
        "--lang python",
        "loopscope python app.py",
        "use loopscope as smol;",
    ] {
        assert!(top.contains(part), "{part}");
    }
}

/// What is compared with CPython, in figures.
fn proof() -> String {
    let count = |clock: ClockKind| {
        let variants = catalogue::ALL.iter().flat_map(|scenario| scenario.variants);
        variants.filter(|variant| variant.clock == clock).count()
    };
    let references = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference"));
    format!(
        "Every scenario has a Python twin that prints the same lines in the same order at the same times under CPython's asyncio.\n\
         `cargo xtask conformance --real` runs both and compares them: {} variants of {} scenarios on the virtual clock, with their\n\
         default parameters and 200 random sets for each scenario, and {} variants with sockets, files or threads on the real clock.\n\
         {} variants differ because the languages do; the command prints the reason of each. `cargo test` compares {} runs with\n\
         recorded results of CPython, and needs no Python for that.\n",
        count(ClockKind::Virtual),
        catalogue::ALL.len(),
        count(ClockKind::Real),
        twins::DIFFERENCES.len(),
        references.unwrap().count(),
    )
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
        ("runtime", "the loop and the recorder"),
        (
            "runtime,lines",
            "and the line of a poll that lasts long (the default)",
        ),
        ("runtime,lines,tui", "and the screen beside it"),
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
fn put(document: &str, name: &str, text: &str) -> String {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->\n"));
    let (before, rest) = document.split_once(&begin).unwrap();
    let (_, after) = rest.split_once(&end).unwrap();
    format!("{before}{begin}\n{text}\n{end}{after}")
}

#[test]
fn the_documents_say_what_the_program_says() {
    let mut parts = vec![
        ("README.md", "sources", sources()),
        ("README.md", "proof", proof()),
        ("docs/keys.md", "keys", keymap::markdown()),
        ("docs/scenarios.md", "scenarios", scenarios()),
        ("docs/findings.md", "rules", findings_markdown()),
    ];
    match crates() {
        Some(crates) => parts.push(("docs/your-own-program.md", "crates", crates)),
        None => eprintln!("skipped: `cargo tree --offline` does not count the crates here"),
    }
    for (file, name, text) in parts {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let document = fs::read_to_string(&path).unwrap();
        let due = put(&document, name, &text);
        if env::var_os("BLESS").is_some() {
            fs::write(&path, &due).unwrap();
        } else {
            assert!(
                document == due,
                "{file} is out of date: BLESS=1 cargo test --test library readme writes it anew"
            );
        }
    }
}

/// The eight keys of the README are bound, and `docs/keys.md` has all of them.
#[test]
fn the_keys_of_the_readme_are_bound() {
    let readme = include_str!("../../README.md");
    let table = readme.split("## Eight keys").nth(1).unwrap();
    let table = table.split("## ").next().unwrap();
    let all = keymap::markdown();
    let rows: Vec<&str> = table
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    assert_eq!(rows.len(), 8);
    for row in rows {
        let keys = row.split('`').skip(1).step_by(2);
        for key in keys {
            assert!(all.contains(&format!("`{key}`")), "{key} is not bound");
        }
    }
}

#[test]
fn every_link_leads_to_a_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = fs::read_dir(root.join("docs")).unwrap();
    let docs = docs.map(|entry| entry.unwrap().path());
    let named = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].map(|name| root.join(name));
    let documents = docs.chain(named);
    for path in documents.filter(|path| path.extension().is_some_and(|end| end == "md")) {
        let text = fs::read_to_string(&path).unwrap();
        for link in text.split("](").skip(1) {
            let link = link.split(')').next().unwrap();
            let file = link.split('#').next().unwrap();
            let is_file = !file.is_empty() && !file.contains("://");
            let target = path.parent().unwrap().join(file);
            assert!(!is_file || target.exists(), "{}: {link}", path.display());
        }
    }
}
