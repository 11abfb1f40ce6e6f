//! What-if branches: choosing the task that runs first.

use loopscope::{
    replay::Replay,
    runtime::LoopControl,
    scenario::Plan,
    trace::ClockKind,
    tui::{Command, Message, PaneSlot, RunRequest},
};

use super::{catalogue, driver::Driver, pictures::snapshot};
use crate::support::run_named;

/// Carries out the commands of the screen, as the program does. Returns the started run and its
/// slot.
fn carry_out(driver: &mut Driver, commands: Vec<Command>) -> Vec<(String, PaneSlot)> {
    let mut started = Vec::new();
    for command in commands {
        let Command::Launch { what, slot } = command else {
            continue;
        };
        started.push((what.schedule.to_string(), slot));
        let asked = driver.tell(Message::Launched {
            slot,
            result: Ok(Box::new(run(&what))),
            status: None,
        });
        started.extend(carry_out(driver, asked));
    }
    started
}

fn run(what: &RunRequest) -> Replay {
    let scenario = catalogue::ALL
        .iter()
        .find(|known| known.name == what.scenario);
    let scenario = scenario.unwrap();
    let mut plan = Plan::new(scenario, scenario.variant(&what.variant).unwrap());
    plan.seed = what.seed;
    plan.clock = what.clock.unwrap_or(ClockKind::Virtual);
    plan.schedule = what.schedule.clone();
    let ended = plan.run(None, LoopControl::new());
    assert_eq!(ended.refused, None);
    Replay::new(ended.log)
}

fn press(driver: &mut Driver, keys: &str) -> Vec<(String, PaneSlot)> {
    let commands = driver.press(keys);
    carry_out(driver, commands)
}

/// Opens the list of choices after two tasks were spawned, before the first of them runs.
fn open_list() -> Driver {
    let mut driver = Driver::coloured((120, 40)).open(run_named("say_after", "concurrent"));
    driver.press(":tick 1\nti");
    driver
}

#[test]
fn a_branch_runs_another_task_first() {
    let mut driver = open_list();
    snapshot("what_if", &mut driver, &["What if?"]);
    let started = press(&mut driver, "j\n");
    assert_eq!(started, [("2:2".into(), PaneSlot::Second)]);
    driver.press("t");
    snapshot(
        "what_if_compared",
        &mut driver,
        &["Timelines", "What makes"],
    );
}

#[test]
fn a_branch_can_be_opened_again() {
    let mut driver = open_list();
    press(&mut driver, "j\n");
    // After moving elsewhere, the last row of the list is the branch.
    let mut driver = driver.open(run_named("say_after", "sequential"));
    let started = press(&mut driver, "gijjj\n");
    let expected = [
        (String::new(), PaneSlot::First),
        ("2:2".into(), PaneSlot::Second),
    ];
    assert_eq!(started, expected);
    assert!(driver.picture().contains("concurrent, poll 2: #2 first"));
}

/// Once, a reopened branch started at its first event, not at the position where it was left.
#[test]
fn a_reopened_branch_keeps_its_position() {
    let mut driver = open_list();
    press(&mut driver, "j\n");
    // The branch is viewed alone, and moved in.
    driver.press("\t\ntttN");
    let left = driver.at();
    assert!(left > 20, "{left}");
    let mut driver = driver.open(run_named("say_after", "sequential"));
    press(&mut driver, "gijjj\n");
    assert_eq!(driver.at(), left, "{}", driver.picture());
    assert!(driver.picture().contains("lock: time"));
}

#[test]
fn the_narration_mentions_the_chosen_poll() {
    let mut driver = open_list();
    press(&mut driver, "j\n");
    driver.press("\t\n:tick 2\n");
    while !driver
        .picture()
        .contains("▸ #2 world moves from READY to RUNNING")
    {
        driver.press("n");
    }
    let picture = driver.picture();
    let words = "you chose it for poll 2 (--schedule 2:2)";
    assert!(picture.contains(words), "{picture}");
}

#[test]
fn a_branch_of_a_branch_keeps_the_earlier_choice() {
    let mut driver = open_list();
    press(&mut driver, "j\n");
    // The branch has the focus, and another branch starts at a later position.
    let started = press(&mut driver, "\t:tick 1\ntsi\n");
    assert_eq!(started, [("2:2,3:1".into(), PaneSlot::Second)]);
}

#[test]
fn no_choice_is_offered_for_a_single_ready_task() {
    let mut driver = Driver::coloured((120, 40)).open(run_named("say_after", "sequential"));
    driver.press("gi");
    assert!(driver.picture().contains("only one task is ready"));
    driver.press("Gi");
    assert!(driver.picture().contains("no task is polled after this"));
}
