//! Two runs, locked by time, tick, event or output, and their differences.

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use loopscope::{
    export,
    import::{self, ImportFormat},
    insight::SyncBy,
    replay::Replay,
    trace::{Aspect, Moment, Position, file},
    tui::Message,
};

use super::driver::Driver;
use crate::support::run_named;

/// A run, written to a file and read back.
fn recorded(scenario: &str, variant: &str) -> Replay {
    let mut bytes = Vec::new();
    file::write(run_named(scenario, variant).log(), &mut bytes).unwrap();
    let (log, damage) = file::read(bytes.as_slice()).unwrap();
    assert!(damage.is_none());
    Replay::new(log)
}

/// Two recorded files of different scenarios.
fn two() -> [Replay; 2] {
    [
        recorded("say_after", "sequential"),
        recorded("factorial", "concurrent"),
    ]
}

fn screen() -> Driver {
    let [a, b] = two();
    Driver::coloured((160, 60)).open(a).beside(b)
}

/// The events of both runs: `event 8/13`, in the titles above the sources.
fn events(driver: &mut Driver) -> [Position; 2] {
    let picture = driver.picture();
    let titles = picture
        .lines()
        .find(|line| line.matches(" event ").count() == 2);
    let titles = titles.unwrap_or_else(|| panic!("no titles in\n{picture}"));
    let mut numbers = titles.split(" event ").skip(1).map(|rest| {
        let digits = rest.split('/').next().unwrap();
        Position(digits.parse().unwrap())
    });
    [numbers.next().unwrap(), numbers.next().unwrap()]
}

/// Once, `:t 1` went to the last event before that moment, in both runs.
#[test]
fn locked_by_time_both_runs_show_the_same_moment() {
    let [a, b] = two();
    let mut driver = screen();
    for swap in ["", "\t"] {
        driver.press(swap);
        for seconds in ["0.25", "1", "1.5", "2.75"] {
            driver.press(&format!(":t {seconds}\n"));
            let picture = driver.picture();
            let moment: f64 = seconds.parse().unwrap();
            for side in ["A", "B"] {
                let words = format!("{side} at t={moment:.3}s");
                assert!(picture.contains(&words), "{words}\n{picture}");
            }
            let moment = Moment::from_seconds(moment);
            assert_eq!(
                events(&mut driver),
                [a.at_moment(moment), b.at_moment(moment)]
            );
        }
    }
    // Backspace returns to the moment, too.
    driver.press(":t 2.75\n:5\n\u{8}");
    let picture = driver.picture();
    assert!(picture.contains("due 3.000s in 0.250s"), "{picture}");
    // The lanes extend to that moment, and no further.
    let here = picture.lines().find(|line| line.contains('▲')).unwrap();
    let here = here.chars().position(|c| c == '▲').unwrap();
    let main = picture.lines().find(|line| line.contains("A #0 main"));
    let lane: Vec<char> = main.unwrap().chars().collect();
    assert_eq!((lane[here], lane[here + 1]), ('─', '·'), "{picture}");
    // A run that has ended stays at its end.
    driver.press("G\t");
    assert!(driver.picture().contains("A at t=3.000s"));
}

#[test]
fn playing_from_a_quiet_moment_moves_forward() {
    let mut driver = screen();
    driver.press(":t 1.5\n ");
    for frame in 0..30 {
        driver.frame(frame * 33);
        let picture = driver.picture();
        let (_, rest) = picture.split_once(" t=").unwrap();
        let now: f64 = rest.split('s').next().unwrap().parse().unwrap();
        assert!(now >= 1.5, "{now}");
    }
}

#[test]
fn each_lock_keeps_two_files_of_different_scenarios_together() {
    let [a, b] = two();
    for (at, lock) in SyncBy::ALL.into_iter().enumerate() {
        let mut driver = screen();
        driver.press(&"K".repeat(at));
        assert!(
            driver
                .picture()
                .contains(&format!("sync: {}", lock.as_str()))
        );
        // The run with the focus leads.
        for (leader, tab) in [(0, "g"), (1, "\tg")] {
            driver.press(tab);
            let runs = [&a, &b];
            let (ahead, behind) = (runs[leader], runs[1 - leader]);
            loop {
                let stands = events(&mut driver);
                let (led, follower) = (stands[leader], stands[1 - leader]);
                let (state, other) = (ahead.state_at(led), behind.state_at(follower));
                let end = behind.index().head();
                let together = match lock {
                    _ if led <= Position(1) => follower == led,
                    // No earlier moment of either run is left out.
                    SyncBy::Time => {
                        let now = state.now().max(other.now());
                        let earlier = Moment(now.0.saturating_sub(1));
                        let polls = |run: &Replay| run.cursor_at(run.at_moment(earlier)).polls();
                        now == Moment::START
                            || state.cursor.polls() >= polls(ahead)
                                && other.cursor.polls() >= polls(behind)
                    }
                    SyncBy::Poll => {
                        other.cursor.polls().abs_diff(state.cursor.polls()) <= 1
                            || other.cursor.polls() == end.cursor.polls()
                    }
                    SyncBy::Tick => other.tick() == state.tick().min(end.tick()),
                    SyncBy::Event => follower == led.min(behind.end()),
                    SyncBy::Output => other.outputs == state.outputs.min(end.outputs),
                };
                assert!(together, "{lock:?}: {led:?} and {follower:?}");
                if led == ahead.end() {
                    break;
                }
                driver.press("n");
            }
        }
    }
}

#[test]
fn every_difference_is_reached_in_both_directions() {
    let mut all = 0;
    for (at, lock) in SyncBy::ALL.into_iter().enumerate() {
        let mut driver = screen();
        driver.press(&"K".repeat(at));
        driver.press("g");
        let mut walk = |key: &str, end: &str| {
            let mut stands = Vec::new();
            loop {
                driver.press(key);
                if driver.picture().contains(end) {
                    return stands;
                }
                stands.push(events(&mut driver));
                assert!(stands.len() < 500, "{lock:?}");
            }
        };
        let mut forward = walk("d", "there is no further difference");
        let mut back = walk("D", "there is no earlier difference");
        all += forward.len();
        assert!(forward.pop().is_some(), "{lock:?}");
        back.reverse();
        assert_eq!(forward, back, "{lock:?}");
    }
    assert!(all > 20, "{all}");
}

#[test]
fn the_scrubber_of_two_runs_shows_shared_time() {
    let mut driver = screen();
    driver.press(":t 1.5\n");
    let picture = driver.picture();
    let lines = picture.lines().enumerate();
    let (row, line) = lines
        .clone()
        .find(|(_, line)| line.contains("|< "))
        .unwrap();
    assert!(line.contains(">|  1.500/3.000"), "{line}");
    let column = |glyph| line.chars().position(|c| c == glyph).unwrap();
    // The picture has a quotation mark before each line.
    let (left, here, right) = (column('├') - 1, column('●') - 1, column('┤') - 1);
    assert!((left + right).abs_diff(2 * here) <= 2, "{line}");
    let click = |column: usize| {
        Message::Mouse(MouseEvent {
            kind: MouseEventKind::Down(MouseButton::Left),
            column: column.try_into().unwrap(),
            row: row.try_into().unwrap(),
            modifiers: KeyModifiers::NONE,
        })
    };
    driver.tell(click(right));
    assert!(driver.picture().contains("A at t=3.000s"));
    driver.tell(click(left));
    let picture = driver.picture();
    assert!(picture.contains("A at t=0.000s") && picture.contains("B at t=0.000s"));
    driver.tell(click(here));
    let moments = ["A at t=1.5", "B at t=1.5"];
    let picture = driver.picture();
    assert!(
        moments.iter().all(|words| picture.contains(words)),
        "{picture}"
    );
    // By events, the scrubber counts the events of the run with the focus.
    driver.press("KKK");
    let picture = driver.picture();
    assert!(picture.contains("sync: event"), "{picture}");
    let (position, end) = driver.model.position().unwrap();
    let words = format!(">|  {}/{}", position.0, end.0);
    assert!(driver.picture().contains(&words), "{words}");
}

/// The times that both sides show, one for each press of the key.
fn times(driver: &mut Driver, key: &str, presses: usize) -> Vec<String> {
    let presses = (0..presses).map(|_| {
        driver.press(key);
        let picture = driver.picture();
        let (_, rest) = picture.split_once("A at t=").unwrap();
        rest.split('s').next().unwrap().to_owned()
    });
    presses.collect()
}

/// Once, `t` followed the ticks of one run, and the other run's moments were passed over.
#[test]
fn a_step_by_tick_passes_over_no_moment_of_either_run() {
    let runs = || {
        Driver::coloured((120, 40))
            .open(run_named("say_after", "in_order"))
            .beside(run_named("say_after", "concurrent"))
    };
    for focus in ["", "\t"] {
        let mut driver = runs();
        driver.press(focus);
        let mut seen = times(&mut driver, "t", 8);
        seen.dedup();
        assert_eq!(seen, ["0.000", "1.000", "2.000", "3.000"], "{focus:?}");
    }
    let mut driver = runs();
    driver.press("ttt");
    let picture = driver.picture();
    assert!(
        picture.contains("DONE     #1 hello"),
        "B's line at 1.000 is seen\n{picture}"
    );
}

#[test]
fn steps_forward_and_back_show_the_same_screens() {
    let mut driver = screen();
    let mut pictures = vec![driver.picture()];
    loop {
        driver.press("t");
        let picture = driver.picture();
        if picture.contains("Both runs have ended.") {
            break;
        }
        pictures.push(picture);
    }
    assert!(pictures.len() > 6, "{}", pictures.len());
    driver.press("t");
    for picture in pictures.iter().rev().skip(1) {
        driver.press("T");
        assert_eq!(&driver.picture(), picture);
    }
}

/// Once, the other run went to its last event at the same time, so a run differed from itself.
#[test]
fn identical_runs_look_identical_at_each_step() {
    for key in ["t", "s", "n"] {
        let mut driver = Driver::coloured((160, 60))
            .open(run_named("factorial", "concurrent"))
            .beside(run_named("factorial", "concurrent"));
        for _ in 0..40 {
            driver.press(key);
            let [a, b] = events(&mut driver);
            assert_eq!(a, b, "{key}");
            assert!(driver.picture().contains("Δ here: none"));
        }
    }
}

#[test]
fn each_side_has_a_sentence_at_each_step() {
    let mut driver = Driver::coloured((120, 40))
        .open(run_named("say_after", "in_order"))
        .beside(run_named("say_after", "concurrent"));
    driver.press("ttttt");
    let picture = driver.picture();
    for words in [
        "A takes 1.000 s more than B",
        "A: nothing happens; the timer of #0 main is due at 3.000.",
        "B: #2 world",
        "Δ here: A has 1 task",
    ] {
        assert!(picture.contains(words), "{words}\n{picture}");
    }
    let conclusion = picture.find("A takes 1.000 s more").unwrap();
    assert!(conclusion < picture.find("Δ here").unwrap());
}

#[test]
fn a_lesson_conceals_its_answer_until_the_runs_end() {
    let lesson = |variant| run_named("lesson_06_block", variant);
    let compared = || {
        Driver::coloured((120, 40))
            .open(lesson("wrong"))
            .beside(lesson("right"))
    };
    let answers = [
        "A takes 1.000 s more",
        "longest hold",
        "rule: ",
        "B is faster",
    ];
    let mut driver = compared();
    let start = driver.picture();
    assert!(start.contains("belief: sleeping the thread"), "{start}");
    assert!(
        start.contains("is shown when both runs have ended"),
        "{start}"
    );
    for answer in answers {
        assert!(!start.contains(answer), "{answer} in\n{start}");
    }
    driver.press("G");
    let end = driver.picture();
    for answer in ["A takes 1.000 s more", "longest hold", "B is faster"] {
        assert!(end.contains(answer), "{answer} in\n{end}");
    }
    // The key for the future reveals the answer at once.
    let mut driver = compared();
    driver.press("u");
    assert!(driver.picture().contains("A takes 1.000 s more"));
    // Two runs that are no lesson are compared from the start.
    let said = |variant| run_named("say_after", variant);
    let mut driver = Driver::coloured((120, 40))
        .open(said("in_order"))
        .beside(said("concurrent"));
    assert!(driver.picture().contains("A takes 1.000 s more"));
}

#[test]
fn a_comparison_marks_the_entries_that_moved() {
    let said = |variant| run_named("say_after", variant);
    let mut driver = Driver::coloured((160, 50))
        .open(said("in_order"))
        .beside(said("concurrent"));
    driver.press("tt");
    // Only B moves at 1.0 when A is stepped to its next tick; both queues are marked then.
    let queues = driver.picture();
    assert!(queues.contains("<- "), "{queues}");
}

/// The recording of another program, which has no ticks.
fn without_ticks(variant: &str) -> Replay {
    let mut json = Vec::new();
    export::chrome(&run_named("say_after", variant), &mut json).unwrap();
    let imported = import::read(ImportFormat::Chrome, json.as_slice()).unwrap();
    Replay::new(imported.log)
}

/// Once, a step by tick went to the end of both.
#[test]
fn recordings_without_ticks_are_stepped_by_poll() {
    let [a, b] = ["in_order", "concurrent"].map(without_ticks);
    assert!(
        !a.log().meta.has(Aspect::Queues),
        "the recording has no ticks"
    );
    let mut driver = Driver::coloured((160, 50)).open(a).beside(b);
    driver.press("gt");
    let picture = driver.picture();
    assert!(
        picture.contains("no ticks: t and T step by poll"),
        "{picture}"
    );
    let [first, end] = [driver.at(), driver.model.position().unwrap().1.0];
    assert!(first < end, "{first} of {end}");
    driver.press("tT");
    assert_eq!(driver.at(), first);
}

#[test]
fn the_header_says_which_of_two_runs_has_ended() {
    let mut driver = screen();
    driver.press(":t 2\n");
    let header = |driver: &mut Driver| driver.picture().lines().next().unwrap().to_owned();
    let [a, b] = two();
    assert!(a.at_moment(Moment::from_seconds(3.0)) == a.end());
    driver.press(":t 3\n");
    let ended = header(&mut driver);
    assert!(ended.contains("A FINISHED, B ▮▮ PAUSED"), "{ended}");
    let status = driver.header_and_status();
    assert!(!status.contains("has finished"), "{status}");
    driver.press("\tG");
    assert!(b.end() > Position(0));
    let ended = header(&mut driver);
    assert!(
        ended.contains("FINISHED") && !ended.contains("PAUSED"),
        "{ended}"
    );
    let status = driver.header_and_status();
    assert!(status.contains("A and B: The run has finished"), "{status}");
}

/// Once, the sign for a move took the place of the wait and was cut: `<- R…`.
#[test]
fn a_move_does_not_hide_what_a_task_waits_for() {
    let mut rows = 0;
    for scenario in super::catalogue::ALL {
        let virtual_clock = |variant: &&loopscope::scenario::Variant| {
            variant.clock == loopscope::trace::ClockKind::Virtual
        };
        let variants: Vec<_> = scenario.variants.iter().filter(virtual_clock).collect();
        let [a, .., b] = variants.as_slice() else {
            continue;
        };
        let run = |variant| crate::support::run_of(scenario, variant);
        let mut driver = Driver::coloured((80, 24)).open(run(*a)).beside(run(*b));
        for _ in 0..12 {
            driver.press("t");
            let picture = driver.picture();
            for line in picture.lines().filter(|line| line.contains("PENDING")) {
                for half in line.split("PENDING").skip(1) {
                    let half = half.split('┃').next().unwrap().split('│').next().unwrap();
                    let moved = half.split_once("<-").filter(|_| !half.contains(':'));
                    let Some((_, after)) = moved else { continue };
                    rows += 1;
                    let origin = after.split_whitespace().next().unwrap_or_default();
                    let queues = ["READY", "RUNNING", "TIMERS", "new"];
                    let is_origin = queues.contains(&origin);
                    let words = after.trim().strip_prefix(origin).filter(|_| is_origin);
                    let words = words.unwrap_or(after).trim();
                    assert!(!origin.ends_with('…'), "{}\n{picture}", scenario.name);
                    assert!(words.len() > 3, "{}\n{picture}", scenario.name);
                }
            }
        }
    }
    assert!(rows > 20, "{rows}");
}
