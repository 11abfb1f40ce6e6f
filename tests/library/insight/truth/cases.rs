//! Sentences that were once false, each with the run in which it was.

use loopscope::{
    insight::{self, Language},
    replay::Replay,
    runtime::LoopControl,
    scenario::Plan,
    trace::{Event, Position, TaskEvent, TaskId, WakeEffect},
};

use crate::support::{run_named, scenario};

/// All sentences of a run, those of one event joined.
fn sentences(replay: &mut Replay) -> Vec<String> {
    let mut all = Vec::new();
    for position in 1..=replay.end().0 {
        replay.seek(Position(position));
        let told = insight::narrate(replay, Language::Rust);
        let note = told.note.map(|note| note.text).unwrap_or_default();
        all.push(format!(
            "{} {} {note}",
            told.what,
            told.why.unwrap_or_default()
        ));
    }
    all
}

fn told(name: &str, variant: &str) -> Vec<String> {
    sentences(&mut run_named(name, variant))
}

fn says(name: &str, variant: &str, sentence: &str) {
    let all = told(name, variant);
    assert!(
        all.iter().any(|said| said.contains(sentence)),
        "{name}:{variant} does not say {sentence:?}: {all:#?}"
    );
}

fn never_says(name: &str, variant: &str, part: &str) {
    let all = told(name, variant);
    let said = all.iter().find(|said| said.contains(part));
    assert_eq!(said, None, "{name}:{variant}");
}

#[test]
fn gather_names_the_task_that_ended_last() {
    let sentence = "#3 deposit finished: it was the last of 3 that `gather` waits for, so #0 main becomes READY.";
    says("lesson_16_lost_update", "wrong", sentence);
}

#[test]
fn a_wake_by_an_end_names_its_waker() {
    for (name, variant) in [
        ("factorial", "concurrent"),
        ("flag_downloads", "gather"),
        ("lesson_16_lost_update", "right"),
        ("lesson_17_own_semaphore", "wrong"),
        ("send_updates", "concurrent"),
        ("transaction", "concurrent"),
    ] {
        let mut replay = run_named(name, variant);
        let main = |event: &Event| {
            matches!(
                event,
                Event::Task(TaskEvent::Wake {
                    task: TaskId(0),
                    effect: WakeEffect::Enqueued,
                    ..
                })
            )
        };
        let wakes: Vec<Position> = replay
            .events_from(Position(0))
            .filter(|(_, event, _)| main(event))
            .map(|(position, _, _)| position)
            .collect();
        for wake in wakes {
            replay.seek(wake);
            let running = replay.state().running.task();
            let what = insight::narrate(&replay, Language::Rust).what;
            if let Some(running) = running.filter(|_| what.contains("finished")) {
                assert!(
                    what.starts_with(&format!("{running} ")),
                    "{running} runs: {what}"
                );
            }
        }
    }
}

#[test]
fn gather_waits_for_all_with_a_count() {
    says("flag_downloads", "gather", "all of 20 tasks, 0 done");
    never_says("flag_downloads", "gather", ", or ");
}

#[test]
fn the_first_of_several_is_told_as_such() {
    says("use_files", "first_ready", "that `");
    never_says("use_files", "first_ready", "all of");
}

#[test]
fn waits_add_up_only_in_series() {
    says("say_after", "sequential", "the waits add up");
    for (name, variant) in [
        ("send_updates", "mini_loop"),
        ("send_updates", "generators"),
        ("lesson_21_select_drops", "wrong"),
        ("lesson_21_select_drops", "right"),
        ("lesson_10_siblings_run_on", "right"),
        ("lesson_15_late_timeout", "right"),
        ("compute_sum", "chain"),
        ("lesson_03_call_is_not_run", "right"),
    ] {
        never_says(name, variant, "add up");
    }
}

#[test]
fn semaphores_of_lesson_17_read_differently() {
    let made = |variant: &str| {
        let all = told("lesson_17_own_semaphore", variant);
        let made = all
            .iter()
            .filter(|said| said.contains(" creates semaphore"));
        made.cloned().collect::<Vec<_>>()
    };
    let (wrong, right) = (made("wrong"), made("right"));
    assert_eq!(right.len(), 1);
    assert!(right[0].starts_with("#0 main "), "{right:?}");
    assert!(wrong.len() > 2);
    assert!(
        wrong.iter().all(|said| !said.starts_with("#0 main ")),
        "{wrong:?}"
    );
    never_says("lesson_17_own_semaphore", "right", "already created");
    says(
        "lesson_17_own_semaphore",
        "wrong",
        "already created one semaphore",
    );
}

#[test]
fn a_deadlock_of_one_task_says_what_cannot_come() {
    let producer = scenario("producer_consumer");
    let mut plan = Plan::new(producer, producer.variant("sequential").unwrap());
    plan.args.set(producer.params, "capacity", "1").unwrap();
    let mut replay = Replay::new(plan.run(None, LoopControl::new()).log);
    let all = sentences(&mut replay);
    let last = all.last().unwrap();
    let sentence = "Deadlock: #0 main waits for room in channel `items` (full, 1 of 1), and no task is left that could take an item out.";
    assert!(last.starts_with(sentence), "{last}");
    assert!(
        !all.iter().any(|said| said.contains("until I/O")),
        "{all:#?}"
    );
}

#[test]
fn a_task_that_holds_the_loop_is_not_delayed_by_itself() {
    for variant in ["wrong", "right"] {
        never_says("lesson_15_late_timeout", variant, "#0 main, due at");
    }
}

#[test]
fn cancellation_is_not_the_loss_of_a_race() {
    for (name, variant) in [
        ("spinner", "main"),
        ("lesson_12_outlives_main", "wrong"),
        ("lesson_13_dropped_handle", "wrong"),
    ] {
        never_says(name, variant, "Something else came first");
    }
    // The end of the main task has one sentence, and not that of a request.
    never_says("lesson_12_outlives_main", "wrong", "has NOT ended yet");
    says("lesson_12_outlives_main", "wrong", "it is dropped mid-way");
}

#[test]
fn a_race_gets_no_note_about_queues() {
    for variant in ["wrong", "right"] {
        never_says("lesson_21_select_drops", variant, "items wait");
    }
}

#[test]
fn failures_are_told_as_failures() {
    says("gather", "error", "#2 job B fails with ValueError");
    says("gather", "error", "#2 job B moves from RUNNING to FAILED.");
    says("gather", "error", "Its siblings keep running");
    says("futures", "exception", " with an error.");
}

#[test]
fn a_message_has_no_detours_in_its_paths() {
    for variant in ["wrong", "right"] {
        never_says("lesson_11_silent_failure", variant, "/../");
    }
    says("lesson_11_silent_failure", "wrong", "(scenarios/lesson_11");
}
