//! The description of the run, the same in all versions.

use super::number::{Bytes, put_length, put_text};
use crate::trace::{ClockKind, Meta, Schedule, TickPolicy};

pub(super) fn encode(meta: &Meta) -> Vec<u8> {
    let mut to = Vec::new();
    for text in [&meta.scenario, &meta.variant, &meta.title] {
        put_text(&mut to, text);
    }
    put_text(&mut to, meta.clock.as_str());
    to.extend(meta.seed.to_le_bytes());
    for pairs in [&meta.params, &meta.sources] {
        put_length(&mut to, pairs.len());
        for (key, value) in pairs {
            put_text(&mut to, key);
            put_text(&mut to, value);
        }
    }
    put_text(&mut to, meta.tick_policy.as_str());
    to
}

pub(super) fn decode(payload: &[u8]) -> Option<Meta> {
    let mut rest = Bytes(payload);
    Some(Meta {
        scenario: rest.text()?,
        variant: rest.text()?,
        title: rest.text()?,
        clock: match rest.text()?.as_str() {
            "virtual" => ClockKind::Virtual,
            _ => ClockKind::Real,
        },
        seed: rest.u64()?,
        params: rest.pairs()?,
        sources: rest.pairs()?,
        schedule: Schedule::default(),
        unknown: Vec::new(),
        tick_policy: match rest.text().as_deref() {
            Some("drain") => TickPolicy::Drain,
            _ => TickPolicy::Snapshot,
        },
    })
}

/// The run can be seen without it: it only says why the order is what it is.
pub(super) fn schedule(payload: &[u8]) -> Schedule {
    let text = String::from_utf8_lossy(payload);
    text.parse().unwrap_or_default()
}
