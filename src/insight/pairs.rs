//! The file of pairs in a trace: what the twin of a scenario does otherwise, and its titles in the
//! words of Python. `Twin` describes the lines of the file.

use crate::trace::Meta;

/// The content of the file; empty if the trace has none.
pub(super) fn pairs_of(meta: &Meta) -> &str {
    let mut sources = meta.sources.iter();
    let found = sources.find(|(name, _)| name.strip_suffix(".pairs").is_some());
    found.map_or("", |(_, text)| text)
}

/// Whether the variant does in Rust what Python cannot do, or does otherwise. Then a description in
/// Python's words would be false.
pub(super) fn is_rust_only(meta: &Meta) -> bool {
    let mut lines = pairs_of(meta).lines();
    lines.any(|line| {
        let variant = line.strip_prefix("variant ");
        variant.and_then(|rest| rest.strip_suffix(" => -")) == Some(&meta.variant)
    })
}
