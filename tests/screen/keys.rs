//! What keys, time and the mouse do.

use std::time::Duration;

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use loopscope::{
    replay::Replay,
    trace::{ClockKind, Log, Meta, Moment, TaskId, file::Damage},
    tui::{Command, Control, Message, Pulse, Reading, Slot},
};

use crate::driver::{Driver, concurrent, sequential};

fn main_screen() -> Driver {
    Driver::coloured((120, 40)).open(concurrent())
}

#[test]
fn a_run_begins_paused_at_its_first_event() {
    let mut driver = main_screen();
    assert_eq!(driver.at(), 1);
    assert!(!driver.model.wants_frames());
    assert!(driver.picture().contains("PAUSED"));
}

#[test]
fn a_capital_takes_the_same_step_back() {
    let mut driver = main_screen();
    for unit in ["nN", "sS", "tT", "cC"] {
        let mut letters = unit.chars().map(String::from);
        let (forth, back) = (letters.next().unwrap(), letters.next().unwrap());
        driver.press("g");
        driver.press(&forth.repeat(2));
        let there = driver.at();
        driver.press(&forth);
        assert!(driver.at() > there, "{forth}");
        driver.press(&back);
        assert_eq!(driver.at(), there, "{back}");
    }
}

#[test]
fn a_jump_can_be_returned_from() {
    let mut driver = main_screen();
    driver.press("nnn:15\n");
    assert_eq!(driver.at(), 15);
    driver.press("\u{8}");
    assert_eq!(driver.at(), 4);
    driver.press("maG'a");
    assert_eq!(driver.at(), 4);
}

#[test]
fn a_wrong_place_says_in_one_line_what_would_be_right() {
    let mut driver = main_screen();
    driver.press(":tock 3\n");
    assert_eq!(driver.at(), 1);
    assert!(driver.picture().contains("`tick 3`"));
    driver.press(":999\n");
    assert!(driver.picture().contains("there is no event 999"));
}

#[test]
fn while_paused_nothing_is_drawn_and_no_frame_asked_for() {
    let mut driver = main_screen();
    for time in (0..5000).step_by(33) {
        assert_eq!(driver.frame(time), []);
    }
    assert_eq!(driver.at(), 1);
    let moved = MouseEvent {
        kind: MouseEventKind::Moved,
        column: 5,
        row: 5,
        modifiers: KeyModifiers::NONE,
    };
    assert_eq!(driver.tell(Message::Mouse(moved)), []);
}

#[test]
fn playing_ends_at_the_end_and_says_how_the_run_ended() {
    let mut driver = main_screen();
    driver.press(" ");
    assert!(driver.model.wants_frames());
    let mut drawn = 0;
    for time in (0..60_000).step_by(33) {
        drawn += driver.frame(time).len();
        if !driver.model.wants_frames() {
            break;
        }
    }
    let (here, end) = driver.model.position().unwrap();
    assert_eq!(here, end);
    assert!(
        drawn <= end.0 as usize + 1,
        "one picture for each event, not for each frame: {drawn}"
    );
    assert!(driver.picture().contains("FINISHED"));
    assert!(driver.picture().contains("The run has finished"));
}

#[test]
fn two_runs_go_along_by_time() {
    let mut driver = Driver::coloured((120, 40))
        .open(sequential())
        .beside(concurrent());
    driver.press(":t 1\n");
    let picture = driver.picture();
    assert!(picture.contains("A at t=1.000"), "{picture}");
    assert!(picture.contains("B at t=1.000"));
    driver.press(" ");
    for time in (0..60_000).step_by(33) {
        driver.frame(time);
    }
    assert!(driver.picture().contains("A at t=3.000"));
}

#[test]
fn v_asks_for_the_next_variant() {
    let replay = concurrent();
    let meta = Meta {
        scenario: "say_after".into(),
        variant: "blocking".into(),
        ..replay.log().meta.clone()
    };
    let mut driver = Driver::coloured((120, 40)).open(Replay::new(Log {
        meta,
        ..replay.log().clone()
    }));
    let commands = driver.press("v");
    let launched = commands.iter().find_map(|command| match command {
        Command::Launch { what, slot } => Some((what.variant.as_str(), *slot)),
        _ => None,
    });
    assert_eq!(launched, Some(("sequential", Slot::Second)));
}

#[test]
fn a_click_on_the_scrubber_goes_there() {
    let mut driver = main_screen();
    let picture = driver.picture();
    let (row, line) = picture
        .lines()
        .enumerate()
        .find(|(_, line)| line.contains("|< "))
        .unwrap();
    let last = line.chars().position(|c| c == '┤').unwrap() - 1;
    let click = |column: usize| {
        Message::Mouse(MouseEvent {
            kind: MouseEventKind::Down(MouseButton::Left),
            column: column.try_into().unwrap(),
            row: row.try_into().unwrap(),
            modifiers: KeyModifiers::NONE,
        })
    };
    driver.tell(click(last));
    let (here, end) = driver.model.position().unwrap();
    assert_eq!(here, end);
    driver.tell(click(4));
    assert_eq!(driver.at(), 0);
}

fn live(paused: bool) -> Pulse {
    Pulse {
        live: true,
        paused,
        ..Pulse::default()
    }
}

/// A live run of which the first 20 bytes are there, and the rest of it.
fn live_run() -> (Driver, Vec<u8>) {
    let log = concurrent().log().clone();
    let rest = log.bytes[40..].to_vec();
    let meta = Meta {
        clock: ClockKind::Real,
        ..log.meta
    };
    let replay = Replay::new(Log {
        bytes: log.bytes[..40].to_vec(),
        meta,
    });
    let mut driver = Driver::coloured((120, 40));
    let result = Ok(Box::new(replay));
    driver.tell(Message::Launched {
        slot: Slot::Only,
        result,
        pulse: Some(live(false)),
    });
    (driver, rest)
}

#[test]
fn a_live_run_is_followed_until_somebody_steps_back() {
    let (mut driver, rest) = live_run();
    assert!(driver.picture().contains("LIVE"));
    let (first, second) = rest.split_at(30);
    driver.tell(Message::Fed {
        side: 0,
        bytes: first.to_vec(),
        pulse: live(false),
    });
    let (here, end) = driver.model.position().unwrap();
    assert_eq!(here, end);
    driver.press("N");
    driver.tell(Message::Fed {
        side: 0,
        bytes: second.to_vec(),
        pulse: live(false),
    });
    assert_eq!(driver.at(), here.0 - 1);
    assert!(driver.picture().contains("events behind"));
    driver.press("G");
    let (here, end) = driver.model.position().unwrap();
    assert_eq!(here, end);
    assert!(!driver.picture().contains("behind"));
}

#[test]
fn at_the_head_of_a_paused_loop_steps_are_asked_of_the_loop() {
    let (mut driver, _) = live_run();
    let control = |commands: Vec<Command>| {
        commands.into_iter().find_map(|command| match command {
            Command::Control { control, .. } => Some(control),
            _ => None,
        })
    };
    assert_eq!(control(driver.press(" ")), Some(Control::Pause));
    driver.tell(Message::Fed {
        side: 0,
        bytes: Vec::new(),
        pulse: live(true),
    });
    assert!(driver.picture().contains("PAUSED"));
    assert_eq!(control(driver.press("t")), Some(Control::Tick));
    assert_eq!(control(driver.press("s")), Some(Control::Poll));
    driver.press("N");
    assert_eq!(control(driver.press("n")), None);
    assert_eq!(control(driver.press(" ")), Some(Control::Run));
}

/// A file of which the first chunk is there, and the rest of it.
fn file_being_read() -> (Driver, Vec<u8>, Pulse) {
    let mut log = concurrent().log().clone();
    let rest = log.bytes.split_off(40);
    let pulse = Pulse {
        reading: Some(Reading {
            events: concurrent().end().0,
        }),
        ..Pulse::default()
    };
    let mut driver = Driver::coloured((120, 40));
    driver.tell(Message::Launched {
        slot: Slot::Only,
        result: Ok(Box::new(Replay::new(log))),
        pulse: Some(pulse),
    });
    (driver, rest, pulse)
}

#[test]
fn a_place_that_has_not_been_read_yet_is_gone_to_when_it_has() {
    let end = concurrent().end().0;
    for (keys, there) in [(":30\n", 30), ("G", end), (":tick 4\n", 0)] {
        let (mut driver, rest, pulse) = file_being_read();
        assert!(driver.picture().contains(" %"), "{}", driver.picture());
        assert!(driver.picture().contains(&format!("event 1/{end}")));
        driver.press(keys);
        assert_eq!(driver.at(), 1);
        assert!(driver.picture().contains("has not been read yet"));
        driver.tell(Message::Fed {
            side: 0,
            bytes: rest,
            pulse,
        });
        driver.tell(Message::Fed {
            side: 0,
            bytes: Vec::new(),
            pulse: Pulse {
                ended: true,
                ..Pulse::default()
            },
        });
        if there > 0 {
            assert_eq!(driver.at(), there);
        } else {
            assert!(driver.at() > 1, "at the tick");
        }
        assert!(!driver.picture().contains("has not been read yet"));
        assert!(!driver.picture().contains(" %"));
    }
}

#[test]
fn a_place_that_is_not_in_the_file_is_said_when_all_of_it_was_read() {
    let (mut driver, rest, _) = file_being_read();
    driver.press(":9999\n");
    driver.tell(Message::Fed {
        side: 0,
        bytes: rest,
        pulse: Pulse {
            ended: true,
            ..Pulse::default()
        },
    });
    assert!(driver.picture().contains("there is no event 9999"));
}

#[test]
fn what_is_wrong_with_a_file_is_said_when_all_of_it_was_read() {
    let (mut driver, rest, _) = file_being_read();
    driver.tell(Message::Fed {
        side: 0,
        bytes: rest,
        pulse: Pulse {
            ended: true,
            damage: Some(Damage {
                missing: 7,
                places: 1,
                unfinished: true,
            }),
            ..Pulse::default()
        },
    });
    assert!(
        driver
            .picture()
            .contains("7 events are missing; it was not finished")
    );
}

#[test]
fn a_poll_that_does_not_return_is_shown() {
    let (mut driver, _) = live_run();
    let pulse = Pulse {
        polling: Some((TaskId(1), Duration::from_millis(2350))),
        ..live(false)
    };
    let commands = driver.tell(Message::Fed {
        side: 0,
        bytes: Vec::new(),
        pulse,
    });
    assert_eq!(commands, [Command::Draw]);
    assert!(
        driver.picture().contains("has had the loop for 2.4s")
            || driver.picture().contains("for 2.3s")
    );
}

/// Found by pressing `v`: the other run had not handed over anything yet when the two were compared, and the table said
/// that it had taken no time and no task.
#[test]
fn a_comparison_is_made_again_when_a_run_comes_to_its_end() {
    let log = sequential().log().clone();
    let empty = Replay::new(Log {
        bytes: Vec::new(),
        meta: log.meta,
    });
    let mut driver = Driver::coloured((120, 40)).open(concurrent());
    let pulse = Pulse {
        live: false,
        ..live(false)
    };
    driver.tell(Message::Launched {
        slot: Slot::Second,
        result: Ok(Box::new(empty)),
        pulse: Some(pulse),
    });
    driver.tell(Message::Fed {
        side: 1,
        bytes: log.bytes,
        pulse: Pulse {
            ended: true,
            ..pulse
        },
    });
    let picture = driver.picture();
    let total = picture.lines().find(|line| line.contains(" total "));
    assert!(
        total.is_some_and(|line| line.contains("2.000s") && line.contains("3.000s")),
        "{picture}"
    );
}

#[test]
fn the_clock_of_a_live_loop_goes_on_while_it_waits() {
    let (mut driver, _) = live_run();
    let fed = |driver: &mut Driver, now: u64| {
        driver.tell(Message::Fed {
            side: 0,
            bytes: Vec::new(),
            pulse: Pulse {
                now: Some(Moment(now)),
                ..live(false)
            },
        })
    };
    assert_eq!(fed(&mut driver, 7_250_000_000), [Command::Draw]);
    assert!(driver.picture().contains("t=7.250s"));
    assert_eq!(fed(&mut driver, 7_260_000_000), [], "too little to be seen");
}
