//! Properties of random programs.

use std::{collections::VecDeque, rc::Rc};

use arbtest::arbtest;
use loopscope::{
    Run, block_for, channel,
    future::yield_now,
    lock::Mutex,
    println,
    replay::Replay,
    sleep, spawn_local,
    trace::{
        Event, Log, LoopEvent, Outcome, PollOutcome, Position, Schedule, TaskEvent, WakeEffect,
    },
};

use super::{events, ms, replay, run};

/// The steps of a random task.
#[derive(Clone, Debug, arbitrary::Arbitrary)]
enum Step {
    Yield,
    Sleep(u8),
    Block(u8),
    Say,
    Lock(u8),
    Send,
    Receive,
    Spawn(Vec<Step>),
    SpawnAndCancel(Vec<Step>),
    Fail,
}

struct World {
    lock: Mutex<u32>,
    sender: channel::Sender<u32>,
    receiver: channel::Receiver<u32>,
}

fn play(
    steps: Vec<Step>,
    depth: u32,
    world: Rc<World>,
) -> std::pin::Pin<Box<dyn Future<Output = ()>>> {
    Box::pin(async move {
        for step in steps.into_iter().take(8) {
            match step {
                Step::Yield => yield_now().await,
                Step::Sleep(time) => sleep(ms((time % 4).into())).await,
                Step::Block(time) => block_for(ms((time % 3).into())),
                Step::Say => println!("line {}", fastrand::u32(..)),
                Step::Lock(time) => {
                    let mut value = world.lock.lock().await;
                    *value += 1;
                    sleep(ms((time % 2).into())).await;
                }
                Step::Send => drop(world.sender.try_send(depth)),
                Step::Receive => drop(world.receiver.try_recv()),
                Step::Spawn(steps) if depth < 3 => {
                    spawn_local(play(steps, depth + 1, world.clone())).detach();
                }
                Step::SpawnAndCancel(steps) if depth < 3 => {
                    let task = spawn_local(play(steps, depth + 1, world.clone()));
                    yield_now().await;
                    task.cancel().await;
                }
                Step::Fail if depth > 0 => panic!("as told"),
                Step::Spawn(_) | Step::SpawnAndCancel(_) | Step::Fail => {}
            }
        }
    })
}

fn record(steps: Vec<Step>, seed: u64) -> Log {
    record_by(steps, seed, Schedule::default()).log
}

fn record_by(steps: Vec<Step>, seed: u64, schedule: Schedule) -> Run<()> {
    let (sender, receiver) = channel::bounded(3);
    let world = Rc::new(World {
        lock: Mutex::new(0),
        sender,
        receiver,
    });
    let builder = loopscope::Builder::new()
        .clock(loopscope::trace::ClockKind::Virtual)
        .on_idle(loopscope::runtime::OnIdle::End)
        .seed(seed)
        .schedule(schedule)
        .record(true);
    builder.run(play(steps, 0, world))
}

fn some_steps(u: &mut arbitrary::Unstructured<'_>) -> arbitrary::Result<Vec<Step>> {
    u.arbitrary()
}

#[test]
fn the_same_program_and_seed_give_the_same_bytes() {
    arbtest(|u| {
        let (steps, seed) = (some_steps(u)?, u.arbitrary()?);
        assert_eq!(record(steps.clone(), seed), record(steps, seed));
        Ok(())
    })
    .budget_ms(1_000);
}

#[test]
fn every_spawned_task_ends_exactly_once() {
    arbtest(|u| {
        ends_once(&Replay::new(record(some_steps(u)?, 0)));
        Ok(())
    })
    .budget_ms(1_000);
}

fn ends_once(replay: &Replay) {
    assert!(!replay.is_damaged());
    let mut ended = vec![0; replay.tables().tasks().len()];
    for event in events(replay) {
        if let Event::Task(TaskEvent::PollEnd { task, outcome, .. }) = event
            && outcome != PollOutcome::Pending
        {
            ended[task.index()] += 1;
        }
    }
    assert!(ended.iter().all(|count| *count == 1), "{ended:?}");
}

/// The ready queue is first in, first out, and a tick polls the tasks that it started with.
#[test]
fn the_ready_queue_is_first_in_first_out() {
    arbtest(|u| {
        let replay = Replay::new(record(some_steps(u)?, 0));
        let mut queue = VecDeque::new();
        let mut ended = Vec::new();
        let mut left = 0;
        for event in events(&replay) {
            match event {
                Event::Task(
                    TaskEvent::Spawn { task, .. }
                    | TaskEvent::Wake {
                        task,
                        effect: WakeEffect::Enqueued,
                        ..
                    },
                ) => {
                    assert!(!queue.contains(&task), "{task} twice");
                    queue.push_back(task);
                }
                Event::Loop(LoopEvent::RunPhase { ready }) => left = ready,
                Event::Task(TaskEvent::PollStart { task }) => {
                    // A task that woke itself in its last poll leaves an entry that is not polled.
                    while queue.front().is_some_and(|first| ended.contains(first)) {
                        queue.pop_front();
                    }
                    assert_eq!(queue.pop_front(), Some(task));
                    assert!(left > 0, "{task} runs beyond the snapshot");
                    left -= 1;
                }
                Event::Task(TaskEvent::PollEnd { task, outcome, .. })
                    if outcome != PollOutcome::Pending =>
                {
                    ended.push(task);
                }
                _ => {}
            }
        }
        Ok(())
    })
    .budget_ms(1_000);
}

#[test]
fn random_programs_end() {
    arbtest(|u| {
        let steps = some_steps(u)?;
        let (sender, receiver) = channel::bounded(3);
        let world = Rc::new(World {
            lock: Mutex::new(0),
            sender,
            receiver,
        });
        let ended = run(play(steps, 0, world));
        // Cancelling a failed task returns its failure.
        let ends = matches!(ended.outcome, Outcome::Finished | Outcome::Panicked);
        assert!(ends, "{:?}", ended.outcome);
        drop(replay(ended));
        Ok(())
    })
    .budget_ms(500);
}

/// Random choices: at some polls another task of the tick runs first.
fn some_schedule(
    u: &mut arbitrary::Unstructured<'_>,
    steps: &[Step],
) -> arbitrary::Result<Schedule> {
    let mut schedule = Schedule::default();
    for _ in 0..u.int_in_range(0..=3)? {
        let mut replay = Replay::new(record_by(steps.to_vec(), 0, schedule.clone()).log);
        let last = schedule.choices().last().map_or(0, |choice| choice.poll);
        replay.seek(Position(u.int_in_range(0..=replay.end().0)?));
        let Some(turn) = replay.upcoming_poll().filter(|turn| turn.number > last) else {
            break;
        };
        if !turn.ready.is_empty() {
            schedule = schedule.with(turn.number, *u.choose(&turn.ready)?);
        }
    }
    Ok(schedule)
}

#[test]
fn an_empty_schedule_changes_nothing() {
    arbtest(|u| {
        let steps = some_steps(u)?;
        let by_schedule = record_by(steps.clone(), 3, "".parse().unwrap()).log;
        assert_eq!(by_schedule, record(steps, 3));
        Ok(())
    })
    .budget_ms(500);
}

#[test]
fn every_schedule_keeps_the_rules_of_a_tick() {
    arbtest(|u| {
        let steps = some_steps(u)?;
        let schedule = some_schedule(u, &steps)?;
        let run = record_by(steps.clone(), 0, schedule.clone());
        assert_eq!(run.refused, None, "{schedule}");
        assert_eq!(run.log, record_by(steps, 0, schedule).log);
        let replay = Replay::new(run.log);
        ends_once(&replay);
        let mut polled = Vec::new();
        let mut left = 0;
        for event in events(&replay) {
            match event {
                Event::Loop(LoopEvent::RunPhase { ready }) => {
                    polled.clear();
                    left = ready;
                }
                Event::Task(TaskEvent::PollStart { task }) => {
                    assert!(!polled.contains(&task), "{task} twice in a tick");
                    assert!(left > 0, "{task} runs beyond the snapshot");
                    left -= 1;
                    polled.push(task);
                }
                _ => {}
            }
        }
        Ok(())
    })
    .budget_ms(1_000);
}
