//! Programs of several loops: what is recorded of each.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::Arc,
    thread,
    time::Duration,
};

use loopscope::{
    Executor, Timer, block_on, channel,
    replay::Replay,
    spawn,
    trace::{Event, PollOutcome, Position, TaskEvent, file},
};

use super::process::scratch;

/// Runs an ignored test of this file in a process of its own, with its loops recorded.
fn recorded(test: &str, more: &[(&str, &str)]) -> (PathBuf, Output) {
    let folder = scratch(&test.replace(':', "_"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).unwrap();
    let variable = format!("record:{}", folder.join("run.loopscope").display());
    let output = Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", test])
        .env("LOOPSCOPE", variable)
        .envs(more.iter().copied())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    (folder, output)
}

fn is_child() -> bool {
    env::var_os("LOOPSCOPE").is_some()
}

/// The tasks of a recording, by number: their names, and how their last poll ended.
fn tasks(path: &Path) -> Vec<(String, Option<PollOutcome>)> {
    let (log, damage) = file::read(fs::File::open(path).unwrap()).unwrap();
    assert!(
        damage.is_none_or(|damage| damage.missing == 0),
        "{}",
        path.display()
    );
    let replay = Replay::new(log);
    let mut last = BTreeMap::new();
    for (_, event, _) in replay.events_from(Position(0)) {
        match event {
            Event::Task(TaskEvent::Spawn { task, .. }) => drop(last.insert(task, None)),
            Event::Task(TaskEvent::PollEnd { task, outcome, .. }) => {
                last.insert(task, Some(outcome));
            }
            _ => {}
        }
    }
    let name = |task| replay.tables().task_name(task).to_owned();
    last.into_iter()
        .map(|(task, outcome)| (name(task), outcome))
        .collect()
}

async fn job() {
    for _ in 0..3 {
        Timer::after(Duration::from_millis(2)).await;
    }
}

async fn outside() {
    Timer::after(Duration::from_millis(2)).await;
}

#[test]
#[ignore = "another test starts it in a process of its own"]
fn a_program_of_several_loops() {
    if !is_child() {
        return;
    }
    let early = spawn(outside());
    let executor = Arc::new(Executor::new());
    let (stop, stopped) = channel::bounded::<()>(1);
    let workers = [0, 1].map(|_| {
        let (executor, stopped) = (executor.clone(), stopped.clone());
        thread::spawn(move || block_on(executor.run(stopped.recv())).is_err())
    });
    let jobs: Vec<_> = (0..20).map(|_| executor.spawn(job())).collect();
    block_on(executor.run(async {
        for job in jobs {
            job.await;
        }
        early.await;
    }));
    drop(stop);
    for worker in workers {
        assert!(worker.join().unwrap());
    }
}

#[test]
fn each_loop_of_a_program_is_recorded_into_a_file() {
    let (folder, output) = recorded(
        "loops::a_program_of_several_loops",
        &[("SMOL_THREADS", "4")],
    );
    let errors = String::from_utf8_lossy(&output.stderr);
    let refused = "loopscope: SMOL_THREADS=4 has no effect: ";
    assert_eq!(errors.matches(refused).count(), 1, "{errors}");
    let background = tasks(&folder.join("run-background.loopscope"));
    assert_eq!(
        background,
        [("outside".to_owned(), Some(PollOutcome::Ready))]
    );
    for name in ["run.loopscope", "run-2.loopscope", "run-3.loopscope"] {
        for (task, outcome) in tasks(&folder.join(name)) {
            // Also a task that was polled last by another thread.
            assert_eq!(outcome, Some(PollOutcome::Ready), "{name}: {task}");
        }
    }
}

#[test]
#[ignore = "another test starts it in a process of its own"]
fn a_program_whose_thread_ends_before_its_tasks() {
    if !is_child() {
        return;
    }
    let (sender, receiver) = channel::bounded(1);
    let first = thread::spawn(|| {
        block_on(async {
            let late = async move {
                outside().await;
                sender.send(7).await.unwrap();
            };
            spawn(late).named("late").detach();
        });
    });
    first.join().unwrap();
    assert_eq!(receiver.recv_blocking(), Ok(7));
    // The host ends the recording once the loop has no work.
    thread::sleep(Duration::from_millis(1500));
}

#[test]
fn a_task_is_recorded_after_its_thread_has_ended() {
    let test = "loops::a_program_whose_thread_ends_before_its_tasks";
    let (folder, _) = recorded(test, &[]);
    let tasks = tasks(&folder.join("run.loopscope"));
    assert_eq!(
        tasks.get(1),
        Some(&("late".to_owned(), Some(PollOutcome::Ready)))
    );
}
