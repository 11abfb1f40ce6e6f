//! The numbers of source locations.
//!
//! A [`Location`] is looked up by its address, because a `Location` is a constant of the program:
//! its address identifies one call site in the whole run. A lookup happens at nearly every
//! poll, so the locations that were used last are kept in a table of 64 entries, selected by bits
//! of the address.

use std::{borrow::Cow, collections::HashMap, env, panic::Location, path::Path, sync::Arc};

use crate::trace::{LocationId, Writer};

use super::lines::DebugLine;

const RECENT: usize = 64;

/// The id of a location that no event has named yet. The cache knows only whether the location is
/// in the program.
const UNDEFINED: LocationId = LocationId(u32::MAX - 1);

#[derive(Debug)]
pub(super) struct LocationCache {
    recent: [CachedLocation; RECENT],
    /// All locations that have come up, by address.
    all: HashMap<usize, CachedLocation>,
    /// The files of the program that have come up.
    files: Vec<&'static str>,
    /// The folder that the names of these files are relative to, once it is known, with `/` at its end.
    base: Option<String>,
    /// The numbers of lines that have no [`Location`]: of the file, the line and the column.
    lines: HashMap<(Arc<str>, u32, u32), LocationId>,
}

#[derive(Clone, Copy, Debug)]
struct CachedLocation {
    address: usize,
    id: LocationId,
    /// The location is in the program itself, and not in a library.
    is_program: bool,
}

impl Default for LocationCache {
    fn default() -> Self {
        let vacant = CachedLocation {
            address: 0,
            id: UNDEFINED,
            is_program: false,
        };
        LocationCache {
            recent: [vacant; RECENT],
            all: HashMap::new(),
            files: Vec::new(),
            base: None,
            lines: HashMap::new(),
        }
    }
}

impl LocationCache {
    /// The number of a location. The first time, the location is defined in the trace.
    #[inline]
    pub(super) fn id(&mut self, at: &'static Location<'static>, writer: &mut Writer) -> LocationId {
        let (address, slot) = address(at);
        let cached = self.recent[slot];
        if cached.address == address && cached.id != UNDEFINED {
            return cached.id;
        }
        self.look_up(at, Some(writer)).id
    }

    /// The number of a location in the program; unknown for one in a library.
    #[inline]
    pub(super) fn program_id(
        &mut self,
        at: &'static Location<'static>,
        writer: &mut Writer,
    ) -> LocationId {
        let (address, slot) = address(at);
        let cached = self.recent[slot];
        if cached.address == address && cached.id != UNDEFINED && cached.is_program {
            cached.id
        } else if self.is_program(at) {
            self.look_up(at, Some(writer)).id
        } else {
            LocationId::UNKNOWN
        }
    }

    /// The number of a location that is known to be in the program and is defined already, as nearly
    /// all are that are waited at.
    #[inline]
    pub(super) fn known_program(&self, at: &'static Location<'static>) -> Option<LocationId> {
        let (address, slot) = address(at);
        let cached = self.recent[slot];
        let is_known = cached.address == address && cached.is_program && cached.id != UNDEFINED;
        is_known.then_some(cached.id)
    }

    /// Whether a location is in the program itself, and not in a library.
    #[inline]
    pub(super) fn is_program(&mut self, at: &'static Location<'static>) -> bool {
        let (address, slot) = address(at);
        let cached = self.recent[slot];
        if cached.address == address {
            cached.is_program
        } else {
            self.look_up(at, None).is_program
        }
    }

    /// Looks a location up in the map of all locations, and puts it into the table of recent ones.
    /// With a `writer`, defines the location in the trace if it has no number yet.
    #[cold]
    fn look_up(
        &mut self,
        at: &'static Location<'static>,
        writer: Option<&mut Writer>,
    ) -> CachedLocation {
        let (address, slot) = address(at);
        let files = &mut self.files;
        let entry = self.all.entry(address).or_insert_with(|| {
            let is_program = is_program(at.file());
            if is_program && !files.contains(&at.file()) {
                files.push(at.file());
            }
            CachedLocation {
                address,
                id: UNDEFINED,
                is_program,
            }
        });
        if let (UNDEFINED, Some(writer)) = (entry.id, writer) {
            entry.id = writer.location(&short_path(at.file()), at.line(), at.column());
        }
        self.recent[slot] = *entry;
        *entry
    }

    /// The number of a line of the program that the debug information tells.
    pub(super) fn line_id(&mut self, line: &DebugLine, writer: &mut Writer) -> LocationId {
        let key = (Arc::clone(&line.file), line.line, line.column);
        if let Some(id) = self.lines.get(&key) {
            return *id;
        }
        let file = self.relative(&line.file);
        let id = writer.location(&short_path(file), line.line, line.column);
        self.lines.insert(key, id);
        id
    }

    /// A file as a [`Location`] names it: relative to the folder in which the compiler was run. Debug information
    /// has its whole path, and does not tell that folder. It is known once a whole path ends with the name of
    /// a file that has a [`Location`]; before, the current folder is taken for it.
    fn relative<'a>(&mut self, file: &'a str) -> &'a str {
        let known = self
            .base
            .as_deref()
            .and_then(|base| file.strip_prefix(base));
        if let Some(relative) = known {
            return relative;
        }
        let bases = self.files.iter().filter_map(|end| file.strip_suffix(end));
        // The shortest folder is that of the longest name.
        let base = bases
            .filter(|base| base.ends_with('/'))
            .min_by_key(|base| base.len());
        if let Some(base) = base {
            self.base = Some(base.to_owned());
            return file.strip_prefix(base).unwrap_or(file);
        }
        let current = env::current_dir().ok();
        let relative = current.and_then(|current| Path::new(file).strip_prefix(current).ok());
        relative.and_then(Path::to_str).unwrap_or(file)
    }
}

/// The address of a location, and its entry in the table of recent ones.
#[inline]
fn address(at: &'static Location<'static>) -> (usize, usize) {
    let address = std::ptr::from_ref(at).addr();
    // A `Location` is aligned to eight bytes, so the lowest three bits are always 0.
    (address, (address >> 3) % RECENT)
}

/// A path without `x/../`, which a `#[path]` attribute leaves in it.
pub(super) fn short_path(path: &str) -> Cow<'_, str> {
    if !path.contains("/../") {
        return path.into();
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        if part == ".." && parts.last().is_some_and(|last| !matches!(*last, "" | "..")) {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.join("/").into()
}

/// Whether a file belongs to the program. The compiler gives relative paths to the files of the
/// package being built, and absolute paths to the files of other crates and of the standard
/// library. In loopscope's own build, the runtime's files have relative paths, too, so they are
/// recognized by their folder.
fn is_program(file: &str) -> bool {
    let here = file!();
    let runtime = here
        .strip_suffix("executor/location_cache.rs")
        .unwrap_or(here);
    !file.starts_with('/') && !file.starts_with(runtime)
}

#[cfg(test)]
mod tests {
    use super::short_path;

    #[test]
    fn a_path_is_shown_without_detours() {
        for (path, shown) in [
            ("src/../scenarios/gather.rs", "scenarios/gather.rs"),
            ("program/src/../../scenarios/a/b.rs", "scenarios/a/b.rs"),
            ("../other/src/lib.rs", "../other/src/lib.rs"),
            ("../../a/../b.rs", "../../b.rs"),
            ("/home/x/../y.rs", "/home/y.rs"),
            ("/../y.rs", "/../y.rs"),
            ("src/main.rs", "src/main.rs"),
        ] {
            assert_eq!(short_path(path), shown);
        }
    }
}
