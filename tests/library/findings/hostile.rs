//! Traces in which one event concerns thousands of tasks, locks or values. The work for each event is
//! bounded: a detector that walked over all of them would not end.

use std::fmt::Write;

use loopscope::{
    import::{self, ImportFormat},
    insight::{Rule, Severity},
    replay::Replay,
};

use super::report_of;

/// A trace of JSON Lines.
fn trace(write: impl FnOnce(&mut String)) -> Replay {
    let mut text = String::from("{\"loopscope\":1}\n{\"e\":\"spawn\",\"task\":0}\n");
    write(&mut text);
    let read = import::read(ImportFormat::Jsonl, text.as_bytes()).unwrap();
    Replay::new(read.log)
}

fn line(to: &mut String, line: std::fmt::Arguments<'_>) {
    to.write_fmt(line).unwrap();
    to.push('\n');
}

macro_rules! event {
    ($to:ident, $($line:tt)*) => { line($to, format_args!($($line)*)) };
}

#[test]
fn a_task_that_holds_thousands_of_locks_is_looked_at() {
    let replay = trace(|to| {
        for lock in 0..4_000 {
            event!(to, r#"{{"e":"resource","resource":{lock},"kind":"lock"}}"#);
        }
        event!(to, r#"{{"e":"poll","task":0}}"#);
        for round in 0..60 {
            for lock in 0..4_000 {
                if round > 0 {
                    event!(
                        to,
                        r#"{{"e":"use","resource":{lock},"verb":"released","value":1}}"#
                    );
                }
                event!(
                    to,
                    r#"{{"e":"use","resource":{lock},"verb":"acquired","value":0}}"#
                );
            }
        }
        event!(to, r#"{{"e":"poll_end","task":0}}"#);
    });
    let held = replay
        .index()
        .head()
        .holdings
        .by(loopscope::trace::TaskId(0));
    assert_eq!(held.count(), 4_000);
    let report = report_of(&replay);
    assert!(report.all().all(|finding| finding.rule != Rule::LockOrder));
}

#[test]
fn a_lock_with_thousands_of_waiting_tasks_is_looked_at() {
    let replay = trace(|to| {
        event!(to, r#"{{"e":"resource","resource":0,"kind":"lock"}}"#);
        for task in 1..40_000 {
            event!(to, r#"{{"e":"spawn","task":{task},"parent":0}}"#);
            event!(to, r#"{{"e":"poll","task":{task}}}"#);
            event!(to, r#"{{"e":"wait","task":{task},"on":{{"acquire":0}}}}"#);
            event!(to, r#"{{"e":"poll_end","task":{task}}}"#);
        }
        for task in 1..40_000 {
            event!(to, r#"{{"e":"wake","task":{task}}}"#);
        }
    });
    assert!(replay.end().0 > 150_000);
    report_of(&replay);
}

#[test]
fn a_lost_write_is_found_among_thousands_of_values() {
    let replay = trace(|to| {
        for value in 0..3_000 {
            event!(
                to,
                r#"{{"e":"resource","resource":{value},"kind":"value","name":"v{value}"}}"#
            );
        }
        for task in 1..3_000 {
            event!(to, r#"{{"e":"spawn","task":{task},"parent":0}}"#);
        }
        // Each task reads values of its own, and two values that others write.
        for verb in ["loaded", "stored"] {
            for task in 1..3_000 {
                event!(to, r#"{{"e":"poll","task":{task}}}"#);
                for value in [task, 0, task / 2] {
                    event!(
                        to,
                        r#"{{"e":"use","resource":{value},"verb":"loaded","value":1}}"#
                    );
                }
                event!(
                    to,
                    r#"{{"e":"use","resource":{task},"verb":"{verb}","value":2}}"#
                );
                event!(to, r#"{{"e":"poll_end","task":{task}}}"#);
            }
        }
        for (task, verb) in [(7, "loaded"), (9, "loaded"), (7, "stored"), (9, "stored")] {
            event!(to, r#"{{"e":"poll","task":{task}}}"#);
            event!(
                to,
                r#"{{"e":"use","resource":2999,"verb":"{verb}","value":2}}"#
            );
            event!(to, r#"{{"e":"poll_end","task":{task}}}"#);
        }
    });
    let report = report_of(&replay);
    let races = report.all().filter(|finding| finding.rule == Rule::Race);
    assert_eq!(races.map(|finding| finding.count).sum::<u64>(), 1);
}

/// Once: a queue without a limit that grows, on a machine so busy that each pause of the consumer took
/// twice as long as the program had asked for.
#[test]
fn a_consumer_that_a_busy_machine_slows_down_is_no_proof_of_growth() {
    let grows = |late: u64| {
        trace(|to| {
            let kind = r#"{"e":"resource","resource":0,"kind":"channel"}"#;
            event!(to, "{kind}");
            let mut length = 0;
            let (period, mut now) = (3_000_000, 0);
            for round in 0..400 {
                event!(to, r#"{{"e":"park","until":{}}}"#, now + period);
                now += period + late;
                event!(to, r#"{{"e":"advance","why":"waited","t":{now}}}"#);
                event!(to, r#"{{"e":"poll","task":0}}"#);
                length += 1;
                event!(
                    to,
                    r#"{{"e":"use","resource":0,"verb":"sent","value":{length}}}"#
                );
                if round % 2 == 1 {
                    length -= 1;
                    event!(
                        to,
                        r#"{{"e":"use","resource":0,"verb":"received","value":{length}}}"#
                    );
                }
                event!(to, r#"{{"e":"poll_end","task":0}}"#);
            }
        })
    };
    let worst = |replay: &Replay| {
        let report = report_of(replay);
        let own = report
            .all()
            .filter(|finding| finding.rule == Rule::Unbounded);
        own.map(|finding| finding.severity).max()
    };
    assert_eq!(worst(&grows(0)), Some(Severity::Warning));
    assert_eq!(worst(&grows(3_000_000)), Some(Severity::Info));
}
