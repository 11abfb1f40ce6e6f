//! A recording that is made afresh, by a real program of tokio under console-subscriber, opens in loopscope.

use std::{path::PathBuf, process::Command};

use loopscope::{
    import::{self, ImportFormat},
    replay::{Replay, Status},
    trace::Position,
};

fn record(name: &str, threads: &[&str]) -> Replay {
    let file: PathBuf = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
    let program = env!("CARGO_BIN_EXE_record_console");
    let ended = Command::new(program).arg(&file).args(threads).status();
    assert!(ended.expect("it starts").success());
    let bytes = std::fs::read(&file).expect("it has written");
    std::fs::remove_file(file).expect("it is ours");
    assert_eq!(import::detect_format(&bytes), Some(ImportFormat::Console));
    let imported = import::read(ImportFormat::Console, bytes.as_slice()).expect("it opens");
    Replay::new(imported.log)
}

fn steps_there_and_back(mut replay: Replay) {
    let head = replay.index().head();
    assert!(
        head.tasks
            .iter()
            .all(|(_, row)| row.status() == Status::Done)
    );
    let names: Vec<String> = head
        .tasks
        .iter()
        .map(|(task, _)| replay.tables().task_name(task).to_owned())
        .collect();
    for name in ["block_on", "worker one", "worker two"] {
        assert!(names.iter().any(|known| known == name), "{names:?}");
    }
    let end = replay.end();
    let forward: Vec<_> = (0..=end.0)
        .map(|position| {
            replay.seek(Position(position));
            replay.state().clone()
        })
        .collect();
    for (position, state) in forward.iter().enumerate().rev() {
        replay.seek(Position(u32::try_from(position).expect("a small file")));
        assert_eq!(replay.state(), state);
    }
}

#[test]
fn a_fresh_recording_of_one_thread_opens_and_is_stepped() {
    steps_there_and_back(record("one", &[]));
}

#[test]
fn a_fresh_recording_of_two_workers_opens_and_is_stepped() {
    steps_there_and_back(record("two", &["2"]));
}
