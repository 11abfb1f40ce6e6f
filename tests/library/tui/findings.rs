//! What is wrong with a run, on the screen: the count in the header, the list, and the way through the
//! evidence.

use std::time::Duration;

use loopscope::{
    Builder, block_for, channel,
    insight::{
        ComparedFindings, Findings, FindingsReport, Language, LimitSetting, Limits, Rule, Severity,
    },
    replay::Replay,
    runtime::OnIdle,
    scene::findings::{Allowed, CheckSettings},
    sleep, spawn,
    trace::{ClockKind, Log, Meta, Moment, Position},
    tui::{Message, Options, PaneSlot, SourceStatus},
};

use crate::{
    scripted::{Do, Model, S},
    support::run_named,
};

use super::{
    driver::{Driver, concurrent, long},
    pictures::snapshot_of,
};

fn report_of(replay: &Replay) -> FindingsReport {
    Findings::of(replay, &Limits::default())
}

fn shown(name: &str, variant: &str, size: (u16, u16)) -> Driver {
    Driver::coloured(size).open(run_named(name, variant))
}

fn header(driver: &mut Driver) -> String {
    let both = driver.header_and_status();
    both.lines().next().unwrap().to_owned()
}

fn status(driver: &mut Driver) -> String {
    let both = driver.header_and_status();
    both.lines().last().unwrap().to_owned()
}

fn live() -> SourceStatus {
    SourceStatus {
        live: true,
        ..SourceStatus::default()
    }
}

/// A live run of which nothing has arrived, and all its records.
fn live_run(of: &Replay) -> (Driver, Vec<u8>) {
    let log = of.log().clone();
    let meta = Meta {
        clock: ClockKind::Real,
        ..log.meta
    };
    let bytes = Vec::new();
    let mut driver = Driver::coloured((120, 40));
    driver.tell(Message::Launched {
        slot: PaneSlot::Only,
        result: Ok(Box::new(Replay::new(Log { bytes, meta }))),
        status: Some(live()),
    });
    (driver, log.bytes)
}

#[test]
fn the_header_counts_what_is_wrong() {
    for size in [(120, 40), (80, 24)] {
        let mut driver = shown("lesson_18_lock_twice", "wrong", size);
        let header = header(&mut driver);
        assert!(header.contains("! 1 error"), "{header}");
    }
}

#[test]
fn a_comment_in_the_source_leaves_a_finding_out() {
    let replay = run_named("lesson_18_lock_twice", "wrong");
    let mut log = replay.log().clone();
    let all = report_of(&replay);
    let at = all.findings[0].spot.at;
    let line = replay.tables().location(at).unwrap().line as usize;
    for (_, text) in &mut log.meta.sources {
        let lines = text.lines().zip(1..).map(|(text, number)| {
            if number == line {
                format!("{text} // loopscope: allow(selfdeadlock) it is the lesson\n")
            } else {
                format!("{text}\n")
            }
        });
        *text = lines.collect();
    }
    let mut driver = Driver::coloured((120, 40)).open(Replay::new(log));
    let header = header(&mut driver);
    assert!(!header.contains('!'), "{header}");
}

#[test]
fn the_header_of_a_healthy_run_counts_nothing() {
    let mut driver = Driver::of_two_sleepers();
    assert!(!header(&mut driver).contains('!'));
    driver.press("!");
    assert!(
        status(&mut driver).contains("no findings: "),
        "{}",
        status(&mut driver)
    );
    assert!(!driver.model.wants_frames());
}

#[test]
fn the_list_is_that_of_the_report() {
    for name in [
        "lesson_06_block",
        "lesson_11_silent_failure",
        "lesson_16_lost_update",
        "lesson_18_lock_twice",
    ] {
        let replay = run_named(name, "wrong");
        let report = report_of(&replay);
        let ids: Vec<&str> = report.all().map(|finding| finding.rule.id()).collect();
        let mut driver = Driver::coloured((120, 40)).open(replay);
        driver.press("!");
        let panel = driver.panel("What is wrong");
        let severities = Severity::ALL.map(Severity::as_str);
        let listed: Vec<&str> = panel
            .lines()
            .filter_map(|line| {
                let words = line
                    .split_whitespace()
                    .skip_while(|word| "┃▸└".contains(word));
                let mut words = words.skip_while(|word| word.is_empty());
                words.next().filter(|first| severities.contains(first))?;
                words.next()
            })
            .collect();
        assert!(!ids.is_empty(), "{name} has no finding");
        assert_eq!(listed, ids, "{name}\n{panel}");
    }
}

#[test]
fn the_list_fits_the_usual_sizes_in_both_languages() {
    let mut wide = shown("lesson_06_block", "wrong", (120, 40));
    wide.press("!");
    let mut narrow = shown("lesson_06_block", "wrong", (80, 24));
    narrow.model.configure(&Options {
        language: Language::Python,
        ..Options::default()
    });
    narrow.press("!");
    let panels = [wide, narrow].map(|mut driver| driver.panel("What is wrong"));
    assert!(panels[0].contains("unblock") && panels[0].contains(".rs:"));
    assert!(panels[1].contains("asyncio.to_thread") && panels[1].contains(".py:"));
    snapshot_of("screen_findings", &panels.concat());
}

#[test]
fn enter_goes_to_the_evidence_and_n_through_it() {
    let replay = run_named("lesson_06_block", "wrong");
    let report = report_of(&replay);
    let finding = &report.findings[0];
    let mut evidence: Vec<u64> = finding.evidence.iter().map(|at| at.0).collect();
    evidence.sort_unstable();
    evidence.dedup();
    let mut driver = Driver::coloured((120, 40)).open(replay);
    let before = driver.at();
    driver.press("!\n");
    assert!(driver.at() >= evidence[0], "{} {evidence:?}", driver.at());
    let all = evidence.len();
    for (number, event) in (1..).zip(&evidence) {
        let status = status(&mut driver);
        let place = format!(
            "{}: evidence {number} of {all}, event {event}",
            finding.rule.id()
        );
        assert!(status.contains(&place), "{status}");
        assert!(driver.at() >= *event);
        let panel = driver.panel("5 What");
        assert!(
            panel.contains(&format!("! {}: ", finding.rule.id())),
            "{panel}"
        );
        driver.press("n");
    }
    assert!(status(&mut driver).contains("the last piece of evidence"));
    let last = driver.at();
    driver.press("N");
    assert!(all == 1 || driver.at() < last);
    let task = finding.task.unwrap();
    assert!(driver.picture().contains(&format!("▸#{} ", task.0)));
    driver.press("\u{1b}");
    assert!(status(&mut driver).contains("the finding is closed"));
    let here = driver.at();
    driver.press("N");
    assert!(driver.at() < here, "N steps again");
    driver.press(&"\u{8}".repeat(all + 1));
    assert_eq!(driver.at(), before, "Backspace returns");
}

#[test]
fn the_evidence_is_marked_on_ruler_and_scrubber() {
    let mut driver = shown("lesson_06_block", "wrong", (120, 40));
    let bar = |driver: &mut Driver| {
        let picture = driver.picture();
        let bar = picture.lines().find(|line| line.contains("|<"));
        bar.unwrap().to_owned()
    };
    driver.press("u");
    assert!(!bar(&mut driver).contains('!'));
    assert!(!driver.panel("4 Timeline").contains('!'));
    driver.press("!\nn");
    let (bar_with, lanes) = (bar(&mut driver), driver.panel("4 Timeline"));
    assert!(bar_with.contains('!'), "{bar_with}");
    let ruler = lanes.lines().nth(2).unwrap();
    assert!(ruler.contains('!') && ruler.contains('━'), "{lanes}");
    driver.press("\u{1b}");
    assert!(!bar(&mut driver).contains('!'));
}

#[test]
fn a_long_run_is_checked_between_frames() {
    let mut driver = Driver::coloured((120, 40)).open(long(60_000));
    assert!(header(&mut driver).contains("!…"));
    assert!(driver.model.wants_frames());
    driver.press("!");
    assert!(status(&mut driver).contains("still looking"));
    driver.press("n");
    let mut frames = 0;
    while driver.model.wants_frames() {
        frames += 1;
        driver.frame(frames * 33);
        assert!(frames < 100, "the frames do not end");
    }
    assert!(frames > 1);
    assert!(!header(&mut driver).contains("!…"));
}

#[test]
fn a_live_run_is_checked_as_it_grows() {
    let whole = run_named("lesson_06_block", "wrong");
    let expected = report_of(&whole);
    let (mut driver, bytes) = live_run(&whole);
    assert!(!header(&mut driver).contains('!'));
    for (part, frame) in bytes.chunks(16).zip(1..) {
        driver.tell(Message::Data {
            pane: 0,
            bytes: part.to_vec(),
            status: live(),
        });
        driver.frame(frame * 100);
    }
    let found = format!("! {} warning", expected.findings.len());
    assert!(header(&mut driver).contains(&found), "before its end");
    driver.tell(Message::Data {
        pane: 0,
        bytes: Vec::new(),
        status: SourceStatus {
            ended: true,
            ..live()
        },
    });
    assert!(header(&mut driver).contains(&found));
    assert!(!driver.model.wants_frames());
}

#[test]
fn an_idle_live_loop_is_not_stuck_at_once() {
    let main = async {
        let (sender, receiver) = channel::unbounded::<u32>();
        let taken = spawn(async move { receiver.recv().await.is_ok() });
        taken.await;
        drop(sender);
    };
    let builder = Builder::new().clock(ClockKind::Virtual);
    let run = builder.on_idle(OnIdle::End).record(true).run(main);
    let whole = Replay::new(run.log);
    // Without its last record, the run has no outcome.
    let cut = whole.cursor_at(Position(whole.end().0 - 1));
    let (mut driver, bytes) = live_run(&whole);
    let waits = |milliseconds: u64| SourceStatus {
        now: Some(Moment(cut.now().0 + milliseconds * S / 1000)),
        ..live()
    };
    driver.tell(Message::Data {
        pane: 0,
        bytes: bytes[..cut.offset()].to_vec(),
        status: waits(0),
    });
    driver.frame(1000);
    assert!(
        !header(&mut driver).contains('!'),
        "{}",
        header(&mut driver)
    );
    driver.tell(Message::Data {
        pane: 0,
        bytes: Vec::new(),
        status: waits(1500),
    });
    driver.frame(2000);
    assert!(
        header(&mut driver).contains("! 1 error"),
        "{}",
        header(&mut driver)
    );
}

#[test]
fn a_comparison_counts_each_run() {
    let mut driver =
        shown("lesson_06_block", "wrong", (120, 40)).beside(run_named("lesson_06_block", "right"));
    assert!(
        !header(&mut driver).contains('!'),
        "a lesson's answer is concealed"
    );
    driver.press("G");
    let header = header(&mut driver);
    assert!(header.contains("A ! 1 warning"), "{header}");
    assert!(!header.contains("B !"), "{header}");
    let mut healthy = Driver::coloured((120, 40)).open(concurrent());
    assert!(!healthy.picture().contains("findings"));
}

#[test]
fn a_comparison_says_what_is_wrong_with_one_run_only() {
    let runs = ["wrong", "right"].map(|variant| run_named("lesson_06_block", variant));
    let compared = ComparedFindings::of(&runs[0], &runs[1]);
    assert!(compared.only_a.contains(&Rule::Blocking) && compared.only_b.is_empty());
    let sentence = compared.sentence().unwrap();
    assert!(
        sentence.starts_with("Wrong in A only: blocking"),
        "{sentence}"
    );
    assert_eq!(ComparedFindings::of(&runs[1], &runs[1]).sentence(), None);
    let [wrong, right] = runs;
    let mut driver = Driver::coloured((120, 40)).open(wrong).beside(right);
    driver.press("u");
    assert!(driver.picture().contains(&sentence), "{}", driver.picture());
    driver.tell(Message::Resize(80, 24));
    let first = "Wrong in A only: blocking";
    assert!(driver.picture().contains(first), "{}", driver.picture());
}

#[test]
fn the_screen_checks_with_the_limits_of_the_command() {
    let limit: LimitSetting = "blocking=10s".parse().unwrap();
    let allowed = |text: &str| -> Allowed { text.parse().unwrap() };
    for (checks, is_counted) in [
        (CheckSettings::default(), true),
        (CheckSettings::new(&[limit], &[allowed("latetimer")]), false),
        (CheckSettings::new(&[], &[allowed("blocking")]), false),
        (
            CheckSettings::new(&[], &[allowed("blocking@lesson_06_block.rs:1")]),
            true,
        ),
    ] {
        let mut driver = Driver::coloured((120, 40));
        driver.model.configure(&Options {
            checks: checks.clone(),
            ..Options::default()
        });
        let mut driver = driver.open(run_named("lesson_06_block", "wrong"));
        let header = header(&mut driver);
        assert_eq!(
            header.contains("! 1 warning"),
            is_counted,
            "{checks:?} {header}"
        );
    }
}

#[test]
fn the_finding_of_an_event_is_not_drawn_over_its_note() {
    let run = Builder::new()
        .clock(ClockKind::Virtual)
        .on_idle(OnIdle::End)
        .record(true)
        .run(async {
            spawn(async {
                loop {
                    sleep(Duration::from_millis(100)).await;
                }
            })
            .named("heartbeat")
            .detach();
            sleep(Duration::from_millis(210)).await;
            block_for(Duration::from_millis(300));
        });
    let mut driver = Driver::coloured((80, 24)).open(Replay::new(run.log));
    let mut named = 0;
    loop {
        let picture = driver.picture();
        for row in picture.lines().filter(|row| row.contains("blocking: #0")) {
            assert!(row.contains("│! blocking: #0"), "{picture}");
            named += usize::from(picture.contains("Note  "));
        }
        let before = driver.at();
        driver.press("n");
        if driver.at() == before {
            break;
        }
    }
    assert!(named > 0);
}

#[test]
fn the_lanes_scroll_to_the_task_on_the_critical_path() {
    let names = [
        "main", "first", "second", "third", "fourth", "fifth", "sixth",
    ];
    for size in [(120, 40), (80, 24)] {
        let last = vec![Do::Sleep(S, 4)];
        let mut main: Vec<Do> = names[1..6]
            .iter()
            .map(|name| Do::Spawn(name, vec![Do::Sleep(S / 10, 3)], 2))
            .collect();
        main.push(Do::Spawn(names[6], last, 2));
        main.push(Do::Join(6, 5));
        let replay = Replay::new(Model::new(main).run(100).log("path", ""));
        let mut driver = Driver::coloured(size).open(replay);
        driver.press("uK");
        let panel = driver.panel("4 Timeline");
        let lane = panel.lines().find(|line| line.contains("#6"));
        assert!(lane.is_some_and(|lane| lane.contains('━')), "{panel}");
    }
}
