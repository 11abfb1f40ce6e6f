//! A program of several loops: the list of them, the header, and what each loop keeps.

use loopscope::{
    replay::Replay,
    trace::{ClockKind, Log, Meta},
    tui::{Command, Message, Options, PaneSlot, SourceStatus},
};

use super::driver::{Driver, concurrent, sequential};

fn live() -> SourceStatus {
    SourceStatus {
        live: true,
        ..SourceStatus::default()
    }
}

/// The beginning of a live run, and the rest of its records.
fn begun(of: &Replay) -> (Replay, Vec<u8>) {
    let log = of.log().clone();
    let meta = Meta {
        clock: ClockKind::Real,
        ..log.meta
    };
    let (first, rest) = log.bytes.split_at(40);
    let bytes = first.to_vec();
    (Replay::new(Log { bytes, meta }), rest.to_vec())
}

fn started(name: &str, is_main: bool, of: &Replay) -> Message {
    Message::LoopStarted {
        name: name.into(),
        is_main,
        pane: 0,
        first: "first".into(),
        replay: Box::new(begun(of).0),
        status: live(),
    }
}

/// A live program whose second loop, `worker`, has started.
fn two_loops() -> Driver {
    let mut driver = Driver::coloured((120, 40));
    driver.tell(Message::Launched {
        slot: PaneSlot::Only,
        result: Ok(Box::new(begun(&concurrent()).0)),
        status: Some(live()),
    });
    assert!(!driver.picture().contains("loop 1"));
    driver.tell(started("worker", false, &sequential()));
    driver
}

fn shown(commands: &[Command]) -> Vec<usize> {
    let hidden = commands.iter().filter_map(|command| match command {
        Command::ShowLoop { pane: 0, hidden } => Some(*hidden),
        _ => None,
    });
    hidden.collect()
}

#[test]
fn a_new_loop_is_announced_and_listed() {
    let mut driver = two_loops();
    let picture = driver.picture();
    assert!(picture.contains("loop 1 of 2: first"), "{picture}");
    assert!(picture.contains("another loop has started: worker; o lists the loops"));
    assert!(picture.contains("o loops"), "{picture}");
    driver.press("o");
    let picture = driver.picture();
    assert!(
        picture.contains("▸  1 first") && picture.contains("2 worker"),
        "{picture}"
    );
    assert_eq!(shown(&driver.press("\n")), [] as [usize; 0]);
    assert!(driver.picture().contains("loop 1 of 2: first"));
}

#[test]
fn each_loop_keeps_its_own_position() {
    let mut driver = two_loops();
    driver.press("NN");
    let first = driver.at();
    assert_eq!(shown(&driver.press("oj\n")), [0]);
    let picture = driver.picture();
    assert!(picture.contains("loop 2 of 2: worker"), "{picture}");
    let (here, end) = driver.model.position().unwrap();
    assert_eq!(here, end, "a loop that was not looked at is followed");
    // The records of the loop that is not shown arrive, and do not move it.
    let commands = driver.tell(Message::LoopData {
        hidden: 0,
        bytes: begun(&concurrent()).1,
        status: live(),
    });
    assert_eq!(commands, [] as [Command; 0]);
    assert_eq!(shown(&driver.press(":loop first\n")), [0]);
    assert_eq!(driver.at(), first);
    assert!(driver.picture().contains("events behind"));
    assert_eq!(shown(&driver.press(":loop 2\n")), [0]);
    assert!(driver.picture().contains("loop 2 of 2: worker"));
}

#[test]
fn a_loop_that_does_not_exist_is_said_to_be_unknown() {
    let mut driver = two_loops();
    driver.press(":loop 3\n");
    assert!(driver.picture().contains("no loop `3`: this run has 2"));
    let mut one = Driver::of_two_sleepers();
    one.press("o");
    assert!(one.picture().contains("this run has one loop"));
}

#[test]
fn the_main_loop_takes_the_place_of_a_background_loop() {
    let begin = || {
        let mut driver = Driver::coloured((120, 40));
        driver.tell(Message::Launched {
            slot: PaneSlot::Only,
            result: Ok(Box::new(begun(&concurrent()).0)),
            status: Some(live()),
        });
        driver
    };
    let mut driver = begin();
    let commands = driver.tell(started("main", true, &sequential()));
    assert_eq!(shown(&commands), [0]);
    assert!(driver.picture().contains("loop 1 of 2: main"));
    assert_eq!(shown(&driver.press(":loop 2\n")), [0]);
    assert!(driver.picture().contains("loop 2 of 2: first"));
    // What the user looks at stays.
    let mut driver = begin();
    driver.press("N");
    let commands = driver.tell(started("main", true, &sequential()));
    assert_eq!(shown(&commands), [] as [usize; 0]);
}

#[test]
fn another_program_on_the_screen_closes_the_loops() {
    let mut driver = two_loops();
    let commands = driver.tell(Message::Launched {
        slot: PaneSlot::Only,
        result: Ok(Box::new(sequential())),
        status: None,
    });
    assert!(commands.contains(&Command::CloseLoops));
    assert!(!driver.picture().contains("loop 1"));
    driver.press("o");
    assert!(driver.picture().contains("this run has one loop"));
    // A loop of a program that is not shown has no place in the list.
    let mut nothing = Driver::coloured((120, 40));
    nothing.model.configure(&Options::default());
    let commands = nothing.tell(started("late", false, &sequential()));
    assert_eq!(commands, [Command::CloseLoops]);
}
