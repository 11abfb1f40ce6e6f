//! A table of things that have a slot number, such as timers and resources.
//!
//! A program uses the number of a slot again once the slot is free, so its numbers stay below the
//! most slots that were in use at once. A trace that says otherwise has lost events, comes from
//! another program, or is hostile. The table is made for the first and safe for the others:
//!
//! * A **list** holds the slots whose numbers are at most about twice the count of slots in use. It
//!   is as fast as a list can be, and never longer than [`FEW`] slots and twice the entries that
//!   were in the table at once.
//! * A **map** holds all other slots. It takes memory for each entry, whatever its number.
//!
//! When the list grows beyond the number of an entry of the map, the entry moves into the list. So
//! a slot that is below the list's length is never in the map.

use std::collections::BTreeMap;

/// The length that the list may have whatever the table contains.
const FEW: usize = 64;

/// Things by slot number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SlotTable<T> {
    list: Vec<Option<T>>,
    map: BTreeMap<usize, T>,
    /// How many slots are in use.
    used: usize,
}

impl<T> Default for SlotTable<T> {
    fn default() -> Self {
        SlotTable {
            list: Vec::new(),
            map: BTreeMap::new(),
            used: 0,
        }
    }
}

impl<T> SlotTable<T> {
    /// Fills a slot. Returns whether it was empty.
    ///
    /// What was in it is not returned: copying it out would wait for it to be written.
    #[inline]
    pub(crate) fn put(&mut self, slot: usize, value: T) -> bool {
        let was_empty = match self.list.get_mut(slot) {
            Some(place) => {
                let was_empty = place.is_none();
                *place = Some(value);
                was_empty
            }
            None => self.put_behind(slot, value),
        };
        self.used += usize::from(was_empty);
        was_empty
    }

    /// Fills a slot that the list does not have.
    #[cold]
    fn put_behind(&mut self, slot: usize, value: T) -> bool {
        if slot >= FEW + 2 * self.used {
            return self.map.insert(slot, value).is_none();
        }
        self.grow(slot);
        self.list[slot].replace(value).is_none()
    }

    /// Makes the list long enough for a slot, and moves the entries of the map that it now covers into it.
    fn grow(&mut self, slot: usize) {
        self.list.resize_with(slot + 1, || None);
        if !self.map.is_empty() {
            let beyond = self.map.split_off(&self.list.len());
            for (slot, value) in std::mem::replace(&mut self.map, beyond) {
                self.list[slot] = Some(value);
            }
        }
    }

    /// What is in a slot, to be changed. An empty slot is filled first.
    #[inline]
    pub(crate) fn get_or_fill(&mut self, slot: usize, new: impl FnOnce() -> T) -> &mut T {
        if slot >= self.list.len() {
            return self.get_or_fill_behind(slot, new);
        }
        let place = &mut self.list[slot];
        self.used += usize::from(place.is_none());
        place.get_or_insert_with(new)
    }

    /// The same for a slot that the list does not have.
    #[cold]
    fn get_or_fill_behind(&mut self, slot: usize, new: impl FnOnce() -> T) -> &mut T {
        if slot >= FEW + 2 * self.used {
            self.used += usize::from(!self.map.contains_key(&slot));
            return self.map.entry(slot).or_insert_with(new);
        }
        self.grow(slot);
        self.used += usize::from(self.list[slot].is_none());
        self.list[slot].get_or_insert_with(new)
    }

    /// Empties a slot, and returns what was in it.
    #[inline]
    pub(crate) fn take(&mut self, slot: usize) -> Option<T> {
        let taken = match self.list.get_mut(slot) {
            Some(place) => place.take(),
            None => self.map.remove(&slot),
        };
        self.used -= usize::from(taken.is_some());
        taken
    }

    /// Empties a slot. Returns whether something was in it.
    #[inline]
    pub(crate) fn remove(&mut self, slot: usize) -> bool {
        let was_full = match self.list.get_mut(slot) {
            Some(place) => {
                let was_full = place.is_some();
                *place = None;
                was_full
            }
            None => self.map.remove(&slot).is_some(),
        };
        self.used -= usize::from(was_full);
        was_full
    }

    /// What is in a slot.
    #[inline]
    pub(crate) fn get(&self, slot: usize) -> Option<&T> {
        match self.list.get(slot) {
            Some(place) => place.as_ref(),
            None => self.map.get(&slot),
        }
    }

    /// What is in a slot, to be changed.
    #[inline]
    pub(crate) fn get_mut(&mut self, slot: usize) -> Option<&mut T> {
        match self.list.get_mut(slot) {
            Some(place) => place.as_mut(),
            None => self.map.get_mut(&slot),
        }
    }

    /// The slots in use, by number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        let number = |slot: usize| u32::try_from(slot).unwrap_or(u32::MAX);
        let list = self.list.iter().enumerate();
        let list = list.filter_map(|(slot, value)| Some((slot, value.as_ref()?)));
        let map = self.map.iter().map(|(slot, value)| (*slot, value));
        list.chain(map)
            .map(move |(slot, value)| (number(slot), value))
    }

    /// What is in the slots in use, by number.
    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        self.iter().map(|(_, value)| value)
    }

    /// How many slots are in use.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.used
    }

    /// Whether no slot is in use.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// Empties all slots.
    pub(crate) fn clear(&mut self) {
        self.list.clear();
        self.map.clear();
        self.used = 0;
    }

    /// About how many bytes a copy takes.
    pub(crate) fn weight(&self) -> usize {
        // A map's nodes are at least half full.
        self.list.len() * size_of::<Option<T>>() + self.map.len() * 2 * size_of::<(usize, T)>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_high_slot_number_takes_no_more_memory_than_a_low_one() {
        let mut table = SlotTable::default();
        for slot in (0..100).map(|n: usize| n * 42_949_672) {
            assert!(table.put(slot, slot));
        }
        assert!(table.list.len() <= FEW, "{}", table.list.len());
        assert_eq!(table.len(), 100);
        assert_eq!(table.get(42_949_672), Some(&42_949_672));
        assert!(table.remove(42_949_672 * 99));
        assert_eq!(table.values().count(), 99);
        table.clear();
        assert_eq!((table.len(), table.iter().next()), (0, None));
    }

    #[test]
    fn an_entry_moves_into_the_list_when_the_list_grows() {
        let mut table = SlotTable::default();
        table.put(150, 'x');
        for slot in 0..80 {
            table.put(slot, 'y');
        }
        assert!(table.put(200, 'z'));
        assert!(table.map.is_empty());
        assert_eq!(table.get(150), Some(&'x'));
        assert!(!table.put(150, 'w'));
        assert_eq!(table.len(), 82);
        let last: Vec<_> = table.iter().skip(80).collect();
        assert_eq!(last, [(150, &'w'), (200, &'z')]);
    }

    #[test]
    fn a_slot_is_filled_once_and_emptied_once() {
        let mut table = SlotTable::default();
        for slot in [3, 70, 1_000_000] {
            assert_eq!(*table.get_or_fill(slot, || 'x'), 'x');
            assert_eq!(*table.get_or_fill(slot, || 'y'), 'x');
        }
        assert_eq!(table.len(), 3);
        for slot in [3, 70, 1_000_000] {
            assert_eq!(table.take(slot), Some('x'));
            assert_eq!(table.take(slot), None);
        }
        assert_eq!((table.len(), table.iter().next()), (0, None));
    }
}
