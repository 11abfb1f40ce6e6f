//! A program of your own, `examples/greetings.rs`: watched on the screen, recorded, and not
//! watched.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use loopscope::{
    replay::Replay,
    trace::{Event, LoopEvent, Position, TaskEvent, file},
};

use super::{
    process::{finish, scratch, until},
    terminal::{Terminal, command},
};

/// The folder of the workspace; locations of the example are relative to it.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The lines that it always prints, apart from its end.
const LINES: [&str; 8] = [
    "this is another process",
    "Ada says hello 1",
    "Ada says hello 2",
    "Ada says hello 3",
    "Grace says hello 1",
    "Grace says hello 2",
    "Grace says hello 3",
    "goodbye",
];

/// Builds the example `greetings`.
pub(crate) fn greetings() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| example("greetings"))
}

/// Builds an example. Running this test binary alone does not build it.
pub(crate) fn example(name: &str) -> PathBuf {
    let built = Command::new(env!("CARGO"))
        .args([
            "build",
            "--offline",
            "--locked",
            "--quiet",
            "--example",
            name,
        ])
        .current_dir(ROOT)
        .status();
    assert!(built.unwrap().success(), "the example is not to be built");
    // The examples are beside the folder of the test binaries.
    let tests = env::current_exe().unwrap();
    let folder = tests.parent().unwrap().parent().unwrap();
    folder.join("examples").join(name)
}

pub(crate) fn in_terminal(end: &str, watch: Option<&str>) -> Terminal {
    let mut command = command(greetings().to_str().unwrap(), &[end]);
    if let Some(watch) = watch {
        command.env("LOOPSCOPE", watch);
    }
    command.cwd(ROOT);
    Terminal::start(command, (120, 40))
}

fn in_pipe(end: &str, watch: Option<&str>) -> Command {
    let mut command = Command::new(greetings());
    command.arg(end).stdin(Stdio::null());
    command.env_remove("LOOPSCOPE").env("RUST_BACKTRACE", "0");
    if let Some(watch) = watch {
        command.env("LOOPSCOPE", watch);
    }
    command
}

/// Waits until the screen holds every printed line, in order for each task.
fn see_all_printed(terminal: &Terminal) {
    terminal.see_given_back();
    terminal.see("goodbye");
    let picture = terminal.picture();
    for line in LINES {
        assert_eq!(picture.matches(line).count(), 1, "{line}\n{picture}");
    }
    assert!(picture.contains("this goes to standard error"), "{picture}");
    for greeter in ["Ada", "Grace"] {
        let places = (1..=3).map(|n| picture.find(&format!("{greeter} says hello {n}")));
        assert!(places.is_sorted(), "{picture}");
    }
}

#[test]
fn another_number_of_smol_threads_is_refused_in_words() {
    let said = |threads: &str| {
        let answer = finish(in_pipe("finish", Some("off")).env("SMOL_THREADS", threads));
        assert_eq!(answer.code(), 0);
        answer.err
    };
    assert!(said("4").contains("SMOL_THREADS=4 has no effect"));
    // Without a number smol has one thread as well.
    for threads in ["1", "many"] {
        let words = said(threads);
        assert!(!words.contains("SMOL_THREADS"), "{words}");
    }
}

#[test]
fn the_output_is_on_the_terminal_after_the_screen() {
    let mut terminal = in_terminal("finish", None);
    terminal.see("6 Output");
    terminal.see("finished");
    // The task that printed the line, and the line of the program.
    terminal.see("#0 goodbye");
    terminal.see("#2 Grace says hello 3");
    terminal.see("greetings.rs");
    assert!(terminal.is_taken());
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
    see_all_printed(&terminal);
    terminal.see("the end");
}

#[test]
fn failures_keep_their_exit_code_and_output() {
    for (end, code, last) in [
        ("panic", 101, "this is a panic"),
        ("error", 1, "this is an error"),
    ] {
        let mut terminal = in_terminal(end, Some("tui"));
        terminal.see("goodbye");
        terminal.press("q");
        assert_eq!(terminal.code(), code, "{end}");
        see_all_printed(&terminal);
        terminal.see(last);
    }
    // `exit` drops nothing, so the goodbye is missing.
    let mut terminal = in_terminal("exit", Some("tui"));
    terminal.see("Grace says hello 3");
    terminal.wait("its end", |picture| !picture.contains("FOLLOWING"));
    terminal.press("q");
    assert_eq!(terminal.code(), 7);
    terminal.see_given_back();
    terminal.see("Grace says hello 3");
}

#[test]
fn a_running_program_is_paused_stepped_and_ended() {
    let mut terminal = in_terminal("forever", None);
    terminal.see("Time says hello 3");
    terminal.press(" ");
    terminal.see("PAUSED");
    let event = terminal.number("event");
    terminal.press("t");
    terminal.see_number("event", |now| now > event);
    terminal.press("N");
    terminal.press(" ");
    terminal.press("q");
    // The future was dropped inside the loop, as with Ctrl-C.
    assert_eq!(terminal.code(), 130);
    terminal.see_given_back();
    terminal.see("goodbye");
}

#[test]
fn a_signal_restores_the_terminal_and_the_output() {
    let mut terminal = in_terminal("forever", None);
    terminal.see("Time says hello 2");
    terminal.signal(rustix::process::Signal::TERM);
    assert_eq!(terminal.code(), 143);
    terminal.see_given_back();
    terminal.see("Time says hello 2");
    terminal.see("goodbye");
}

#[test]
fn a_program_that_reads_gets_a_line() {
    let mut terminal = in_terminal("ask", None);
    terminal.see("Who are you?");
    terminal.see("waits for input");
    terminal.press("aMrs. Lovelace\r");
    terminal.see("Good day, Mrs. Lovelace!");
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
    terminal.see_given_back();
    terminal.see("Who are you? Mrs. Lovelace");
}

#[test]
fn a_pipe_and_off_show_no_screen() {
    for watch in [None, Some("off"), Some("")] {
        for (end, code) in [("finish", 0), ("panic", 101), ("error", 1), ("exit", 7)] {
            let answer = finish(&mut in_pipe(end, watch));
            assert_eq!(answer.code(), code, "{end} {watch:?}");
            let said = usize::from(end != "exit");
            assert_eq!(answer.out.matches("goodbye").count(), said, "{end}");
            assert!(answer.err.starts_with("this goes to standard error\n"));
        }
    }
}

#[test]
fn a_recording_is_complete_after_every_ending() {
    for (end, code) in [("finish", 0), ("panic", 101), ("error", 1), ("exit", 7)] {
        let path = scratch(&format!("own-{end}.loopscope"));
        let answer = finish(&mut in_pipe(
            end,
            Some(&format!("record:{}", path.display())),
        ));
        assert_eq!(answer.code(), code, "{end}");
        assert_eq!(answer.out.matches("Grace says hello 3").count(), 1);
        let (log, damage) = file::read(fs::File::open(&path).unwrap()).unwrap();
        assert_eq!(damage, None, "{end}");
        let replay = Replay::new(log);
        assert!(!replay.is_damaged());
        let spawned = replay
            .events_from(Position(0))
            .filter(|(_, event, _)| matches!(event, Event::Task(TaskEvent::Spawn { .. })));
        assert_eq!(spawned.count(), 3);
        assert!(matches!(
            replay.events_from(Position(0)).last(),
            Some((_, Event::Loop(LoopEvent::End { .. }), _))
        ));
    }
}

#[test]
fn a_killed_program_leaves_a_readable_file() {
    let path = scratch("own-killed.loopscope");
    let mut child = in_pipe("forever", Some(&format!("record:{}", path.display())))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let read = || file::read(fs::File::open(&path).ok()?).ok();
    until("something is recorded", || {
        read().is_some_and(|(log, _)| log.bytes.len() > 100)
    });
    child.kill().unwrap();
    child.wait().unwrap();
    let (log, damage) = read().unwrap();
    assert!(damage.is_some_and(|damage| damage.unfinished && damage.missing == 0));
    assert!(log.bytes.len() > 100);
}

#[test]
fn a_wrong_value_is_refused_in_one_line() {
    for wrong in ["record", "\u{1b}[2Jtui", "record:/no/such/folder/file"] {
        let answer = finish(&mut in_pipe("finish", Some(wrong)));
        assert_eq!(answer.code(), 2);
        assert!(answer.err.starts_with("loopscope: "), "{answer:?}");
        assert_eq!(answer.err.lines().count(), 1, "{answer:?}");
        assert!(!answer.err.contains('\u{1b}'), "{answer:?}");
        assert_eq!(answer.out, "");
    }
}

#[test]
fn the_key_r_records_from_the_beginning() {
    let folder = scratch("own-record");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("greetings.loopscope");
    let _ = fs::remove_file(&path);
    let mut command = command(greetings().to_str().unwrap(), &["forever"]);
    command.cwd(&folder);
    let mut terminal = Terminal::start(command, (120, 40));
    terminal.see("Time says hello 2");
    terminal.press("r");
    terminal.see("recording to greetings.loopscope in ");
    terminal.see("Time says hello 20");
    terminal.press("q");
    assert_eq!(terminal.code(), 130);
    let (log, damage) = file::read(fs::File::open(&path).unwrap()).unwrap();
    let replay = Replay::new(log);
    assert!(!replay.is_damaged(), "{damage:?}");
    let tables = replay.tables();
    let printed: Vec<&str> = replay
        .events_from(Position(0))
        .filter_map(|(_, event, _)| match event {
            Event::Output { text, .. } => Some(tables.text(text)),
            _ => None,
        })
        .collect();
    // The program may have begun a line that it continues later.
    assert!(
        printed
            .iter()
            .any(|line| line.ends_with("Ada says hello 1")),
        "{printed:?}"
    );
    assert!(printed.contains(&"Time says hello 20"), "{printed:?}");
}
