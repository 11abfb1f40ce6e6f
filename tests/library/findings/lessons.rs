//! The lessons: the wrong variant has its finding, the right one lacks it.

use loopscope_program::scenarios;

use crate::support::{run_named, run_of};

use super::{is_found, report_of};

/// The lessons whose wrong variant is wrong by itself, with the rule and the line in its source. The
/// other lessons are about what a program could do better.
const LESSONS: [(&str, &str, u32); 10] = [
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
];

#[test]
fn a_wrong_lesson_has_its_finding() {
    for (name, id, line) in LESSONS {
        is_found(name, &run_named(name, "wrong"), id, line);
    }
}

#[test]
fn a_right_lesson_lacks_the_finding_of_the_wrong_one() {
    for (name, id, _) in LESSONS {
        let scenario = scenarios::ALL.iter().find(|known| known.name == name);
        let scenario = scenario.unwrap();
        let replay = run_of(scenario, scenario.variant("right").unwrap());
        let report = report_of(&replay);
        assert!(
            report.all().all(|finding| finding.rule.id() != id),
            "{name}"
        );
    }
}
