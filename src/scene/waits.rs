//! How the sleeps of a run lie to each other, in a sentence: why it took as long as it did.

use crate::insight::{WaitSpan, most_at_once, wait_spans};
use crate::replay::Replay;
use crate::trace::{Span, Wait};

/// The most waits that are looked at.
const MOST: usize = 256;

/// The most sleeps that the sentence names.
const NAMED: usize = 3;

/// Why a run with several sleeps took as long as it did: they came one after the other, or they
/// overlapped. `None` if the run has fewer than two sleeps, or more than a sentence can name.
pub fn waits_sentence(replay: &Replay) -> Option<String> {
    let spans: Vec<WaitSpan> = wait_spans(replay, replay.end(), MOST)
        .into_iter()
        .filter(|span| matches!(span.on, Wait::Timer(_)) && span.length() > Span::ZERO)
        .collect();
    if !(2..=NAMED).contains(&spans.len()) {
        return None;
    }
    let total = replay.index().head().now();
    let sum: Vec<String> = spans.iter().map(|span| span.length().to_string()).collect();
    let sum = sum.join(" + ");
    let when: Vec<String> = spans
        .iter()
        .map(|span| format!("{} to {}", span.from, span.to))
        .collect();
    let when = when.join(", ");
    Some(if most_at_once(&spans) <= 1 {
        format!(
            "It took {total} s = {sum}: the sleeps came one after the other ({when}). The waits add up."
        )
    } else {
        format!(
            "It took {total} s, not {sum}: the sleeps overlapped ({when}). The longest decides."
        )
    })
}
