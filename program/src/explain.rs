//! `loopscope explain`: what a rule means, at length.

use std::io::{self, Write};

use loopscope::insight::{LESSONS, RULES, Rule, explanation};

use super::output::{CliError, CliResult, print_with};

/// The columns of a paragraph.
const COLUMNS: usize = 88;

/// Explains a rule, or lists all of them.
pub(crate) fn explain(id: Option<&str>) -> CliResult {
    let Some(id) = id else {
        return Ok(print_with(list));
    };
    let rule = Rule::from_id(id).ok_or_else(|| {
        CliError::new(format!(
            "no rule is called {id}; `loopscope explain` lists them"
        ))
    })?;
    Ok(print_with(|out| write(rule, out)))
}

fn list(out: &mut impl Write) -> io::Result<()> {
    for entry in RULES {
        writeln!(out, "{:<16} {}", entry.id, entry.claim)?;
    }
    Ok(())
}

fn write(rule: Rule, out: &mut impl Write) -> io::Result<()> {
    let (entry, told) = (rule.entry(), explanation(rule));
    writeln!(
        out,
        "{} ({}): {}",
        entry.id,
        entry.severity.as_str(),
        entry.claim
    )?;
    if let Some(why) = entry.undetected {
        writeln!(out, "No run is checked for it: {why}.")?;
    }
    writeln!(out)?;
    for lane in told.picture.lines() {
        writeln!(out, "    {lane}")?;
    }
    for (head, text) in [
        ("Proof", told.proof),
        ("Harm", told.harm),
        ("Mend it in Rust", told.rust),
        ("Mend it in Python", told.python),
    ] {
        writeln!(out, "\n{head}")?;
        for line in paragraph(text) {
            writeln!(out, "    {line}")?;
        }
    }
    if !entry.limits.is_empty() {
        writeln!(out, "\nLimits")?;
    }
    for limit in entry.limits {
        let key = format!("--limit {}.{}={}", entry.id, limit.name, limit.default);
        writeln!(out, "    {key:<34} {}", limit.what)?;
    }
    if let Some(lesson) = LESSONS
        .iter()
        .find(|known| Some(known.number) == told.lesson)
    {
        let number = lesson.number;
        writeln!(out, "\nLesson {number} shows it: loopscope lesson {number}")?;
    }
    Ok(())
}

/// A text in lines of at most [`COLUMNS`] characters.
fn paragraph(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < COLUMNS => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
