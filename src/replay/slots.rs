//! Tables whose rows come and go, and are known by their number.

/// The most slots that a table may have: a broken trace must not ask for memory out of proportion.
const MOST_SLOTS: usize = 1 << 24;

/// Sets a row; a number that is out of all proportion is left out.
pub(super) fn put<T: Clone>(slots: &mut Vec<Option<T>>, index: usize, value: T) {
    if index >= slots.len() {
        if index > slots.len().saturating_mul(2).saturating_add(1024) || index >= MOST_SLOTS {
            return;
        }
        slots.resize(index + 1, None);
    }
    slots[index] = Some(value);
}

/// Empties a row.
pub(super) fn clear<T>(slots: &mut [Option<T>], index: usize) {
    if let Some(slot) = slots.get_mut(index) {
        *slot = None;
    }
}
