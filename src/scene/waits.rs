//! How the sleeps of a run lie to each other, in a sentence: why it took as long as it did.

use crate::insight::{Language, WaitSpan, most_at_once, task_label, wait_spans};
use crate::replay::Replay;
use crate::trace::{Span, Wait};

/// The most waits that are looked at.
const MOST: usize = 256;

/// The most sleeps that the sentence names.
const NAMED: usize = 3;

/// Why a run with several sleeps took as long as it did: they came one after the other, or they
/// overlapped. `None` if the run has fewer than two sleeps, or more than a sentence can name.
pub fn waits_sentence(replay: &Replay, language: Language) -> Option<String> {
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
        .map(|span| {
            let task = task_label(replay.tables(), span.task);
            format!("{task} from {} to {}", span.from, span.to)
        })
        .collect();
    let when = when.join(", ");
    let most = most_at_once(&spans);
    let each = language.choose("future", "coroutine");
    Some(if most <= 1 {
        format!(
            "It took {total} s = {sum}. The sleeps came one after the other ({when}): the second \
             {each} did not start before the first had returned. The waits add up."
        )
    } else {
        format!(
            "It took {total} s, not {sum}: the sleeps overlapped ({when}). {most} timers were set \
             at once, so the run took as long as the longest sleep."
        )
    })
}
