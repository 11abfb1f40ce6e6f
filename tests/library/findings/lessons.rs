//! The lessons: each wrong variant has its finding, or is in a table that says why it has none. A
//! right variant raises nothing.

use std::collections::BTreeSet;

use loopscope::insight::{FindingsReport, Severity};
use loopscope_program::scenarios;

use crate::support::{run_named, run_of};

use super::{is_found, report_of};

/// The lessons whose wrong variant is wrong by itself, with the rule and the line in its source.
const LESSONS: [(&str, &str, u32); 12] = [
    ("lesson_03_call_is_not_run", "unawaited", 19),
    ("lesson_06_block", "blocking", 21),
    ("lesson_07_cpu_work", "blocking", 26),
    ("lesson_08_late_sleep", "blocking", 29),
    ("lesson_11_silent_failure", "unretrieved", 16),
    ("lesson_12_outlives_main", "shutdown", 16),
    ("lesson_13_dropped_handle", "orphan", 19),
    ("lesson_15_late_timeout", "deadtimeout", 25),
    ("lesson_16_lost_update", "race", 12),
    ("lesson_18_lock_twice", "selfdeadlock", 10),
    ("lesson_21_select_drops", "cancelunsafe", 17),
    ("lesson_22_polling", "wakestorm", 21),
];

/// The lessons whose wrong variant is a program that only does something else than its author thinks, or
/// is too small for a proof, and why no rule may name it.
const WITHOUT: [(&str, &str); 10] = [
    (
        "lesson_01_await_is_not_concurrent",
        "`sequential` begins with three waits in a row; here are two, and the second may need the first",
    ),
    (
        "lesson_02_spawn_and_await",
        "`inversion` needs three short items behind long ones; here are two, and one sender sends all",
    ),
    (
        "lesson_04_spawn_starts_nothing",
        "the job begins after a line that main prints: no task is late, and nothing is lost",
    ),
    (
        "lesson_05_ready_await",
        "both tasks finish in one short poll each: `blocking` needs a poll that delays another task",
    ),
    (
        "lesson_09_gather_order",
        "`gather` by position is right; to want each result as it comes is not in a trace",
    ),
    (
        "lesson_10_siblings_run_on",
        "the failure is looked at, and the other task is kept: that it should stop is not in a trace",
    ),
    (
        "lesson_14_cancel_is_asked",
        "the task ends with the request; that main should have waited first is not in a trace",
    ),
    (
        "lesson_17_own_semaphore",
        "a semaphore of one task is no mistake by itself, and all six downloads end",
    ),
    (
        "lesson_19_queue_depth",
        "`unbounded` begins with sixteen items; here are at most six, and all are taken",
    ),
    (
        "lesson_20_snapshot",
        "the order of two lines in one tick: no task is late, and nothing is lost",
    ),
];

fn variant(name: &str, variant: &str) -> FindingsReport {
    let scenario = scenarios::ALL.iter().find(|known| known.name == name);
    let scenario = scenario.unwrap();
    report_of(&run_of(scenario, scenario.variant(variant).unwrap()))
}

fn alarms(report: &FindingsReport) -> Vec<&'static str> {
    let alarms = report
        .all()
        .filter(|finding| finding.severity > Severity::Info);
    alarms.map(|finding| finding.rule.id()).collect()
}

#[test]
fn each_lesson_is_in_one_of_the_two_tables() {
    let all = scenarios::ALL.iter().map(|scenario| scenario.name);
    let all: Vec<&str> = all.filter(|name| name.starts_with("lesson_")).collect();
    let found = LESSONS.iter().map(|(name, ..)| *name);
    let listed: Vec<&str> = found.chain(WITHOUT.iter().map(|(name, _)| *name)).collect();
    assert_eq!(listed.len(), all.len());
    assert_eq!(
        listed.into_iter().collect::<BTreeSet<_>>(),
        all.into_iter().collect::<BTreeSet<_>>()
    );
}

#[test]
fn a_wrong_lesson_has_its_finding() {
    for (name, id, line) in LESSONS {
        is_found(name, &run_named(name, "wrong"), id, line);
    }
}

#[test]
fn a_wrong_lesson_without_a_rule_raises_nothing() {
    for (name, why) in WITHOUT {
        assert_eq!(alarms(&variant(name, "wrong")), [""; 0], "{name}: {why}");
    }
}

#[test]
fn a_right_lesson_raises_nothing() {
    for (name, id, _) in LESSONS {
        let report = variant(name, "right");
        assert!(
            report.all().all(|finding| finding.rule.id() != id),
            "{name}"
        );
    }
    let names = LESSONS.iter().map(|(name, ..)| *name);
    for name in names.chain(WITHOUT.iter().map(|(name, _)| *name)) {
        assert_eq!(alarms(&variant(name, "right")), [""; 0], "{name}");
    }
}
