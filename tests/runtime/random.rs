//! Properties over random programs.

use std::{collections::VecDeque, rc::Rc};

use arbtest::arbtest;
use loopscope::{
    block_for, channel,
    future::yield_now,
    lock::Mutex,
    println, sleep, spawn,
    trace::{Event, Outcome, PollOutcome, WakeEffect},
};

use crate::{events, ms, replay, run};

/// What a random task does, one after the other.
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
                    spawn(play(steps, depth + 1, world.clone())).detach();
                }
                Step::SpawnAndCancel(steps) if depth < 3 => {
                    let task = spawn(play(steps, depth + 1, world.clone()));
                    yield_now().await;
                    task.cancel().await;
                }
                Step::Fail if depth > 0 => panic!("as told"),
                Step::Spawn(_) | Step::SpawnAndCancel(_) | Step::Fail => {}
            }
        }
    })
}

fn record(steps: Vec<Step>, seed: u64) -> loopscope::trace::Log {
    let (sender, receiver) = channel::bounded(3);
    let world = Rc::new(World {
        lock: Mutex::new(0),
        sender,
        receiver,
    });
    let builder = loopscope::Builder::new()
        .clock(loopscope::trace::ClockKind::Virtual)
        .quiet(loopscope::runtime::Quiet::End)
        .seed(seed)
        .record(true);
    builder.run(play(steps, 0, world)).log
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
fn every_task_that_was_spawned_ends_exactly_once() {
    arbtest(|u| {
        let replay = loopscope::replay::Replay::new(record(some_steps(u)?, 0));
        assert!(!replay.is_damaged());
        let mut ended = vec![0; replay.tables().tasks().len()];
        for event in events(&replay) {
            if let Event::PollEnd { task, outcome, .. } = event
                && outcome != PollOutcome::Pending
            {
                ended[task.index()] += 1;
            }
        }
        assert!(ended.iter().all(|count| *count == 1), "{ended:?}");
        Ok(())
    })
    .budget_ms(1_000);
}

/// The ready queue is a plain queue: who is put in first runs first, and a tick runs what it began with.
#[test]
fn the_ready_queue_is_first_in_first_out() {
    arbtest(|u| {
        let replay = loopscope::replay::Replay::new(record(some_steps(u)?, 0));
        let mut queue = VecDeque::new();
        let mut ended = Vec::new();
        let mut left = 0;
        for event in events(&replay) {
            match event {
                Event::Spawn { task, .. }
                | Event::Wake {
                    task,
                    effect: WakeEffect::Enqueued,
                    ..
                } => {
                    assert!(!queue.contains(&task), "{task} twice");
                    queue.push_back(task);
                }
                Event::Run { ready } => left = ready,
                Event::PollStart { task } => {
                    // A task that woke itself in its last turn leaves an entry that nobody takes.
                    while queue.front().is_some_and(|first| ended.contains(first)) {
                        queue.pop_front();
                    }
                    assert_eq!(queue.pop_front(), Some(task));
                    assert!(left > 0, "{task} runs beyond the snapshot");
                    left -= 1;
                }
                Event::PollEnd { task, outcome, .. } if outcome != PollOutcome::Pending => {
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
fn random_programs_come_to_an_end() {
    arbtest(|u| {
        let steps = some_steps(u)?;
        let (sender, receiver) = channel::bounded(3);
        let world = Rc::new(World {
            lock: Mutex::new(0),
            sender,
            receiver,
        });
        let ended = run(play(steps, 0, world));
        // To cancel a task that has failed gives its failure.
        let ends = matches!(ended.outcome, Outcome::Finished | Outcome::Panicked);
        assert!(ends, "{:?}", ended.outcome);
        drop(replay(ended));
        Ok(())
    })
    .budget_ms(500);
}
