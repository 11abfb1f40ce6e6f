//! A loop on a real clock: following it, pausing it, viewing it while it waits or is blocked.

use std::time::Duration;

use loopscope::{
    replay::Replay,
    trace::{ClockKind, Event, Log, LoopEvent, Meta, Moment, Position, TaskEvent, TaskId},
    tui::{Command, Control, Message, Options, PaneSlot, SourceStatus},
};

use super::{
    driver::{Driver, concurrent, sequential},
    picker::with_catalogue,
};

fn live(paused: bool) -> SourceStatus {
    SourceStatus {
        live: true,
        paused,
        ..SourceStatus::default()
    }
}

/// A live run with its first 20 bytes, and the rest of them.
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
        slot: PaneSlot::Only,
        result,
        status: Some(live(false)),
    });
    (driver, rest)
}

#[test]
fn input_goes_to_the_program_that_has_the_focus() {
    let (mut driver, _) = live_run();
    driver.tell(Message::Launched {
        slot: PaneSlot::Second,
        result: Ok(Box::new(concurrent())),
        status: Some(live(false)),
    });
    let pane = |commands: Vec<Command>| {
        commands.into_iter().find_map(|command| match command {
            Command::Input { pane, .. } => Some(pane),
            _ => None,
        })
    };
    driver.press("v");
    assert_eq!(pane(driver.press("ahello\n")), Some(0));
    driver.press("v\tv");
    assert_eq!(pane(driver.press("ahello\n")), Some(1));
}

#[test]
fn a_recording_is_not_said_to_have_read_input() {
    let mut driver = Driver::of_two_sleepers();
    driver.press("a");
    assert!(driver.picture().contains("a recorded run reads no input"));
}

#[test]
fn a_live_run_is_followed_until_a_step_back() {
    let (mut driver, rest) = live_run();
    assert!(driver.picture().contains("LIVE"));
    let (first, second) = rest.split_at(30);
    driver.tell(Message::Data {
        pane: 0,
        bytes: first.to_vec(),
        status: live(false),
    });
    let (here, end) = driver.model.position().unwrap();
    assert_eq!(here, end);
    driver.press("N");
    driver.tell(Message::Data {
        pane: 0,
        bytes: second.to_vec(),
        status: live(false),
    });
    assert_eq!(driver.at(), here.0 - 1);
    assert!(driver.picture().contains("events behind"));
    driver.press("G");
    let (here, end) = driver.model.position().unwrap();
    assert_eq!(here, end);
    assert!(!driver.picture().contains("behind"));
}

#[test]
fn steps_at_the_head_of_a_paused_loop_run_it() {
    let (mut driver, _) = live_run();
    let control = |commands: Vec<Command>| {
        commands.into_iter().find_map(|command| match command {
            Command::Control { control, .. } => Some(control),
            _ => None,
        })
    };
    assert_eq!(control(driver.press(" ")), Some(Control::Pause));
    driver.tell(Message::Data {
        pane: 0,
        bytes: Vec::new(),
        status: live(true),
    });
    assert!(driver.picture().contains("PAUSED"));
    assert_eq!(control(driver.press("t")), Some(Control::Tick));
    assert_eq!(control(driver.press("s")), Some(Control::Poll));
    driver.press("N");
    assert_eq!(control(driver.press("n")), None);
    assert_eq!(control(driver.press(" ")), Some(Control::Run));
}

#[test]
fn a_breakpoint_pauses_a_loop_that_is_followed() {
    let (mut driver, rest) = live_run();
    // A breakpoint on the selected task, #0.
    driver.press("3b");
    assert!(driver.picture().contains("the loop pauses there"));
    let arrives = |status| Message::Data {
        pane: 0,
        bytes: rest.clone(),
        status,
    };
    let commands = driver.tell(arrives(live(false)));
    let paused = commands.iter().any(|command| {
        matches!(
            command,
            Command::Control {
                pane: 0,
                control: Control::Pause
            }
        )
    });
    assert!(paused, "{commands:?}");
    let (here, end) = driver.model.position().unwrap();
    assert!(here < end);
    assert!(driver.picture().contains("the loop is paused"));
    // A loop that was stepped is paused already.
    let (mut driver, _) = live_run();
    driver.press("3b");
    assert!(
        driver
            .tell(arrives(live(true)))
            .iter()
            .all(|command| !matches!(command, Command::Control { .. }))
    );
}

#[test]
fn a_poll_that_does_not_return_is_shown() {
    let (mut driver, _) = live_run();
    let status = SourceStatus {
        polling: Some((TaskId(1), Duration::from_millis(2350))),
        ..live(false)
    };
    let commands = driver.tell(Message::Data {
        pane: 0,
        bytes: Vec::new(),
        status,
    });
    assert_eq!(commands, [Command::Draw]);
    assert!(
        driver.picture().contains("has blocked the loop for 2.4s")
            || driver.picture().contains("for 2.3s")
    );
}

/// Once, `v` compared two runs before the second one had sent anything, and the table showed no
/// time and no task.
#[test]
fn a_comparison_is_updated_when_a_run_ends() {
    let log = sequential().log().clone();
    let empty = Replay::new(Log {
        bytes: Vec::new(),
        meta: log.meta,
    });
    let mut driver = Driver::coloured((120, 40)).open(concurrent());
    let status = SourceStatus {
        live: false,
        ..live(false)
    };
    driver.tell(Message::Launched {
        slot: PaneSlot::Second,
        result: Ok(Box::new(empty)),
        status: Some(status),
    });
    driver.tell(Message::Data {
        pane: 1,
        bytes: log.bytes,
        status: SourceStatus {
            ended: true,
            ..status
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
fn the_clock_of_a_waiting_loop_advances() {
    let (mut driver, _) = live_run();
    let fed = |driver: &mut Driver, now: u64| {
        driver.tell(Message::Data {
            pane: 0,
            bytes: Vec::new(),
            status: SourceStatus {
                now: Some(Moment(now)),
                ..live(false)
            },
        })
    };
    assert_eq!(fed(&mut driver, 7_250_000_000), [Command::Draw]);
    assert!(driver.picture().contains("t=7.250s"));
    assert_eq!(fed(&mut driver, 7_260_000_000), [], "too little to be seen");
    // Fewer than five frames a second.
    let drawn: usize = (0..100)
        .map(|step| fed(&mut driver, 8_000_000_000 + step * 33_000_000).len())
        .sum();
    assert!((12..=15).contains(&drawn), "{drawn} in 3.3 s");
    driver.press("N");
    assert_eq!(
        fed(&mut driver, 20_000_000_000),
        [],
        "who looks back sees no clock"
    );
}

/// The cells of a lane up to the current position, from the picture.
fn lane(picture: &str, task: &str) -> String {
    let here = picture.lines().find(|line| line.contains('▲')).unwrap();
    let here = here.chars().position(|c| c == '▲').unwrap();
    let lanes = picture
        .lines()
        .skip_while(|line| !line.contains("Timeline"));
    let lane = lanes.into_iter().find(|line| line.contains(task)).unwrap();
    lane.chars().take(here + 1).collect()
}

fn is_poll_of_hello(event: &Event) -> bool {
    matches!(event, Event::Task(TaskEvent::PollStart { task: TaskId(1) }))
}

/// A live run up to an event: `wanted` receives the number of polls of hello before it.
fn live_until(wanted: impl Fn(&Event, usize) -> bool) -> Driver {
    let log = concurrent().log().clone();
    let whole = Replay::new(log.clone());
    let mut polls = 0;
    let found = whole.events_from(Position(0)).find(|(_, event, _)| {
        let found = wanted(event, polls);
        polls += usize::from(is_poll_of_hello(event));
        found
    });
    let cut = whole.cursor_at(found.unwrap().0).offset();
    let replay = Replay::new(Log {
        bytes: log.bytes[..cut].to_vec(),
        meta: Meta {
            clock: ClockKind::Real,
            ..log.meta
        },
    });
    let mut driver = Driver::coloured((120, 40));
    driver.tell(Message::Launched {
        slot: PaneSlot::Only,
        result: Ok(Box::new(replay)),
        status: Some(live(false)),
    });
    driver
}

#[test]
fn a_waiting_loop_keeps_the_story_of_its_last_tick() {
    let mut driver = live_until(|event, _| matches!(event, Event::Loop(LoopEvent::Park { .. })));
    let panel = driver.panel("5 W");
    assert!(panel.contains("What happened in tick 2"), "{panel}");
    assert!(panel.contains("▸ #2 world suspends"), "{panel}");
    assert!(!panel.contains("parks"), "{panel}");
}

#[test]
fn the_lanes_of_a_waiting_loop_grow() {
    let mut driver = live_until(|event, _| matches!(event, Event::Loop(LoopEvent::Park { .. })));
    let here = driver.at();
    for seconds in [7_000_000_000, 70_000_000_000] {
        driver.tell(Message::Data {
            pane: 0,
            bytes: Vec::new(),
            status: SourceStatus {
                now: Some(Moment(seconds)),
                ..live(false)
            },
        });
        let picture = driver.picture();
        let main = lane(&picture, "#0 main");
        // The last status extends to the current time, close to the right border.
        assert!(main.chars().count() > 100, "{picture}");
        assert!(
            main.ends_with("┄┄┄┄┄┄┄┄") || main.ends_with("────────"),
            "{main}\n{picture}"
        );
    }
    assert_eq!(driver.at(), here, "and nothing has happened");
}

#[test]
fn a_long_poll_grows_in_its_lane() {
    let second = |event: &Event, seen| seen == 1 && is_poll_of_hello(event);
    let mut driver = live_until(second);
    driver.tell(Message::Data {
        pane: 0,
        bytes: Vec::new(),
        status: SourceStatus {
            polling: Some((TaskId(1), Duration::from_millis(2350))),
            ..live(false)
        },
    });
    let picture = driver.picture();
    assert!(
        picture.contains("#1 hello has blocked the loop for 2."),
        "{picture}"
    );
    assert!(picture.contains("#1 hello for 2.35s"), "{picture}");
    assert!(picture.contains("t=3.350s"));
    assert!(
        lane(&picture, "#1 hello").ends_with("████████"),
        "{picture}"
    );
}

/// A live loop that waits to be started, of a scenario.
fn unstarted(mut driver: Driver, scenario: &str) -> Driver {
    let meta = Meta {
        clock: ClockKind::Real,
        scenario: scenario.into(),
        ..Meta::default()
    };
    driver.tell(Message::Launched {
        slot: PaneSlot::Only,
        result: Ok(Box::new(Replay::new(Log {
            bytes: Vec::new(),
            meta,
        }))),
        status: Some(live(true)),
    });
    driver
}

#[test]
fn a_live_program_that_waits_to_be_started_says_how() {
    let mut driver = with_catalogue((120, 40));
    driver.model.configure(&Options {
        listen: Some("127.0.0.1:8899".into()),
        ..Options::default()
    });
    let mut driver = unstarted(driver, "echo_server");
    let picture = driver.picture();
    assert!(picture.contains("NOT STARTED"), "{picture}");
    let words = "Not started. Press space, then in another terminal: nc 127.0.0.1 8899";
    assert!(picture.contains(words), "{picture}");
    assert!(picture.contains("space start"), "{picture}");
    // Without an address, the clients are those of the scenario.
    let mut driver = unstarted(with_catalogue((120, 40)), "echo_server");
    assert!(
        driver
            .picture()
            .contains("Press space: its clients connect")
    );
    // A program without sockets has none that could wait.
    let mut driver = unstarted(with_catalogue((120, 40)), "blocking_call");
    let picture = driver.picture();
    assert!(picture.contains("Press space to run it"), "{picture}");
    assert!(!picture.contains("socket"), "{picture}");
}

/// Once, such a comparison was called FINISHED, and the other run was said to take longer.
#[test]
fn a_run_that_has_not_run_is_not_compared() {
    let driver = Driver::coloured((200, 60));
    let mut driver = unstarted(driver, "say_after");
    driver.tell(Message::Launched {
        slot: PaneSlot::Second,
        result: Ok(Box::new(sequential())),
        status: None,
    });
    for keys in ["", "\t", "G"] {
        driver.press(keys);
        let picture = driver.picture();
        let header = picture.lines().next().unwrap();
        assert!(header.contains("A ▮▮ NOT STARTED, B "), "{picture}");
        assert!(
            picture.contains("A has not run, B completes at 3.000: two runs are compared when"),
            "{picture}"
        );
        for conclusion in ["s more than", "is faster", "Δ here", "-100 %", " new"] {
            assert!(!picture.contains(conclusion), "{conclusion}\n{picture}");
        }
    }
}

#[test]
fn a_notice_is_shown_after_a_deadlock() {
    for size in [(120, 40), (80, 24), (45, 10)] {
        let mut driver =
            Driver::coloured(size).open(crate::support::run_named("lesson_18_lock_twice", "wrong"));
        driver.press("G");
        assert!(driver.header_and_status().contains("DEADLOCK"));
        driver.press("ma");
        let status = driver.header_and_status();
        assert!(status.contains("mark \"a\" set"), "{status}");
        driver.press("y");
        let status = driver.header_and_status();
        assert!(status.contains("terminal's clipboard"), "{status}");
    }
}
