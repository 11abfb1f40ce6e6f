//! `loopscope latency`: ready-to-run and run times, in lines and as JSON.

use super::process::{ask, damaged, recorded};

/// The lines of a text, each with its runs of blanks as one blank.
fn lines(text: &str) -> Vec<String> {
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    text.lines().map(words).collect()
}

#[test]
fn the_poll_that_holds_the_loop_and_what_it_delays_are_printed() {
    let found = ask(&["latency", "lesson_06_block:wrong"]);
    assert_eq!(found.code(), 0, "{found:?}");
    let told = lines(&found.out);
    assert_eq!(told[0], "lesson_06_block:wrong (finished)");
    assert!(told[1].contains("The clock is virtual"), "{}", found.out);
    for part in ["by task", "by spawn place", "by await place"] {
        assert!(told.iter().any(|line| line == part), "{}", found.out);
    }
    let at = told.iter().position(|line| line.ends_with("longest polls"));
    let longest = &told[at.unwrap() + 1];
    assert!(longest.contains("event ") && longest.contains("tick "));
}

#[test]
fn an_option_chooses_what_times_are_grouped_by() {
    for (by, head) in [
        ("task", "by task"),
        ("spawn", "by spawn place"),
        ("await", "by await place"),
    ] {
        let found = ask(&["latency", "say_after:concurrent", "--by", by]);
        let told = lines(&found.out);
        let heads = told.iter().filter(|line| line.starts_with("by "));
        assert_eq!(heads.collect::<Vec<_>>(), [head], "{}", found.out);
    }
    let refused = ask(&["latency", "say_after", "--by", "colour"]);
    assert_eq!(refused.code(), 2, "{refused:?}");
}

#[test]
fn times_as_json_have_quantiles_places_and_events() {
    let found = ask(&["latency", "--json", "lesson_06_block:wrong"]).json();
    let run = &found["runs"][0];
    assert_eq!(run["what"], "lesson_06_block:wrong");
    let polls = &run["polls"];
    assert!(polls["max_s"].as_f64() >= polls["p50_s"].as_f64());
    assert_eq!(run["worst_polls"][0]["time_s"], polls["max_s"]);
    assert_eq!(run["worst_polls"][0]["event"], polls["worst_event"]);
    assert_eq!(run["not_counted"]["missing_events"], 0);
    let histogram = run["histograms"]["polls"].as_array().unwrap();
    let counted: u64 = histogram.iter().map(|b| b[1].as_u64().unwrap()).sum();
    assert_eq!(Some(counted), polls["count"].as_u64());
    for by in ["by_task", "by_spawn", "by_await"] {
        assert!(!run[by]["groups"].as_array().unwrap().is_empty(), "{by}");
    }
    let only = ask(&["latency", "--json", "--by", "spawn", "say_after"]).json();
    assert!(only["runs"][0]["by_task"].is_null());
}

#[test]
fn the_json_of_a_run_has_its_times() {
    let run = ask(&["run", "--json", "lesson_06_block:wrong"]).json();
    let times = ask(&["latency", "--json", "lesson_06_block:wrong"]).json();
    for member in ["ready", "polls", "worst_ready", "worst_polls"] {
        assert_eq!(run["latency"][member], times["runs"][0][member], "{member}");
    }
}

#[test]
fn a_recording_has_times_and_a_damaged_one_tells_what_is_missing() {
    let (file, _) = recorded("latency");
    let found = ask(&["latency", &file]);
    assert_eq!(found.code(), 0, "{found:?}");
    assert!(!found.out.contains("Not counted"), "{}", found.out);
    let (file, _) = damaged("latency_damaged");
    let found = ask(&["latency", &file]);
    assert_eq!(found.code(), 0, "{found:?}");
    assert!(found.out.contains("missing in 1 gap"), "{}", found.out);
}

#[test]
fn times_need_a_run() {
    let found = ask(&["latency"]);
    assert_eq!(found.code(), 2, "{found:?}");
    assert!(found.err.contains("no run is named"), "{found:?}");
}
