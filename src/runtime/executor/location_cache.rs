//! The numbers of source locations, found again by address.

use std::{collections::HashMap, panic::Location};

use crate::trace::{LocationId, Writer};

/// The locations in the source that have come up, by address.
#[derive(Debug)]
pub(super) struct LocationCache {
    /// The last ones, by a few bits of their address: few locations come up again and again.
    recent: [(usize, LocationId, bool); RECENT],
    all: HashMap<usize, (LocationId, bool)>,
}

const RECENT: usize = 64;

/// Not yet defined: a place that is known to be the program's, but that no event names.
const UNDEFINED: LocationId = LocationId(u32::MAX - 1);

impl Default for LocationCache {
    fn default() -> Self {
        LocationCache {
            recent: [(0, UNDEFINED, false); RECENT],
            all: HashMap::new(),
        }
    }
}

impl LocationCache {
    #[inline]
    pub(super) fn id(
        &mut self,
        place: &'static Location<'static>,
        writer: &mut Writer,
    ) -> LocationId {
        let (address, slot) = address(place);
        let (known, id, _) = self.recent[slot];
        if known == address && id != UNDEFINED {
            return id;
        }
        self.look_up(place, Some(writer)).0
    }

    /// Whether a place is the program's own, and not in a library or in here.
    #[inline]
    pub(super) fn is_program(&mut self, place: &'static Location<'static>) -> bool {
        let (address, slot) = address(place);
        let (known, _, program) = self.recent[slot];
        if known == address {
            program
        } else {
            self.look_up(place, None).1
        }
    }

    #[cold]
    fn look_up(
        &mut self,
        place: &'static Location<'static>,
        writer: Option<&mut Writer>,
    ) -> (LocationId, bool) {
        let (address, slot) = address(place);
        let entry = self
            .all
            .entry(address)
            .or_insert_with(|| (UNDEFINED, is_program(place.file())));
        if let (UNDEFINED, Some(writer)) = (entry.0, writer) {
            entry.0 = writer.location(place.file(), place.line(), place.column());
        }
        self.recent[slot] = (address, entry.0, entry.1);
        *entry
    }
}

#[inline]
fn address(place: &'static Location<'static>) -> (usize, usize) {
    let address = std::ptr::from_ref(place).addr();
    // Locations are 24 bytes apart.
    (address, (address >> 3) % RECENT)
}

/// Paths of other crates and of the standard library are absolute; those of the package being built are relative.
fn is_program(file: &str) -> bool {
    let here = file!();
    let ours = here
        .strip_suffix("executor/location_cache.rs")
        .unwrap_or(here);
    !file.starts_with('/') && !file.starts_with(ours)
}
