//! Files and pipes that are read: by any name, in any packing, and through standard input.

use std::{
    ffi::{OsStr, OsString},
    fs,
    io::Write,
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::PathBuf,
    process::{Command, Stdio},
    thread,
};

use super::{
    process::{Answer, ask, finish, loopscope, scratch},
    refusals::refused,
};

const LINES: &str = "{\"loopscope\":1,\"clock\":\"virtual\"}\n\
    {\"e\":\"tick\",\"t\":0}\n{\"e\":\"spawn\",\"task\":7,\"name\":\"first\"}\n{\"e\":\"poll\",\"task\":7}\n";

fn recorded_run(name: &str) -> PathBuf {
    let path = scratch(name);
    let record = ["run", "say_after", "--record", path.to_str().unwrap()];
    assert_eq!(ask(&record).code(), 0);
    path
}

/// Runs the program with these bytes in a pipe as its standard input.
fn piped(arguments: &[&str], bytes: &[u8]) -> Answer {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let bytes = bytes.to_owned();
    let feed = thread::spawn(move || drop(writer.write_all(&bytes)));
    let mut command = loopscope(arguments);
    command.stdin(reader);
    let answer = finish(&mut command);
    drop(command);
    feed.join().unwrap();
    answer
}

#[test]
fn a_recording_is_read_from_a_pipe() {
    let file = recorded_run("to_a_pipe.trace");
    let bytes = fs::read(&file).unwrap();
    let path = file.to_str().unwrap();
    for (command, rest) in [
        ("replay", &["--json"][..]),
        ("replay", &["--at", "15"]),
        ("export", &["--format", "jsonl"]),
        ("render", &[]),
        ("compare", &["say_after:concurrent"]),
    ] {
        let of_file = ask(&[&[command, path], rest].concat());
        assert_eq!(of_file.code(), 0, "{of_file:?}");
        for pipe in ["-", "/dev/stdin"] {
            let of_pipe = piped(&[&[command, pipe], rest].concat(), &bytes);
            assert_eq!(of_pipe.code(), 0, "{command} {pipe}: {of_pipe:?}");
            assert_eq!(of_pipe.out, of_file.out, "{command} {pipe}");
        }
    }
    let lines = piped(&["replay", "-", "--json"], LINES.as_bytes());
    assert_eq!(lines.json()["scenario"], "standard input", "{lines:?}");
}

#[test]
fn a_named_pipe_is_read() {
    let pipe = scratch("named.pipe");
    let path = pipe.to_str().unwrap().to_owned();
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let bytes = fs::read(recorded_run("to_a_named_pipe.trace")).unwrap();
    let feed = thread::spawn(move || drop(fs::write(pipe, bytes)));
    let answer = ask(&["export", &path, "--format", "jsonl"]);
    assert_eq!(answer.code(), 0, "{answer:?}");
    assert!(answer.out.contains("\"e\":\"spawn\""));
    feed.join().unwrap();
}

#[test]
fn input_without_an_end_is_refused() {
    refused(
        &["replay", "/dev/zero"],
        &["/dev/zero", "neither a loopscope trace"],
    );
    refused(&["compare", "-", "-"], &["only one of two runs"]);
    refused(&["replay", "/tmp"], &["/tmp", "directory"]);
    let answer = piped(&["replay", "-"], b"");
    assert_eq!(
        (answer.code(), answer.err.lines().count()),
        (2, 1),
        "{answer:?}"
    );
    assert!(answer.err.contains("standard input"), "{answer:?}");
    // The beginning of a recording, and then no end.
    let file = recorded_run("with_no_end.trace");
    let start = fs::read(file).unwrap();
    let zeros = vec![0; 129 << 20];
    let answer = piped(&["replay", "-"], &[&start, &zeros[..]].concat());
    assert_eq!(answer.code(), 2, "{answer:?}");
    assert!(answer.err.contains("128 MiB"), "{answer:?}");
}

#[test]
fn a_byte_order_mark_and_crlf_are_skipped() {
    let crlf = LINES.replace('\n', "\r\n");
    let chrome = "[{\"ph\":\"X\",\"ts\":1,\"dur\":2,\"name\":\"first\"}]\r\n";
    let console = "{\"v\":1}\r\n{\"Spawn\":{\"id\":1,\"at\":{\"secs_since_epoch\":1,\"nanos_since_epoch\":0}}}\r\n";
    for (text, name) in [
        (crlf.as_str(), "lines"),
        (chrome, "chrome"),
        (console, "console"),
    ] {
        let file = scratch(&format!("mark.{name}"));
        fs::write(&file, format!("\u{feff}{text}")).unwrap();
        let answer = ask(&["replay", file.to_str().unwrap(), "--json"]);
        assert_eq!(
            (answer.code(), answer.err.as_str()),
            (0, ""),
            "{name}: {answer:?}"
        );
        assert_eq!(
            answer.json()["tasks"].as_array().unwrap().len(),
            1,
            "{name}"
        );
    }
}

#[test]
fn a_packed_file_is_answered_with_how_to_unpack_it() {
    let packed = scratch("lines.json.gz");
    fs::write(&packed, b"\x1f\x8b\x08\0\0\0\0\0").unwrap();
    let path = packed.to_str().unwrap();
    refused(
        &["replay", path],
        &["gzip", "gunzip -c FILE | loopscope replay -"],
    );
    refused(
        &["export", path, "--format", "svg", "--from", "jsonl"],
        &["gzip"],
    );
    let wide = scratch("wide.jsonl");
    fs::write(&wide, b"\xff\xfe{\0\"\0").unwrap();
    refused(&["replay", wide.to_str().unwrap()], &["UTF-16"]);
}

#[test]
fn text_behind_the_end_of_a_trace_is_named() {
    let file = scratch("behind.json");
    for behind in ["[]", "and more", "\n{\"traceEvents\":[]}"] {
        fs::write(&file, format!("[{{\"ph\":\"X\",\"ts\":1}}]{behind}")).unwrap();
        let answer = ask(&["replay", file.to_str().unwrap()]);
        assert_eq!(answer.code(), 0, "{answer:?}");
        assert!(
            answer.err.contains("behind the end"),
            "{behind}: {answer:?}"
        );
    }
    let twice = scratch("twice.jsonl");
    fs::write(&twice, format!("{LINES}{LINES}")).unwrap();
    let answer = ask(&["replay", twice.to_str().unwrap()]);
    assert_eq!(answer.code(), 0, "{answer:?}");
    assert!(
        answer.err.contains("line 5: a second recording begins"),
        "{answer:?}"
    );
}

#[test]
fn a_missing_file_is_not_called_a_scenario() {
    for arguments in [
        &["compare", "missing.trace", "say_after:concurrent"][..],
        &["compare", "missing.trace"],
        &["compare", "say_after:concurrent", "missing.trace"],
        &["export", "missing.trace", "--format", "svg"],
        &["render", "missing.trace"],
        &["render", "say_after,missing.trace"],
        &["cast", "missing.trace"],
        &["replay", "missing.trace"],
    ] {
        refused(arguments, &["cannot open missing.trace", "No such file"]);
    }
    refused(
        &["render", "missing"],
        &["no file \"missing\"", "no scenario \"missing\""],
    );
    refused(&["compare", "missing"], &["no file \"missing\""]);
}

/// A file name with a byte that is in no UTF-8 text, and a character that reorders a line.
fn odd_name(start: &str) -> OsString {
    let folder = scratch(start);
    let mut name = folder.into_os_string().into_vec();
    name.extend(b"-\xff-\xe2\x80\xae-\x1b[2J.trace");
    OsString::from_vec(name)
}

/// Runs the program with arguments that need not be UTF-8.
fn ask_os(arguments: &[&OsStr]) -> Answer {
    finish(loopscope(&[]).args(arguments).stdin(Stdio::null()))
}

fn is_safe(text: &str) -> bool {
    !text
        .chars()
        .any(|c| (c.is_control() && c != '\n') || c == '\u{202e}')
}

#[test]
fn a_file_name_that_is_not_utf8_works_in_every_command() {
    let path = odd_name("odd");
    let os = OsStr::new;
    let pair = [path.as_bytes(), b",say_after:concurrent"].concat();
    let pair = OsStr::from_bytes(&pair);
    // A file that holds something else would not be replaced.
    let outputs = ["odd-timeline", "odd-picture", "odd-cast"].map(odd_name);
    let [timeline, picture, cast] = &outputs;
    for file in &outputs {
        let _ = fs::remove_file(file);
    }
    for arguments in [
        &[os("run"), os("say_after"), os("--record"), &path][..],
        &[os("replay"), &path],
        &[os("replay"), &path, os("--json")],
        &[os("compare"), &path, &path],
        &[os("compare"), os("say_after:concurrent"), &path],
        &[os("export"), &path, os("--format"), os("folded")],
        &[
            os("export"),
            &path,
            os("--format"),
            os("svg"),
            os("-o"),
            timeline,
        ],
        &[os("render"), &path],
        &[os("render"), pair],
        &[os("render"), &path, os("-o"), picture],
        &[os("cast"), &path, os("-o"), cast],
    ] {
        let answer = ask_os(arguments);
        assert_eq!(
            (answer.code(), answer.err.as_str()),
            (0, ""),
            "{arguments:?}"
        );
        assert!(is_safe(&answer.out), "{arguments:?}: {:?}", answer.out);
    }
    for arguments in [
        &[os("compare"), &path][..],
        &[&path],
        &[os("run"), &path],
        &[os("replay"), &path, &path],
        &[os("export"), &path],
        &[os("render"), &path, os("--schedule"), os("1:1")],
    ] {
        let answer = ask_os(arguments);
        assert_eq!(answer.code(), 2, "{arguments:?}: {answer:?}");
        assert_eq!(answer.err.lines().count(), 1, "{arguments:?}: {answer:?}");
        assert!(is_safe(&answer.err), "{arguments:?}: {:?}", answer.err);
    }
    let json = scratch("odd").with_file_name("odd-\u{202e}.jsonl");
    fs::write(&json, format!("{LINES}{{\"e\":")).unwrap();
    let answer = ask(&["replay", json.to_str().unwrap()]);
    assert!(
        answer.err.contains("breaks off") && is_safe(&answer.err),
        "{answer:?}"
    );
    assert!(is_safe(&answer.out), "{answer:?}");
    for file in outputs.into_iter().chain([path, json.into_os_string()]) {
        fs::remove_file(file).unwrap();
    }
}
