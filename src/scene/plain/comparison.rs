//! Two runs as lines: the table of both, where they part, and why they take what they take.

use std::io::{self, Write};

use crate::insight::{Comparison, Summary, seconds};
use crate::replay::Replay;
use crate::scene::numbers::is_known;
use crate::trace::Outcome;

use super::{line, title};

/// Writes two runs side by side.
pub fn write_comparison(
    a: &Replay,
    b: &Replay,
    comparison: &Comparison,
    to: &mut impl Write,
) -> io::Result<()> {
    line(to, 0, &format!("A  {}", title(&a.log().meta)))?;
    line(to, 0, &format!("B  {}", title(&b.log().meta)))?;
    line(to, 0, "")?;
    let row = |name: &str, a: &str, b: &str, delta: &str| {
        let text = format!("{name:<18}{a:>12}{b:>12}{delta:>12}");
        text.trim_end().to_owned()
    };
    line(to, 0, &row("whole run", "A", "B", "difference"))?;
    let metas = [&a.log().meta, &b.log().meta];
    for [name, a, b, delta] in table(&comparison.a, &comparison.b) {
        if !is_known(&name, metas) {
            continue;
        }
        line(to, 0, &row(name.as_str(), &a, &b, &delta))?;
    }
    line(to, 0, "")?;
    match &comparison.first {
        None => line(
            to,
            0,
            "No difference: the two runs do the same at every moment.",
        )?,
        Some(first) => {
            let at = a.state_at(first.a).now().max(b.state_at(first.b).now());
            let place = format!("A event {}, B event {}", first.a.0, first.b.0);
            line(to, 0, &format!("First difference, t={at} ({place}):"))?;
            line(to, 1, &first.words)?;
        }
    }
    for text in &comparison.lines {
        line(to, 0, text)?;
    }
    if let Some(lesson) = &comparison.lesson {
        line(to, 0, "")?;
        line(to, 0, &format!("Lesson {:02}", lesson.number))?;
        for (name, text) in lesson.lines() {
            line(to, 1, &format!("{name:<14}{text}"))?;
        }
        line(to, 0, "")?;
    }
    if !is_known("best possible", metas) {
        return Ok(());
    }
    let total = comparison.a.total.max(comparison.b.total);
    let text = format!(
        "Amdahl: {} s of work cannot overlap; the best total that leaves is {} s of {total} s.",
        seconds(comparison.serial),
        seconds(comparison.bound)
    );
    line(to, 0, &text)
}

/// The table of both runs: name, A, B, difference.
fn table(a: &Summary, b: &Summary) -> Vec<[String; 4]> {
    let time = |name: &str, a: u64, b: u64| {
        let delta = match seconds(a.abs_diff(b)) {
            // No sign before a difference that is none, as shown.
            zero if zero == "0.000" => format!("{zero} s"),
            more if b > a => format!("+{more} s"),
            less => format!("-{less} s"),
        };
        let [a, b] = [a, b].map(|value| format!("{} s", seconds(value)));
        [name.to_owned(), a, b, delta]
    };
    let number = |name: &str, a: u32, b: u32| {
        let delta = i64::from(b) - i64::from(a);
        let delta = if delta == 0 {
            "0".to_owned()
        } else {
            format!("{delta:+}")
        };
        [name.to_owned(), a.to_string(), b.to_string(), delta]
    };
    let word = |summary: &Summary| summary.outcome.map_or("-", Outcome::word).into();
    vec![
        ["outcome".to_owned(), word(a), word(b), String::new()],
        time("total", a.total.0, b.total.0),
        number("tasks", a.tasks, b.tasks),
        number("polls", a.polls, b.polls),
        number("ticks", a.ticks, b.ticks),
        number("events", a.events, b.events),
        time("running", a.running, b.running),
        time("ready", a.ready, b.ready),
        time("waiting", a.waiting, b.waiting),
        time("longest poll", a.longest_poll, b.longest_poll),
        number("timers at once", a.timers_at_once, b.timers_at_once),
        number("sleeping at once", a.sleeping_at_once, b.sleeping_at_once),
        number("waiting outside", a.outside_at_once, b.outside_at_once),
        [
            "overlap".to_owned(),
            format!("{:.2}", a.overlap),
            format!("{:.2}", b.overlap),
            format!("{:+.2}", b.overlap - a.overlap),
        ],
        time("best possible", a.bound, b.bound),
    ]
}
