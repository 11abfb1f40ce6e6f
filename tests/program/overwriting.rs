//! What `--record`, `-o` and `LOOPSCOPE=record:` do to a file that is there already.

use std::{
    fs::{self, File},
    io::Read,
    os::unix::fs::symlink,
    process::{Command, Stdio},
};

use super::process::{ask, finish, folder, loopscope, scratch};

/// A file that is not a recording.
fn thesis(name: &str) -> String {
    let path = scratch(name);
    fs::write(&path, "a thesis\n").unwrap();
    path.to_str().unwrap().to_owned()
}

fn is_recording(path: &str) -> bool {
    fs::read(path).unwrap().starts_with(b"loopscope trace\n")
}

#[test]
fn a_refused_run_leaves_the_file_that_was_there() {
    let path = thesis("refused.trace");
    for more in [&[][..], &["--schedule", "999:9"], &["--max-memory", "4"]] {
        let arguments = [&["run", "say_after", "--record", &path][..], more].concat();
        assert_eq!(ask(&arguments).code(), 2, "{more:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "a thesis\n", "{more:?}");
    }
    // The same with a recording, which a run that is not refused would replace.
    let kept = scratch("kept.trace").to_str().unwrap().to_owned();
    assert_eq!(ask(&["run", "factorial", "--record", &kept]).code(), 0);
    let before = fs::read(&kept).unwrap();
    let refused = ask(&["run", "say_after", "--schedule", "999:9", "--record", &kept]);
    assert_eq!(refused.code(), 2);
    assert_eq!(fs::read(&kept).unwrap(), before);
    // No file is left where none was.
    let new = scratch("never.trace");
    let arguments = ["run", "say_after", "--schedule", "999:9", "--record"];
    let refused = ask(&[&arguments[..], &[new.to_str().unwrap()]].concat());
    assert_eq!(refused.code(), 2);
    assert!(!new.exists());
}

#[test]
fn only_a_recording_is_replaced_by_a_recording() {
    let path = thesis("thesis.trace");
    let refused = ask(&["run", "say_after", "--record", &path]);
    assert_eq!(refused.code(), 2);
    assert!(
        refused
            .err
            .contains("is not a recording; --force replaces it"),
        "{refused:?}"
    );
    let forced = ask(&["run", "say_after", "--record", &path, "--force"]);
    assert_eq!(forced.code(), 0, "{forced:?}");
    assert!(is_recording(&path));
    assert_eq!(ask(&["run", "factorial", "--record", &path]).code(), 0);
    assert_eq!(
        ask(&["replay", &path, "--json"]).json()["scenario"],
        "factorial"
    );
    // An empty file, and the first bytes of a recording whose writer was killed.
    for start in ["", "loopscope tr"] {
        fs::write(&path, start).unwrap();
        assert_eq!(ask(&["run", "say_after", "--record", &path]).code(), 0);
    }
}

#[test]
fn a_recording_to_a_special_file_is_written_or_refused() {
    let folder = scratch("folder.trace");
    let _ = fs::create_dir(&folder);
    let refused = ask(&["run", "say_after", "--record", folder.to_str().unwrap()]);
    assert_eq!(refused.code(), 2, "{refused:?}");
    assert_eq!(
        ask(&["run", "say_after", "--record", "/dev/null"]).code(),
        0
    );
    // A link is followed, and stays a link.
    let (link, target) = (scratch("link.trace"), scratch("target.trace"));
    symlink(&target, &link).unwrap();
    for _ in 0..2 {
        assert_eq!(
            ask(&["run", "say_after", "--record", link.to_str().unwrap()]).code(),
            0
        );
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(is_recording(target.to_str().unwrap()));
    }
    // A pipe needs a reader.
    let pipe = scratch("pipe.trace");
    if !Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .is_ok_and(|made| made.success())
    {
        eprintln!("skipped: this system has no mkfifo");
        return;
    }
    let refused = ask(&["run", "say_after", "--record", pipe.to_str().unwrap()]);
    assert_eq!(refused.code(), 2, "{refused:?}");
    assert!(
        refused.err.contains("no program reads from this pipe"),
        "{refused:?}"
    );
    let mut reader = Command::new("cat")
        .arg(&pipe)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    super::process::until("the pipe has a reader", || {
        ask(&["run", "say_after", "--record", pipe.to_str().unwrap()]).code() == 0
    });
    let mut bytes = Vec::new();
    reader
        .stdout
        .take()
        .unwrap()
        .read_to_end(&mut bytes)
        .unwrap();
    reader.wait().unwrap();
    assert_eq!(bytes, fs::read(&target).unwrap());
}

#[test]
fn an_output_file_replaces_only_its_own_kind() {
    let kinds: [(&[&str], &str); 9] = [
        (&["export", "say_after:concurrent"], "a.svg"),
        (&["export", "say_after:concurrent"], "a.json"),
        (&["export", "say_after:concurrent"], "a.jsonl"),
        (&["export", "say_after:concurrent"], "a.pftrace"),
        (&["export", "say_after:concurrent"], "a.folded"),
        (&["render", "say_after", "--size", "80x24"], "a.txt"),
        (&["render", "say_after", "--ascii"], "ascii.txt"),
        (
            &["render", "say_after:concurrent,say_after:in_order"],
            "a.ans",
        ),
        (&["cast", "say_after"], "a.cast"),
    ];
    for (command, name) in kinds {
        let path = thesis(&format!("own_kind_{name}"));
        let arguments = [command, &["-o", &path]].concat();
        let refused = ask(&arguments);
        assert_eq!(refused.code(), 2, "{name}: {refused:?}");
        assert!(refused.err.contains("--force"), "{refused:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "a thesis\n");
        let forced = ask(&[&arguments[..], &["--force"]].concat());
        assert_eq!(forced.code(), 0, "{name}: {forced:?}");
        let first = fs::read(&path).unwrap();
        assert_eq!(ask(&arguments).code(), 0, "{name} replaces its own");
        assert_eq!(fs::read(&path).unwrap(), first, "{name}");
    }
    assert_eq!(
        ask(&["export", "say_after", "--format", "svg", "-o", "/dev/null"]).code(),
        0
    );
    // Nothing is left beside the files.
    let left = fs::read_dir(folder()).unwrap().flatten();
    let names: Vec<_> = left.map(|entry| entry.file_name()).collect();
    assert_eq!(names.len(), kinds.len(), "{names:?}");
}

/// Runs the shell with this limit on the size of files, in blocks of 512 or 1024 bytes.
fn limited(blocks: u32, arguments: &[&str]) -> super::process::Answer {
    let program = env!("CARGO_BIN_EXE_loopscope");
    let script = format!("ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &script, program]).args(arguments);
    command.env("LOOPSCOPE_CONFIG", "").stdin(Stdio::null());
    finish(&mut command)
}

#[test]
fn a_limit_on_file_size_stops_only_the_recording() {
    let path = scratch("limited.trace").to_str().unwrap().to_owned();
    let what = [
        "run",
        "producer_consumer:three_consumers",
        "--set",
        "items=1000",
    ];
    let whole = ask(&[&what[..], &["--plain"]].concat());
    let limited_run = limited(8, &[&what[..], &["--plain", "--record", &path]].concat());
    assert_eq!(limited_run.code(), 1, "{}", limited_run.err);
    assert_eq!(limited_run.out, whole.out);
    let said: Vec<_> = limited_run.err.lines().collect();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].contains("has stopped: the limit on the size of files"),
        "{said:?}"
    );
    assert_eq!(
        ask(&["replay", &path, "--json"]).code(),
        0,
        "what was written opens"
    );
    // An output file beyond the limit is an error, and leaves what was there.
    let old = scratch("limited.json").to_str().unwrap().to_owned();
    assert_eq!(ask(&["export", "say_after", "-o", &old]).code(), 0);
    let before = fs::read(&old).unwrap();
    let export = limited(1, &["export", what[1], "--set", "items=1000", "-o", &old]);
    assert_eq!(export.code(), 1, "{export:?}");
    assert!(export.err.contains("cannot write"), "{export:?}");
    assert_eq!(fs::read(&old).unwrap(), before);
}

#[test]
fn two_processes_do_not_record_to_one_file() {
    let path = scratch("busy.trace").to_str().unwrap().to_owned();
    let mut first = loopscope(&[
        "run",
        "echo_server:concurrent",
        "--plain",
        "--record",
        &path,
    ]);
    let first = first
        .args(["--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped());
    let mut first = first.spawn().unwrap();
    super::process::until("it records", || {
        File::open(&path).is_ok_and(|mut file| file.read(&mut [0]).is_ok_and(|count| count == 1))
    });
    let second = ask(&["run", "say_after", "--record", &path]);
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!(second.code(), 2, "{second:?}");
    assert!(
        second.err.contains("another process is recording"),
        "{second:?}"
    );
    assert_eq!(
        ask(&["run", "say_after", "--record", &path]).code(),
        0,
        "the lock is released"
    );
}

#[test]
fn a_synced_recording_is_the_same_file() {
    let [plain, synced] = ["plain.trace", "synced.trace"].map(scratch);
    assert_eq!(
        ask(&["run", "factorial", "--record", plain.to_str().unwrap()]).code(),
        0
    );
    let run = ask(&[
        "run",
        "factorial",
        "--sync",
        "--record",
        synced.to_str().unwrap(),
    ]);
    assert_eq!(run.code(), 0, "{run:?}");
    assert_eq!(fs::read(plain).unwrap(), fs::read(synced).unwrap());
    assert_eq!(
        ask(&["run", "factorial", "--sync"]).code(),
        2,
        "it belongs to --record"
    );
}
