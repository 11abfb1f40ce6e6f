//! Two runs in the plain output: the conclusion, the table of both runs, the first
//! difference, and the critical paths.

use std::io::{self, Write};

use crate::insight::{ComparedFindings, Comparison, Language};
use crate::replay::Replay;
use crate::trace::Aspect;

use super::{
    super::comparison_table::{ComparisonRow, comparison_rows},
    title, write_line,
};

/// Writes the comparison of two runs.
pub fn write_comparison(
    a: &Replay,
    b: &Replay,
    comparison: &Comparison,
    language: Language,
    to: &mut impl Write,
) -> io::Result<()> {
    write_line(to, 0, &format!("A  {}", title(&a.log().meta, language)))?;
    write_line(to, 0, &format!("B  {}", title(&b.log().meta, language)))?;
    write_line(to, 0, "")?;
    for text in &comparison.lines {
        write_line(to, 0, text)?;
    }
    let is_complete = comparison.is_complete();
    let findings = is_complete.then(|| ComparedFindings::of(a, b));
    if let Some(text) = findings.and_then(|findings| findings.sentence()) {
        write_line(to, 0, &text)?;
    }
    write_line(to, 0, "")?;
    let row = |name: &str, a: &str, b: &str, change: &str| {
        let text = format!("{name:<20}{a:>12}{b:>12}{change:>12}");
        text.trim_end().to_owned()
    };
    write_line(to, 0, &row("whole run", "A", "B", "change"))?;
    let runs = [&a.log().meta, &b.log().meta];
    for ComparisonRow { name, a, b, change } in comparison_rows(&comparison.a, &comparison.b, runs)
    {
        write_line(to, 0, &row(name, &a, &b, &change))?;
    }
    write_line(to, 0, "")?;
    match &comparison.first {
        None => write_line(
            to,
            0,
            "No difference was found between the events of the two runs.",
        )?,
        Some(first) => {
            let at = a.state_at(first.a).now().max(b.state_at(first.b).now());
            let place = format!("A event {}, B event {}", first.a.0, first.b.0);
            write_line(to, 0, &format!("First difference, t={at} ({place}):"))?;
            write_line(to, 1, &first.words)?;
        }
    }
    if let Some(lesson) = &comparison.lesson {
        write_line(to, 0, "")?;
        write_line(to, 0, &format!("Lesson {:02}", lesson.number))?;
        for (name, text) in lesson.lines() {
            write_line(to, 1, &format!("{name:<14}{text}"))?;
        }
        write_line(to, 0, "")?;
    }
    if runs.iter().all(|run| run.has(Aspect::Waits)) {
        for text in &comparison.paths {
            write_line(to, 0, text)?;
        }
    }
    Ok(())
}
