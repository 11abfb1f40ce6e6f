//! The first line: what run it is of.

use crate::trace::{Aspect, ClockKind, Meta, Schedule};

use super::fields::Fields;

/// The version of the form that this program reads and writes.
const VERSION: u64 = 1;

pub(super) fn read(line: &Fields<'_>) -> Result<Meta, String> {
    match line.optional_number("loopscope")? {
        Some(VERSION) => {}
        Some(other) => {
            return Err(format!(
                "the form has version {other}, this program reads version {VERSION}"
            ));
        }
        None => return Err("the first line is {\"loopscope\":1, …}".into()),
    }
    let clock = match line.optional_text("clock")? {
        "virtual" => ClockKind::Virtual,
        "" | "real" => ClockKind::Real,
        other => {
            return Err(format!("\"clock\" is {other:?}; it may be real or virtual"));
        }
    };
    let part = |word: &str| {
        let known = Aspect::NAMES.join(", ");
        word.parse()
            .map_err(|_| format!("\"unknown\" has {word:?}; there may be {known} in it"))
    };
    let unknown: Result<Vec<Aspect>, String> =
        line.list("unknown")?.into_iter().map(part).collect();
    let schedule: Schedule = line.optional_text("schedule")?.parse()?;
    Ok(Meta {
        scenario: clean(line.optional_text("scenario")?),
        variant: clean(line.optional_text("variant")?),
        title: clean(line.optional_text("title")?),
        params: cleaned(line.pairs("params")?),
        clock,
        seed: line.optional_number("seed")?.unwrap_or(0),
        sources: cleaned(line.pairs("sources")?),
        schedule,
        tick_policy: line.word_or("turns")?.unwrap_or_default(),
        unknown: unknown?,
    })
}

/// What it says goes to a terminal, too.
fn clean(text: &str) -> String {
    text.chars()
        .map(|c| crate::trace::sanitize(c, "\n\t"))
        .collect()
}

fn cleaned(pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    let clean = |(key, value): (String, String)| (clean(&key), clean(&value));
    pairs.into_iter().map(clean).collect()
}
