//! The narration and the causes of events, on traces made by hand.

use super::programs::{CONCURRENT, SEQUENTIAL, concurrent, replay};
use crate::scripted::{Do, Model, S};
use loopscope::insight;
use loopscope::replay::{EventStep, Replay};
use loopscope::scene::plain;
use loopscope::trace::{Event, Position, TaskEvent, TaskId};
use unicode_width::UnicodeWidthStr as _;

/// The first position after a matching event.
fn position(replay: &Replay, found: impl Fn(&Event) -> bool) -> Option<Position> {
    replay
        .events_from(Position(0))
        .find(|(_, event, _)| found(event))
        .map(|(position, _, _)| position)
}

fn wakes(task: u32) -> impl Fn(&Event) -> bool {
    move |event| matches!(event, Event::Task(TaskEvent::Wake { task: woken, .. }) if woken.0 == task)
}

#[test]
fn a_wake_is_explained_by_its_tasks_line() {
    let mut replay = concurrent();
    replay.seek(position(&replay, wakes(0)).unwrap());
    let told = insight::narrate(&replay, insight::Language::Rust);
    assert_eq!(
        told.what,
        "#1 hello finished, so #0 main moves from PENDING to READY."
    );
    assert_eq!(
        told.why.unwrap(),
        "#0 main was waiting at `hello.await` (line 4)"
    );
    let note = told.note.unwrap();
    assert_eq!(note.rule.rust, "a tick runs a snapshot");
    assert!(note.text.starts_with("#0 main does NOT run now."));
    assert!(note.text.ends_with("runs in tick 4."));
}

/// A script, and the rule that its narration must mention.
type Case = (Vec<Do>, &'static str);

fn asleep() -> Vec<Do> {
    vec![Do::Sleep(S, 8)]
}

fn beliefs_about_spawning_and_waking() -> Vec<Case> {
    vec![
        (
            vec![Do::Sleep(S, 2), Do::Sleep(2 * S, 4)],
            "await waits; spawn runs in the background",
        ),
        (
            vec![Do::Spawn("a", vec![], 2)],
            "spawn queues a task; it does not start it",
        ),
        (
            vec![Do::Spawn("a", asleep(), 2)],
            "when main ends, all tasks end",
        ),
        (
            vec![Do::Spawn("a", asleep(), 2), Do::Join(1, 2)],
            "spawn first, await later",
        ),
        (
            vec![Do::Spawn("a", asleep(), 2), Do::Wake(1), Do::Join(1, 3)],
            "two wakes, one poll",
        ),
        (
            vec![Do::Spawn("a", vec![], 2), Do::Join(1, 3), Do::Wake(1)],
            "an ended task cannot be woken",
        ),
        (
            vec![
                Do::Spawn("a", asleep(), 2),
                Do::Yield,
                Do::Work(2 * S),
                Do::Yield,
            ],
            "only an await yields",
        ),
        (
            vec![
                Do::Spawn("a", asleep(), 2),
                Do::Yield,
                Do::Work(2 * S),
                Do::Join(1, 3),
            ],
            "a sleep is a minimum, not a maximum",
        ),
    ]
}

fn beliefs_about_ends_and_time() -> Vec<Case> {
    vec![
        (
            vec![Do::Spawn("a", vec![], 2), Do::Work(S), Do::Join(1, 3)],
            "async does not run work in parallel",
        ),
        (
            vec![Do::Spawn("a", vec![], 2), Do::Work(S), Do::Join(1, 3)],
            "ready is not running",
        ),
        (
            vec![
                Do::Spawn("a", asleep(), 2),
                Do::Yield,
                Do::Cancel(1),
                Do::Join(1, 3),
            ],
            "requesting cancellation is not being cancelled",
        ),
        (
            vec![Do::Spawn("a", vec![], 2), Do::Cancel(1), Do::Join(1, 3)],
            "what is never polled never runs",
        ),
        (
            vec![
                Do::Spawn("a", asleep(), 2),
                Do::Sleep(S, 3),
                Do::Yield,
                Do::Join(1, 4),
            ],
            "equal deadlines: first set, first fired",
        ),
        (
            vec![Do::Spawn("a", vec![Do::Panic], 2), Do::Yield, Do::Yield],
            "an error is seen where it is awaited",
        ),
        (
            vec![Do::Spawn("a", vec![Do::Panic], 2), Do::Join(1, 3)],
            "one failure stops no other task",
        ),
        (vec![Do::Yield; 12], "wait for a wake, do not poll"),
    ]
}

#[test]
fn each_misconception_has_its_rule() {
    let mut cases = beliefs_about_spawning_and_waking();
    cases.extend(beliefs_about_ends_and_time());
    for (script, rule) in cases {
        let mut replay = replay("", script.clone(), CONCURRENT);
        let mut rules = Vec::new();
        for position in 0..=replay.end().0 {
            replay.seek(Position(position));
            rules.extend(
                insight::narrate(&replay, insight::Language::Rust)
                    .note
                    .map(|note| note.rule.rust),
            );
        }
        assert!(rules.contains(&rule), "{rule:?} in {rules:?} of {script:?}");
    }
}

#[test]
fn a_run_without_surprises_has_no_notes() {
    let quiet = vec![Do::Print("a"), Do::Print("b")];
    let mut replay = replay("", quiet, SEQUENTIAL);
    for position in 0..=replay.end().0 {
        replay.seek(Position(position));
        assert_eq!(
            insight::narrate(&replay, insight::Language::Rust).note,
            None
        );
    }
}

#[test]
fn every_event_is_explained_in_few_words() {
    let long = "a name that is longer than any name has a right to be";
    let wide = "名前がとても長いタスクの名前がとても長いタスク";
    for name in [long, wide] {
        let script = vec![
            Do::Spawn(name, vec![Do::Sleep(S, 1), Do::Print(name), Do::Panic], 1),
            Do::Spawn(name, vec![Do::Work(2 * S), Do::Forever], 1),
            Do::Join(1, 1),
            Do::Cancel(2),
            Do::Join(2, 1),
        ];
        let source =
            "    let x = call(\"名前がとても長い\", with, many, arguments, and_more).await;";
        let mut replay = replay("", script, source);
        for position in 0..=replay.end().0 {
            replay.seek(Position(position));
            let told = insight::narrate(&replay, insight::Language::Rust);
            assert!(!told.what.is_empty());
            assert!(told.what.width() <= 150, "{}", told.what);
            let why = told.why.unwrap_or_default();
            assert!(why.width() <= 144, "{why}");
            if let Some(note) = told.note {
                assert!(note.text.width() <= 144);
            }
        }
    }
}

#[test]
fn causes_lead_back_to_the_timer() {
    let mut replay = concurrent();
    let printed = position(&replay, |event| matches!(event, Event::Output { .. }));
    replay.seek(printed.unwrap());
    let chain = insight::why(&replay, TaskId(1), insight::Language::Rust);
    let words: Vec<_> = chain.iter().map(|link| link.words.as_str()).collect();
    assert_eq!(
        words,
        [
            "its timer wakes #1 hello",
            "the timer of #1 hello fires",
            "#1 hello sets a timer due 1.000",
            "#0 main spawns #1 hello",
            "#0 main is spawned",
        ]
    );
    // From the output to its poll, to the wake, to the timer, to the event that set it.
    let mut at = replay.position();
    let mut back = Vec::new();
    while let Some(cause) = insight::cause(&replay, at) {
        assert!(cause < at);
        at = cause;
        let before = replay.state_at(Position(at.0 - 1));
        let step = EventStep::after(&replay, &before).unwrap();
        back.push(insight::event_words(&step, insight::Language::Rust));
    }
    assert_eq!(
        back,
        [
            "poll #1 hello",
            "its timer wakes #1 hello",
            "the timer of #1 hello fires",
            "#1 hello sets a timer due 1.000",
            "poll #1 hello",
            "#0 main spawns #1 hello",
            "poll #0 main",
            "#0 main is spawned",
        ]
    );
}

#[test]
fn tasks_are_shown_on_their_lines() {
    let mut replay = concurrent();
    replay.seek(position(&replay, wakes(0)).unwrap());
    replay.seek(replay.next_poll());
    let found = insight::tasks_at_lines(&replay, "scenarios/program.rs");
    let found: Vec<_> = found
        .iter()
        .map(|standing| (standing.line, standing.task.0, standing.presence))
        .collect();
    let [here, last] = [insight::Presence::Here, insight::Presence::LastSeen];
    // The source is not in the trace, so the end of #1 is not known.
    assert_eq!(found, [(4, 0, here), (8, 2, here), (8, 1, last)]);
    assert_eq!(insight::tasks_at_lines(&replay, "another.rs"), []);
}

#[test]
fn the_log_tells_the_run() {
    let mut log = Vec::new();
    plain::write_log(&concurrent(), insight::Language::Rust, &mut log).unwrap();
    let log = String::from_utf8(log).unwrap();
    let part = "
tick 3  t=1.000  event 33
  #1 hello moves from READY to RUNNING: poll 2.
    why: its timer fired (event 28)
  prints: hello
  #1 hello finished, so #0 main moves from PENDING to READY.
    why: #0 main was waiting at `hello.await` (line 4)
    note: #0 main does NOT run now. Tick 3 took its list before this wake; it runs in tick 4.
    rule: a tick runs a snapshot, lesson 20
  #1 hello moves from RUNNING to DONE.
    why: it returned, after 2 polls
  ready: #0 main
  pending: none
  done: #1 hello
";
    assert!(log.contains(part), "{log}");
    let rule = "rule: a tick runs a snapshot";
    assert_eq!(log.matches(rule).count(), 1, "a rule appears once");
    let totals = "total 2.000 s, 6 ticks, 7 polls, 3 tasks; the longest wait: #2 world, 2.000 s";
    assert!(
        log.trim_end().lines().last().unwrap().starts_with(totals),
        "{log}"
    );
}

#[test]
fn a_log_with_a_limit_says_where_it_ends() {
    let replay = concurrent();
    let mut part = Vec::new();
    plain::write_log_of(&replay, insight::Language::Rust, 30, &mut part).unwrap();
    let part = String::from_utf8(part).unwrap();
    let end = replay.end().0;
    let last = part.lines().last().unwrap();
    assert!(
        last.starts_with(&format!(
            "The log ends here: 30 of {end} events are described"
        )),
        "{last}"
    );
    assert!(
        last.contains("--load 30..") && last.contains("--load all"),
        "{last}"
    );
    let mut whole = Vec::new();
    plain::write_log(&replay, insight::Language::Rust, &mut whole).unwrap();
    let whole = String::from_utf8(whole).unwrap();
    let mut limited = Vec::new();
    plain::write_log_of(&replay, insight::Language::Rust, end, &mut limited).unwrap();
    assert_eq!(String::from_utf8(limited).unwrap(), whole);
    let first = part.lines().nth(3).unwrap();
    assert!(whole.contains(first), "{first}");
}

#[test]
fn no_line_holds_a_control_character() {
    let nasty = "tab\there, bell\u{7}, escape\u{1b}[2J";
    let main = vec![
        Do::Spawn(nasty, vec![Do::Print(nasty), Do::Panic], 1),
        Do::Join(1, 1),
    ];
    let mut log = Model::new(main).run(10).log(nasty, "\tlet a\t= b\u{1b};");
    log.meta.title = "two\nlines".into();
    let replay = Replay::new(log);
    let mut text = Vec::new();
    plain::write_log(&replay, insight::Language::Rust, &mut text).unwrap();
    plain::write_state(&replay, insight::Language::Rust, &mut text).unwrap();
    let comparison = insight::compare(&replay, &replay, insight::Language::Rust);
    plain::write_comparison(
        &replay,
        &replay,
        &comparison,
        insight::Language::Rust,
        &mut text,
    )
    .unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.lines().all(|line| !line.chars().any(char::is_control)));
    assert!(!text.contains("two\nlines"));
}
