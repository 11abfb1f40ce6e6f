//! Recorded files on the screen.

use std::{
    fs::File,
    io::{ErrorKind, Write},
    net::TcpListener,
    thread::{self, JoinHandle},
};

use rustix::process::Signal;

use loopscope::trace::{
    ClockKind, LocationId, Meta, Outcome, PollOutcome, TaskId, Writer, file::FileWriter,
};

use super::{
    process::{ask, damaged, recorded, scratch, until},
    terminal::Terminal,
};

#[test]
fn a_file_is_shown_while_it_is_being_read() {
    let (path, whole) = recorded("long_file.trace");
    let all = u32::try_from(whole["events"].as_u64().unwrap()).unwrap();
    assert!(all > 65_536);
    let mut terminal = Terminal::loopscope(&["replay", &path, "--at", "65000"]);
    // An event without news of its own is shown as part of the next step.
    terminal.see_number("event", |event| (65_000..65_008).contains(&event));
    terminal.press("g:60000\r");
    terminal.see_number("event", |event| (60_000..60_008).contains(&event));
    terminal.press("G");
    terminal.see_number("event", |event| event == all);
    terminal.press(":400000000\r");
    terminal.see("there is no event 400000000");
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
}

#[test]
fn a_gap_in_a_file_is_shown() {
    let (path, _) = damaged("gap.trace");
    let opened = ask(&["replay", &path, "--json"]).json();
    let position = opened["gaps"][0]["event"].to_string();
    let mut terminal = Terminal::loopscope(&["replay", &path, "--at", &position]);
    terminal.see("32768 events are missing here");
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
}

#[test]
fn quitting_at_once_leaves_a_complete_file() {
    let path = scratch("left.trace");
    let file = path.to_str().unwrap();
    let mut terminal = Terminal::loopscope(&["run", "say_after", "--record", file]);
    terminal.see("PAUSED");
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
    until("the file is there", || path.exists());
    let opened = ask(&["replay", file, "--json"]);
    assert_eq!(opened.err, "");
    assert_eq!(opened.json()["outcome"], "finished");
}

/// A recording that takes seconds to load: some kilobytes of it are ten million events. A million of its tasks
/// never ends, and each gap concerns all of them.
fn long(name: &str) -> String {
    let path = scratch(name);
    let mut writer = Writer::new();
    let main = writer.intern("main");
    let mut file = FileWriter::new(File::create(&path).unwrap(), &Meta::default()).unwrap();
    for _ in 0..300_000 {
        writer.spawn(main, LocationId::UNKNOWN, false);
    }
    for turn in 0..3_000_000 {
        writer.poll_start(TaskId(turn % 300_000));
        writer.poll_end(PollOutcome::Pending, 1000);
        if turn % 1000 == 0 {
            file.records(&writer.take()).unwrap();
        }
    }
    file.records(&writer.take()).unwrap();
    file.finish().unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_long_recording_can_be_left_while_it_loads() {
    let path = long("left_while_loading.trace");
    for key in ["q", "\u{3}"] {
        let mut terminal = Terminal::loopscope(&["replay", &path]);
        terminal.see("event");
        terminal.press(key);
        assert_eq!(terminal.code(), 0);
        terminal.see_given_back();
    }
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let mut terminal = Terminal::loopscope(&["replay", &path]);
        terminal.see("event");
        terminal.signal(signal);
        assert_eq!(terminal.code(), code);
        terminal.see_given_back();
    }
}

#[test]
fn a_comparison_can_be_left_while_it_loads() {
    let path = long("compared_while_loading.trace");
    let ways = [
        ("q", None, 0),
        ("\u{3}", None, 0),
        ("\u{1b}", None, 0),
        ("", Some(Signal::TERM), 143),
        ("", Some(Signal::INT), 130),
    ];
    for (at, (key, signal, code)) in ways.into_iter().enumerate() {
        // The second file never ends, so the comparison loads until it is left.
        let (endless, writer) = pipe(&format!("compared{at}.jsonl"), LINES);
        let mut terminal = Terminal::loopscope(&["compare", &path, &endless]);
        terminal.see("loopscope │ loading");
        terminal.press(key);
        if let Some(signal) = signal {
            terminal.signal(signal);
        }
        assert_eq!(terminal.code(), code);
        terminal.see_given_back();
        drop(writer.join().unwrap());
    }
}

/// A named pipe, and the end at which it is filled. The end is opened on a thread, because that waits
/// for the program.
fn pipe(name: &str, text: &'static str) -> (String, JoinHandle<File>) {
    let path = scratch(name);
    let mut make = std::process::Command::new("mkfifo");
    assert!(make.arg(&path).status().unwrap().success());
    let end = path.clone();
    let writer = thread::spawn(move || {
        let mut writer = File::options().write(true).open(end).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
        writer
    });
    (path.to_str().unwrap().to_owned(), writer)
}

const LINES: &str = "{\"loopscope\":1,\"clock\":\"virtual\"}\n\
    {\"e\":\"tick\",\"t\":0}\n{\"e\":\"spawn\",\"task\":7,\"name\":\"first\"}\n";

#[test]
fn a_screen_says_how_far_a_foreign_file_is_read() {
    let (path, writer) = pipe("slow.jsonl", LINES);
    let mut terminal = Terminal::loopscope(&["replay", &path]);
    terminal.see("loopscope │ loading");
    terminal.see("slow.jsonl");
    drop(writer.join().unwrap());
    terminal.see("#0 first");
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
    terminal.see_given_back();
}

#[test]
fn a_foreign_file_can_be_left_while_it_is_read() {
    let ways = [
        (&["replay"][..], "q", None, 0),
        (&["replay"], "", Some(Signal::TERM), 143),
        (&["compare", "say_after"], "q", None, 0),
        (&["compare", "say_after"], "\u{3}", None, 0),
    ];
    for (at, (arguments, key, signal, code)) in ways.into_iter().enumerate() {
        let (path, writer) = pipe(&format!("endless{at}.jsonl"), LINES);
        let mut terminal = Terminal::loopscope(&[arguments, &[&path]].concat());
        terminal.see("loopscope │ loading");
        terminal.press(key);
        if let Some(signal) = signal {
            terminal.signal(signal);
        }
        assert_eq!(terminal.code(), code);
        terminal.see_given_back();
        drop(writer.join().unwrap());
    }
}

#[test]
fn a_file_that_turns_out_wrong_ends_the_screen() {
    let (path, writer) = pipe("wrong.jsonl", LINES);
    let mut terminal = Terminal::loopscope(&["replay", &path]);
    terminal.see("loopscope │ loading");
    let mut writer = writer.join().unwrap();
    writer.write_all(b"{\"e\":\"poll\",\"task\":9}\n").unwrap();
    drop(writer);
    assert_eq!(terminal.code(), 2);
    terminal.see("task 9 was not spawned before");
    terminal.see_given_back();
}

/// Writes a recording with this description, as somebody else could have made it.
fn written(name: &str, meta: &Meta) -> String {
    let path = scratch(name);
    let mut writer = Writer::new();
    let main = writer.intern("main");
    writer.spawn(main, LocationId::UNKNOWN, false);
    writer.poll_start(TaskId(0));
    writer.poll_end(PollOutcome::Ready, 0);
    writer.end(Outcome::Finished);
    let mut file = FileWriter::new(File::create(&path).unwrap(), meta).unwrap();
    file.records(&writer.take()).unwrap();
    file.finish().unwrap();
    path.to_str().unwrap().to_owned()
}

/// Every way to start a run from a recording is tried: the other variant, a variant by its name, a
/// branch. None of them connects to the address in the file.
#[test]
fn a_recording_starts_nothing_with_effects() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}/secret", listener.local_addr().unwrap());
    let meta = |scenario: &str, variant: &str, clock| Meta {
        scenario: scenario.into(),
        variant: variant.into(),
        params: vec![("url".into(), url.clone())],
        clock,
        ..Meta::default()
    };
    for clock in [ClockKind::Real, ClockKind::Virtual] {
        for variant in ["local", "url", "none"] {
            let path = written("address.trace", &meta("http_headers", variant, clock));
            let mut terminal = Terminal::loopscope(&["replay", &path]);
            terminal.see("event");
            terminal.press("v");
            terminal.see("opens sockets, and a file does not start that");
            terminal.see("loopscope run http_headers:");
            terminal.press("\t ");
            terminal.see("4/4");
            terminal.press(":url");
            terminal.see(":url");
            terminal.press("\r");
            terminal.see("type: loopscope run http_headers:url");
            terminal.press("q");
            assert_eq!(terminal.code(), 0);
        }
    }
    let path = written(
        "first.trace",
        &meta("http_headers", "local", ClockKind::Real),
    );
    let mut terminal = Terminal::loopscope(&["compare", &path, &path]);
    terminal.see("event");
    terminal.press(":url\r");
    terminal.see("loopscope run http_headers:url");
    // The first closes the comparison.
    terminal.press("qq");
    assert_eq!(terminal.code(), 0);
    let came = listener.accept().unwrap_err();
    assert_eq!(came.kind(), ErrorKind::WouldBlock);
}

/// A variant without an effect is started, and what is derived from it is still from the file.
#[test]
fn a_run_derived_from_a_recording_starts_no_effect() {
    let meta = Meta {
        scenario: "offload".into(),
        variant: "two_threads".into(),
        clock: ClockKind::Real,
        ..Meta::default()
    };
    let path = written("derived.trace", &meta);
    let mut terminal = Terminal::loopscope(&["replay", &path]);
    terminal.see("event");
    terminal.press(":to_thread\r");
    terminal.see("Not started");
    terminal.press(":process_pool\r");
    terminal.see("offload:process_pool starts programs");
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
}

#[test]
fn an_asciicast_is_not_written_to_a_terminal() {
    for arguments in [["cast", "say_after:concurrent"], ["cast", "factorial"]] {
        let mut terminal = Terminal::loopscope(&arguments);
        terminal.see("an asciicast is not written to a terminal: name a file with -o");
        assert_ne!(terminal.code(), 0);
    }
}
