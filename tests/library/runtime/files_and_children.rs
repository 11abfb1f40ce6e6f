//! Files and child processes: the wait is for the thread pool, or for the child.

use loopscope::{
    fs,
    insight::{Language, wait_words},
    io::{AsyncReadExt, AsyncWriteExt},
    process::{Command, Stdio},
    replay::{Replay, Status},
    stream::StreamExt,
    trace::{Event, Position, ResourceEvent, ResourceKind, TaskId},
};

use super::{events, replay, run_real};

/// What the main task waits for, each wait once, in order.
fn waits(replay: &Replay) -> Vec<String> {
    let mut waits: Vec<String> = Vec::new();
    for number in 0..=replay.end().0 {
        let state = replay.state_at(Position(number));
        let Some(row) = state.tasks.get(TaskId(0)) else {
            continue;
        };
        let (meta, tables) = (&replay.log().meta, replay.tables());
        let words = wait_words(meta, tables, &state, row, Language::Rust);
        if row.status() == Status::Pending && waits.last() != Some(&words) {
            waits.push(words);
        }
    }
    waits
}

#[test]
fn a_wait_for_a_file_names_the_thread_pool_and_the_path() {
    let folder = std::env::temp_dir().join(format!("loopscope-files-{}", std::process::id()));
    let path = folder.join("note");
    let replay = replay(run_real(async {
        fs::create_dir_all(&folder).await.unwrap();
        fs::write(&path, "one").await.unwrap();
        let mut file = fs::OpenOptions::new()
            .append(true)
            .open(&path)
            .await
            .unwrap();
        file.write_all(b" two").await.unwrap();
        file.sync_all().await.unwrap();
        drop(file);
        let mut text = String::new();
        let mut file = fs::File::open(&path).await.unwrap();
        file.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "one two");
        assert_eq!(file.metadata().await.unwrap().len(), 7);
        let entries: Vec<_> = fs::read_dir(&folder).await.unwrap().collect().await;
        assert_eq!(entries.len(), 1);
        fs::remove_dir_all(&folder).await.unwrap();
    }));
    // A job that is done before the first poll is not waited for, but is named.
    let jobs: Vec<&str> = events(&replay)
        .into_iter()
        .filter_map(|event| match event {
            Event::Resource(ResourceEvent::Created {
                kind: ResourceKind::Pool,
                name,
                ..
            }) => Some(replay.tables().text(name)),
            _ => None,
        })
        .collect();
    for operation in [
        "create_dir_all",
        "write",
        "open",
        "read_dir",
        "remove_dir_all",
    ] {
        let expected = format!("fs::{operation} {}", folder.display());
        assert!(
            jobs.iter().any(|name| name.starts_with(&expected)),
            "{operation}: {jobs:?}"
        );
    }
    let file = format!("file {}", path.display());
    assert!(jobs.contains(&file.as_str()), "{jobs:?}");
    let waits = waits(&replay);
    assert!(
        waits.iter().all(|words| words.starts_with("work on ")),
        "{waits:?}"
    );
}

#[test]
fn a_wait_for_a_child_names_its_program() {
    let replay = replay(run_real(async {
        let status = Command::new("/bin/sleep").arg("0.01").status().await;
        assert!(status.unwrap().success());
        let mut cat = Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        cat.stdin
            .as_mut()
            .unwrap()
            .write_all(b"text")
            .await
            .unwrap();
        let output = cat.output().await.unwrap();
        assert_eq!(output.stdout, b"text");
        let mut echo = Command::new("echo");
        assert_eq!(echo.output().await.unwrap().stdout, b"\n");
        assert!(Command::new("/no/such/program").spawn().is_err());
    }));
    let waits = waits(&replay);
    assert_eq!(waits.first().unwrap(), "child sleep to exit", "{waits:?}");
    assert!(
        waits.iter().any(|words| words.ends_with("stdout of cat")),
        "{waits:?}"
    );
}
