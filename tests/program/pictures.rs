//! The pictures in `docs/` are up to date, and `render`, `cast` and `--schedule` work.

use std::{
    collections::BTreeMap,
    fs,
    num::NonZeroU16,
    path::{Path, PathBuf},
    process::{Command, Output},
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_loopscope");

fn files(directory: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(directory).unwrap();
    let file = |path: PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(path).unwrap())
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.is_file()).map(file).collect()
}

/// Draws the pictures, and reads them.
fn drawn(directory: &str) -> BTreeMap<String, String> {
    let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join(directory);
    let _ = fs::remove_dir_all(&to);
    xtask::pictures::draw(Path::new(PROGRAM), &to).unwrap();
    files(&to)
}

#[test]
fn the_pictures_in_docs_are_up_to_date() {
    let drawn = drawn("pictures");
    let docs = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs"));
    assert!(drawn.len() >= 5);
    for (name, picture) in drawn {
        let true_still = docs.get(&name) == Some(&picture);
        assert!(
            true_still,
            "docs/{name} is not up to date: run cargo xtask pictures"
        );
    }
}

#[test]
fn an_animation_shows_a_picture_for_each_key_and_is_small() {
    let animation = &drawn("animation")["say_after.svg"];
    assert!(animation.len() < 200_000, "{} bytes", animation.len());
    // Seven pictures, the last for twice the time, of two seconds each.
    assert!(animation.contains(" 16s step-end infinite"));
    let arguments = [
        "render",
        "say_after:concurrent",
        "--press",
        "t",
        "--animate",
        "2",
    ];
    let refused = loopscope(&arguments);
    assert_eq!(refused.status.code(), Some(2));
    let error = String::from_utf8_lossy(&refused.stderr);
    assert!(error.contains("--format svg"), "{error}");
}

/// The output events of a cast, each with its time.
fn events(cast: &str) -> Vec<(f64, String)> {
    let lines = cast.lines().skip(1);
    lines
        .map(|line| {
            let event: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(event[1], "o");
            (
                event[0].as_f64().unwrap(),
                event[2].as_str().unwrap().to_owned(),
            )
        })
        .collect()
}

fn cells(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).unwrap()
}

/// The last frame of a cast is the screen at the end of the run.
#[test]
fn a_cast_ends_with_the_last_screen() {
    let drawn = drawn("cast");
    let cast = &drawn["say_after.cast"];
    let header: serde_json::Value = serde_json::from_str(cast.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&header["version"], &header["width"], &header["height"]),
        (&2.into(), &100.into(), &30.into())
    );
    let mut terminal = vt100::Parser::new(cells(30), cells(100), 0);
    let mut sizes = Vec::new();
    let mut last = 0.0;
    for (time, output) in events(cast) {
        assert!(time >= last);
        last = time;
        sizes.push(output.len());
        terminal.process(output.as_bytes());
    }
    let seen = terminal.screen().contents();
    assert!(seen.contains("FINISHED"), "{seen}");
    let lines = seen.lines().filter(|line| line.contains("hello"));
    assert!(lines.count() > 1, "{seen}");
    // A frame sends only the cells that changed, for use over ssh.
    sizes.sort_unstable();
    assert!(sizes[sizes.len() / 2] < 4096, "{sizes:?}");
}

fn loopscope(arguments: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).env("LOOPSCOPE_CONFIG", "");
    command.output().unwrap()
}

#[test]
fn an_impossible_picture_is_refused_in_one_line() {
    let check = |arguments: &[&str], expected: &str| {
        let output = loopscope(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(expected), "{arguments:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(output.stdout.is_empty());
    };
    check(&["render"], "nothing to draw");
    check(&["render", "nothing_like_this"], "there is no scenario");
    check(&["render", "say_after", "--size", "0x40"], "500x300");
    check(&["render", "say_after", "--at", "tick 999"], "no tick 999");
    check(&["render", "say_after", "-o", "."], "cannot write");
    check(&["render", "say_after,nothing"], "there is no scenario");
    check(&["cast", "say_after", "--length", "0"], "seconds from 1");
}

#[test]
fn a_schedule_reproduces_a_branch() {
    let plain = |arguments: &[&str]| {
        let output = loopscope(arguments);
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let branch = ["run", "say_after:concurrent", "--schedule", "2:2", "--json"];
    let branch: serde_json::Value = serde_json::from_str(&plain(&branch)).unwrap();
    assert_eq!(branch["schedule"], "2:2");
    let compared = [
        "render",
        "say_after:concurrent",
        "--screen",
        "compare",
        "--schedule",
        "2:2",
    ];
    assert!(plain(&compared).contains("concurrent, poll 2: #2 first"));

    let check = |arguments: &[&str], expected: &str| {
        let output = loopscope(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), said.as_str()), (Some(2), expected));
    };
    check(
        &["run", "say_after:concurrent", "--schedule", "2:7", "--json"],
        "loopscope: --schedule: poll 2 cannot be of #7: this tick has yet to poll #1, #2\n",
    );
    check(
        &["compare", "say_after:concurrent", "--schedule", "999:1"],
        "loopscope: --schedule: there is no poll 999: the run ended after 7\n",
    );
    check(
        &["run", "echo_server", "--schedule", "2:1"],
        "loopscope: echo_server runs on the real clock; --schedule needs the virtual clock, where the polls repeat exactly\n",
    );
}
