//! What-if branches: choosing the task that runs first.

use loopscope::{
    replay::Replay,
    runtime::LoopControl,
    scenario::Plan,
    trace::{ClockKind, Log},
    tui::{Command, Message, PaneSlot, RunRequest, SourceStatus},
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
    // Another task than the one that the run polls is chosen already.
    let started = press(&mut driver, "\n");
    assert_eq!(started, [("2:2".into(), PaneSlot::Second)]);
    let picture = driver.picture();
    for words in [
        "sync: poll",
        "by polls",
        "poll 2 is of #1 hello in A, of #2 world in B",
        "RUNNING  #1 hello",
        "RUNNING  #2 world",
    ] {
        assert!(picture.contains(words), "{words}\n{picture}");
    }
    snapshot(
        "what_if_compared",
        &mut driver,
        &["Timelines", "What makes"],
    );
}

#[test]
fn a_branch_can_be_opened_again() {
    let mut driver = open_list();
    press(&mut driver, "\n");
    // After moving elsewhere, the last row of the list is the branch.
    let mut driver = driver.open(run_named("say_after", "sequential"));
    let started = press(&mut driver, "gijj\n");
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
    press(&mut driver, "\n");
    // The branch is viewed alone, and moved in.
    driver.press("\t\ntttN");
    let left = driver.at();
    assert!(left > 20, "{left}");
    let mut driver = driver.open(run_named("say_after", "sequential"));
    press(&mut driver, "gijj\n");
    assert_eq!(driver.at(), left, "{}", driver.picture());
    assert!(driver.picture().contains("sync: poll"));
}

#[test]
fn the_narration_mentions_the_chosen_poll() {
    let mut driver = open_list();
    press(&mut driver, "\n");
    driver.press("\t\ngA");
    let words = "you chose it for poll 2";
    for _ in 0..40 {
        if driver.picture().contains(words) {
            return;
        }
        driver.press("n");
    }
    panic!("no {words} in\n{}", driver.picture());
}

#[test]
fn a_branch_of_a_branch_keeps_the_earlier_choice() {
    let mut driver = open_list();
    press(&mut driver, "\n");
    // The branch has the focus, and another branch starts at a later position.
    let started = press(&mut driver, "\t:tick 1\ntsik\n");
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

/// Once, the list proposed the task that runs anyway, and the two equal runs were said to differ.
#[test]
fn a_choice_that_changes_nothing_is_called_identical() {
    let mut driver = open_list();
    press(&mut driver, "k\n");
    let picture = driver.picture();
    assert!(
        picture.contains("identical: the choice changes nothing"),
        "{picture}"
    );
    assert!(picture.contains("The runs are identical"), "{picture}");
}

/// Once, a branch that had just been opened, and had no events yet, was called identical.
#[test]
fn the_effect_of_a_branch_is_shown_when_its_run_has_arrived() {
    let mut driver = open_list();
    let commands = driver.press("\n");
    let what = commands.into_iter().find_map(|command| match command {
        Command::Launch { what, .. } => Some(what),
        _ => None,
    });
    let whole = run(&what.unwrap()).log().clone();
    let empty = Log {
        bytes: Vec::new(),
        meta: whole.meta.clone(),
    };
    driver.tell(Message::Launched {
        slot: PaneSlot::Second,
        result: Ok(Box::new(Replay::new(empty))),
        status: Some(SourceStatus::default()),
    });
    assert!(!driver.picture().contains("identical"));
    driver.tell(Message::Data {
        pane: 1,
        bytes: whole.bytes,
        status: SourceStatus {
            ended: true,
            ..SourceStatus::default()
        },
    });
    let picture = driver.picture();
    assert!(!picture.contains("identical"), "{picture}");
    assert!(
        picture.contains("poll 2 is of #1 hello in A, of #2 world in B"),
        "{picture}"
    );
}

#[test]
fn two_runs_that_end_together_share_a_label() {
    let mut driver = open_list();
    press(&mut driver, "\n");
    driver.press("xu");
    assert!(
        driver.picture().contains("A and B end at 2.000s"),
        "{}",
        driver.picture()
    );
}
