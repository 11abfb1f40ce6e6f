//! Schedules: they change the order of the polls of a tick, and nothing else.

use loopscope::{
    Builder, Run, println,
    replay::Replay,
    runtime::OnIdle,
    sleep, spawn,
    trace::{ClockKind, Outcome, Position, Schedule, TaskId},
};

use super::{lines, ms, printed, replay};

async fn three_tasks() {
    let task = |name: &'static str| {
        spawn(async move {
            println!("{name} begins");
            sleep(ms(10)).await;
            println!("{name} ends");
        })
    };
    for task in [task("a"), task("b"), task("c")] {
        task.await;
    }
}

fn run_by(schedule: &str) -> Run<()> {
    Builder::new()
        .clock(ClockKind::Virtual)
        .on_idle(OnIdle::End)
        .schedule(schedule.parse().unwrap())
        .record(true)
        .run(three_tasks())
}

#[test]
fn the_chosen_task_runs_first_the_others_in_order() {
    // Poll 1 is main; a, b and c are tasks 1, 2 and 3.
    let expected = lines(&[
        (0, "c begins"),
        (0, "a begins"),
        (0, "b begins"),
        (10, "c ends"),
        (10, "b ends"),
        (10, "a ends"),
    ]);
    assert_eq!(printed(&replay(run_by("2:3,6:2"))), expected);
}

#[test]
fn an_impossible_choice_stops_the_run_with_a_reason() {
    let refused = |schedule: &str| {
        let run = run_by(schedule);
        assert!(run.value.is_none() || run.outcome == Outcome::Finished);
        run.refused.unwrap().to_string()
    };
    assert_eq!(
        refused("3:1"),
        "poll 3 cannot be of #1: this tick has yet to poll #2, #3"
    );
    assert_eq!(
        refused("99:1"),
        "there is no poll 99: the run ended after 8"
    );
}

/// The loop accepts every choice that the screen offers.
#[test]
fn every_offered_task_can_be_chosen() {
    let mut original = Replay::new(run_by("").log);
    let mut tried = 0;
    for position in 0..original.end().0 {
        original.seek(Position(position));
        let Some(turn) = original.upcoming_poll() else {
            continue;
        };
        for task in turn.ready {
            let schedule = Schedule::default().with(turn.number, task);
            let run = run_by(&schedule.to_string());
            assert_eq!(run.refused, None, "{schedule}");
            let mut branch = Replay::new(run.log);
            branch.seek(Position(turn.before.0 + 1));
            assert_eq!(
                branch.state().running,
                loopscope::replay::Running::Task(task)
            );
            tried += 1;
        }
    }
    assert!(tried > 100, "{tried}");
}

#[test]
fn no_poll_can_be_chosen_after_main_ended() {
    let mut replay = Replay::new(run_by("").log);
    replay.seek(replay.end());
    assert_eq!(replay.upcoming_poll(), None);
    replay.seek(Position(0));
    let turn = replay.upcoming_poll().unwrap();
    assert_eq!((turn.number, turn.ready), (1, vec![TaskId(0)]));
}
