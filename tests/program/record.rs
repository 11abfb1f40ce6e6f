//! `--record`: runs that are killed, full disks, damaged files.

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep as sleep_for,
    time::Duration,
};

use loopscope::{
    Builder, block_on,
    future::yield_now,
    net::TcpListener,
    replay::Replay,
    runtime::Store,
    sleep, spawn_named,
    trace::{ClockKind, Event, LoopEvent, Meta, Position, TaskEvent, file},
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::process::{ask, damaged, end_of, loopscope, scratch, until};

/// The polls that the killed run makes before it sleeps for more than a second.
const POLLS: u64 = 30_000;

/// Yields, and prints the number of polls from time to time.
async fn for_ever() {
    for round in 1.. {
        for _ in 0..POLLS {
            yield_now().await;
        }
        let mut out = io::stdout();
        writeln!(out, "polls {}", round * POLLS).unwrap();
        sleep(Duration::from_millis(1200)).await;
    }
}

#[test]
#[ignore = "it goes on for ever: the next test starts it, in a process of its own"]
fn run_to_be_killed() {
    let Ok(path) = env::var("LOOPSCOPE_TEST_FILE") else {
        return;
    };
    Builder::new().store(real_store(&path)).run(for_ever());
}

/// A store for a run on a real clock.
fn real_store(path: &str) -> Store {
    let meta = Meta {
        clock: ClockKind::Real,
        ..Meta::default()
    };
    Store::new(fs::File::create(path).unwrap(), &meta).unwrap()
}

#[test]
fn a_killed_run_loses_at_most_a_second() {
    let path = scratch("killed.trace");
    let file = path.to_str().unwrap();
    let mut child = in_a_child("record::run_to_be_killed", &[("LOOPSCOPE_TEST_FILE", file)]);
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let said = lines.map_while(Result::ok);
    let rounds = said.filter(|line| line.contains("polls ")).take(2).count();
    assert_eq!(rounds, 2);
    kill_process(Pid::from_child(&child), Signal::KILL).unwrap();
    assert!(!end_of(&mut child).success());
    let opened = ask(&["replay", file, "--json"]);
    assert_eq!(opened.code(), 0, "{}", opened.err);
    assert!(opened.err.contains("was not finished"), "{}", opened.err);
    let run = opened.json();
    // The first printed number is more than a second old. A poll is three events.
    let events = run["events"].as_u64().unwrap();
    assert!(events >= 3 * POLLS, "{events}");
    assert_eq!(run["outcome"], Value::Null);
}

/// Starts this test binary again, to run one of the ignored tests above with these environment
/// variables.
fn in_a_child(test: &str, variables: &[(&str, &str)]) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", test])
        .envs(variables.iter().copied())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Kills a child after its recording has had time to reach the file, and opens the file.
fn killed_after_a_while(child: &mut Child, path: &Path) -> Replay {
    sleep_for(Duration::from_millis(1500));
    kill_process(Pid::from_child(child), Signal::KILL).unwrap();
    assert!(!end_of(child).success());
    let (log, damage) = file::read(fs::File::open(path).unwrap()).unwrap();
    assert!(damage.is_some_and(|damage| damage.unfinished && damage.missing == 0));
    Replay::new(log)
}

fn last_event(replay: &Replay) -> Option<Event> {
    replay.events_from(Position(0)).last().map(|step| step.1)
}

/// The first signal stops the loop, which is in a poll that does not return. The second ends the
/// program.
#[test]
fn a_second_signal_completes_the_file() {
    let path = scratch("second_signal.trace");
    let mut child = loopscope(&["run", "say_after:blocking", "--plain", "--clock", "real"])
        .args(["--set", "first=3600", "--record", path.to_str().unwrap()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut lines = lines.map_while(Result::ok);
    assert!(lines.any(|line| line.contains("started at")));
    let id = Pid::from_child(&child);
    let mut status = None;
    until("the program ends", || {
        let _ = kill_process(id, Signal::INT);
        status = child.try_wait().unwrap();
        status.is_some()
    });
    assert_eq!(status.unwrap().code(), Some(130));
    let (log, damage) = file::read(fs::File::open(path).unwrap()).unwrap();
    assert_eq!(damage, None);
    assert!(!log.bytes.is_empty());
}

async fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut out = io::stdout();
    writeln!(out, "\nlistens at {}", listener.local_addr().unwrap()).unwrap();
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let answer = async move {
            let mut byte = [0];
            while stream.read_exact(&mut byte).await.is_ok() {
                stream.write_all(&byte).await.unwrap();
            }
        };
        spawn_named("connection", answer).detach();
    }
}

#[test]
#[ignore = "it never ends: another test starts it in a process of its own"]
fn a_server_to_be_killed() {
    match env::var("LOOPSCOPE_TEST_FILE") {
        Ok(path) => Builder::new().store(real_store(&path)).run(serve()).value,
        Err(_) => env::var_os("LOOPSCOPE").map(|_| block_on(serve())),
    };
}

#[test]
fn a_kill_of_an_idle_server_loses_nothing() {
    let path = scratch("idle.trace");
    let file = path.to_str().unwrap();
    let recorded = format!("record:{file}");
    for variable in [("LOOPSCOPE_TEST_FILE", file), ("LOOPSCOPE", &recorded)] {
        let mut child = in_a_child("record::a_server_to_be_killed", &[variable]);
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.map_while(Result::ok).find_map(|line| {
            let address = line.strip_prefix("listens at ")?;
            address.parse::<SocketAddr>().ok()
        });
        for _ in 0..10 {
            let mut client = TcpStream::connect(address.unwrap()).unwrap();
            for request in 0..100 {
                client.write_all(&[request]).unwrap();
                let mut answer = [0];
                client.read_exact(&mut answer).unwrap();
                assert_eq!(answer, [request]);
            }
        }
        let replay = killed_after_a_while(&mut child, &path);
        let last = last_event(&replay);
        let parks = matches!(last, Some(Event::Loop(LoopEvent::Park { .. })));
        assert!(parks, "{variable:?}: {last:?}");
        let spawned = replay
            .events_from(Position(0))
            .filter(|step| matches!(step.1, Event::Task(TaskEvent::Spawn { .. })));
        assert_eq!(spawned.count(), 11, "{variable:?}");
    }
}

#[test]
#[ignore = "it never ends: another test starts it in a process of its own"]
fn a_poll_to_be_killed() {
    let Ok(path) = env::var("LOOPSCOPE_TEST_FILE") else {
        return;
    };
    Builder::new().store(real_store(&path)).run(async {
        for _ in 0..1000 {
            yield_now().await;
        }
        let mut out = io::stdout();
        writeln!(out, "\nblocks").unwrap();
        sleep_for(Duration::from_hours(1));
    });
}

#[test]
fn a_kill_in_a_long_poll_loses_nothing_before_it() {
    let path = scratch("blocked.trace");
    let file = path.to_str().unwrap();
    let mut child = in_a_child(
        "record::a_poll_to_be_killed",
        &[("LOOPSCOPE_TEST_FILE", file)],
    );
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line == "blocks"));
    let replay = killed_after_a_while(&mut child, &path);
    let last = last_event(&replay);
    let polls = matches!(last, Some(Event::Task(TaskEvent::PollStart { .. })));
    assert!(polls, "{last:?}");
    assert!(replay.end().0 > 3000, "{:?}", replay.end());
}

#[test]
fn a_full_disk_stops_only_the_recording() {
    if !Path::new("/dev/full").exists() {
        eprintln!("skipped: this system has no /dev/full");
        return;
    }
    let whole = ask(&["run", "say_after", "--plain"]);
    let run = ask(&["run", "say_after", "--plain", "--record", "/dev/full"]);
    assert_eq!(run.out, whole.out);
    assert_eq!(run.code(), 1, "it was asked for, and is not there");
    let said: Vec<_> = run.err.lines().collect();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("recording to /dev/full has stopped"));
}

#[test]
fn a_damaged_chunk_becomes_a_counted_gap() {
    let (path, whole) = damaged("damaged.trace");
    let opened = ask(&["replay", &path, "--json"]);
    assert!(
        opened.err.contains("one place, 32768 events are missing"),
        "{}",
        opened.err
    );
    let run = opened.json();
    let all = whole["events"].as_u64().unwrap();
    assert_eq!(run["events"].as_u64(), Some(all - 32_768 + 1));
    assert_eq!(run["missing_events"], 32_768);
    assert_eq!(run["gaps"][0]["missing"], 32_768);
    assert_eq!(run["outcome"], whole["outcome"]);
    assert_eq!(run["elapsed_s"], whole["elapsed_s"]);
    let position = run["gaps"][0]["event"].to_string();
    let state = ask(&["replay", &path, "--at", &position, "--plain"]);
    assert!(
        state.out.contains("32768 events are missing here"),
        "{state:?}"
    );
    assert!(state.out.contains("unknown: "), "{state:?}");
}

#[test]
fn max_memory_keeps_the_newest_events() {
    let whole = ask(&["run", "say_after", "--json"]);
    let kept = ask(&["run", "say_after", "--json", "--max-memory", "64M"]);
    assert_eq!(kept.json(), whole.json(), "it has room for all of that");
    for size in ["10", "1023K", "many", "64X", "-1M", "99999999999999G"] {
        let refused = ask(&["run", "say_after", &format!("--max-memory={size}")]);
        assert_eq!(refused.code(), 2, "{size}");
        assert!(refused.err.contains("such as 64M or 1G"), "{}", refused.err);
    }
}

#[test]
#[ignore = "another test starts it in a process of its own"]
fn a_parent_with_a_child() {
    let Ok(depth) = env::var("LOOPSCOPE_TEST_DEPTH") else {
        return;
    };
    block_on(async {
        for _ in 0..1000 {
            yield_now().await;
        }
        if depth == "0" {
            return;
        }
        // The child inherits `LOOPSCOPE`.
        let test = "record::a_parent_with_a_child";
        let mut child = in_a_child(test, &[("LOOPSCOPE_TEST_DEPTH", "0")]);
        assert!(end_of(&mut child).success());
        for _ in 0..1000 {
            yield_now().await;
        }
    });
}

#[test]
fn a_child_process_does_not_write_into_its_parents_recording() {
    let folder = scratch("family");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).unwrap();
    let path = folder.join("run.loopscope");
    let variable = format!("record:{}", path.display());
    let variables = [
        ("LOOPSCOPE", variable.as_str()),
        ("LOOPSCOPE_TEST_DEPTH", "1"),
    ];
    let mut parent = in_a_child("record::a_parent_with_a_child", &variables);
    assert!(end_of(&mut parent).success());
    let mut polls = Vec::new();
    for entry in fs::read_dir(&folder).unwrap().flatten() {
        let (log, damage) = file::read(fs::File::open(entry.path()).unwrap()).unwrap();
        assert_eq!(damage, None, "{entry:?}");
        polls.push((Replay::new(log).index().head().cursor.polls(), entry.path()));
    }
    polls.sort();
    let [(child, own), (parent, given)] = polls.as_slice() else {
        panic!("two recordings: {polls:?}");
    };
    assert!(*child >= 1000 && *parent >= 2000, "{polls:?}");
    assert_eq!(*given, path);
    let name = own.file_name().unwrap().to_str().unwrap();
    let number = name
        .strip_prefix("run.")
        .unwrap()
        .strip_suffix(".loopscope");
    assert!(number.unwrap().parse::<u32>().is_ok(), "{name}");
}

#[test]
fn the_file_of_a_program_may_name_its_process() {
    let path = scratch("of_%p.loopscope");
    let variable = format!("record+sync:{}", path.display());
    let variables = [
        ("LOOPSCOPE", variable.as_str()),
        ("LOOPSCOPE_TEST_DEPTH", "0"),
    ];
    let mut child = in_a_child("record::a_parent_with_a_child", &variables);
    let own = path.with_file_name(format!("of_{}.loopscope", child.id()));
    assert!(end_of(&mut child).success());
    assert!(
        file::read(fs::File::open(&own).unwrap())
            .unwrap()
            .1
            .is_none()
    );
    fs::remove_file(own).unwrap();
}

#[test]
fn a_program_replaces_only_a_recording() {
    let path = scratch("notes.txt");
    fs::write(&path, "notes\n").unwrap();
    let run = |how: &str| {
        let variable = format!("{how}:{}", path.display());
        let variables = [
            ("LOOPSCOPE", variable.as_str()),
            ("LOOPSCOPE_TEST_DEPTH", "0"),
        ];
        end_of(&mut in_a_child("record::a_parent_with_a_child", &variables)).success()
    };
    assert!(!run("record"));
    assert_eq!(fs::read_to_string(&path).unwrap(), "notes\n");
    assert!(run("record+force"));
    assert!(run("record"), "a recording is replaced");
}

/// The limit concerns the file of the recording, and no write of the program.
#[test]
fn a_limit_on_file_size_stops_the_recording_of_a_program() {
    let path = scratch("limited_program.loopscope");
    let script =
        "ulimit -f 1; exec \"$0\" --ignored --exact --nocapture record::a_parent_with_a_child";
    let mut command = Command::new("sh");
    command
        .args(["-c", script])
        .arg(env::current_exe().unwrap());
    command.env("LOOPSCOPE", format!("record:{}", path.display()));
    command.env("LOOPSCOPE_TEST_DEPTH", "0");
    let answer = super::process::finish(&mut command);
    assert_eq!(answer.code(), 0, "{answer:?}");
    let said = answer
        .err
        .lines()
        .filter(|line| line.contains("the program continues without it"));
    assert_eq!(said.count(), 1, "{answer:?}");
}
