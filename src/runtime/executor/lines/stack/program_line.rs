//! The line of an address.
//!
//! A function that was inlined has no return address of its own, so one address has several lines. The
//! innermost one that is neither in the standard library nor in a crate of a registry nor in this crate is that
//! of the program.

use std::{
    collections::HashMap,
    ffi::c_void,
    path::Path,
    sync::{
        Condvar, Mutex, MutexGuard, Once, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use backtrace::Symbol;

use super::{super::THREAD_NAME, DebugLine};

/// How long it is waited for the debug information, once: reading it takes up to half a second for a program of
/// usual size. A program that hangs in its first wait has the line of that wait only if it is awaited.
const PATIENCE: Duration = Duration::from_millis(500);

/// Whether the debug information was read.
static READY: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());

/// What is known of the addresses that were looked up.
static KNOWN: Mutex<Option<HashMap<usize, AddressPlace>>> = Mutex::new(None);

/// The most addresses that are kept.
const MAX_KEPT: usize = 1 << 14;

/// What is known of an address.
#[derive(Clone, Debug)]
enum AddressPlace {
    /// It is in the program.
    Program(DebugLine),
    /// It is in the loop: what is further out is no part of the poll.
    Loop,
    /// It is in a library, or unknown.
    Other,
}

/// The innermost line of the program in the poll that has these return addresses.
pub(super) fn innermost(addresses: &[usize]) -> Option<DebugLine> {
    for address in addresses {
        match place(*address) {
            AddressPlace::Program(line) => return Some(line),
            AddressPlace::Loop => return None,
            AddressPlace::Other => {}
        }
    }
    None
}

/// Reads the debug information of the program, unless it was read: looks the address of this function up.
pub(super) fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        place(prepare as fn() as *const () as usize);
        *lock(&READY.0) = true;
        READY.1.notify_all();
    });
}

/// Whether the debug information was read. The first call lets it be read, and waits for that a while.
pub(super) fn is_ready() -> bool {
    static HAS_WAITED: AtomicBool = AtomicBool::new(false);
    let is_ready = lock(&READY.0);
    if *is_ready || HAS_WAITED.swap(true, Ordering::Relaxed) {
        return *is_ready;
    }
    let builder = thread::Builder::new().name(THREAD_NAME.to_owned());
    if builder.spawn(prepare).is_err() {
        return false;
    }
    let waited = READY
        .1
        .wait_timeout_while(is_ready, PATIENCE, |is_ready| !*is_ready);
    *waited.unwrap_or_else(PoisonError::into_inner).0
}

/// Whether an address was looked up, and no further one is needed.
pub(super) fn is_known_end(address: usize) -> bool {
    let known = lock(&KNOWN);
    let place = known.as_ref().and_then(|known| known.get(&address));
    matches!(place, Some(AddressPlace::Program(_) | AddressPlace::Loop))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is known of an address. To look it up takes some 100 µs, so it is kept.
fn place(address: usize) -> AddressPlace {
    let known = |known: &HashMap<usize, AddressPlace>| known.get(&address).cloned();
    if let Some(place) = lock(&KNOWN).as_ref().and_then(known) {
        return place;
    }
    // Without the lock, because the first one takes long.
    let place = look_up(address);
    let mut known = lock(&KNOWN);
    let known = known.get_or_insert_default();
    if known.len() >= MAX_KEPT {
        known.clear();
    }
    known.insert(address, place.clone());
    place
}

fn look_up(address: usize) -> AddressPlace {
    let mut place = AddressPlace::Other;
    // Called for each function that was inlined here, the innermost first.
    backtrace::resolve(address as *mut c_void, |symbol| {
        if let AddressPlace::Other = place {
            place = place_of(symbol);
        }
    });
    place
}

fn place_of(symbol: &Symbol) -> AddressPlace {
    let name = symbol.name().map(|name| name.to_string());
    let name = name.as_deref().unwrap_or_default();
    if name.contains("loopscope::runtime::executor::run::") {
        return AddressPlace::Loop;
    }
    let own = ["loopscope::", "<loopscope::"];
    let file = symbol.filename().and_then(|file| file.to_str());
    match file.zip(symbol.lineno()) {
        Some((file, line)) if line > 0 && is_program(file) => {
            if own.iter().any(|own| name.starts_with(own)) {
                return AddressPlace::Other;
            }
            AddressPlace::Program(DebugLine {
                file: file.into(),
                line,
                column: symbol.colno().unwrap_or(0),
            })
        }
        Some(_) | None => AddressPlace::Other,
    }
}

/// Whether a file belongs to the program: it is neither of the standard library nor of a crate that cargo has
/// loaded nor of this one.
fn is_program(file: &str) -> bool {
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/src/");
    let others = [
        "/rustc/",
        "/lib/rustlib/",
        "/library/core/src/",
        "/library/alloc/src/",
        "/library/std/src/",
        "/registry/src/",
        "/git/checkouts/",
        "/vendor/",
    ];
    let is_other = others.iter().any(|other| file.contains(other));
    let is_rust = Path::new(file).extension().is_some_and(|kind| kind == "rs");
    is_rust && !is_other && !file.starts_with(own)
}

#[cfg(test)]
mod tests {
    use super::is_program;

    #[test]
    fn a_file_of_a_library_is_not_of_the_program() {
        for (file, expected) in [
            ("/home/x/project/src/main.rs", true),
            ("/rustc/0123456789/library/std/src/thread/mod.rs", false),
            (
                "/home/x/.rustup/toolchains/t/lib/rustlib/src/rust/library/core/src/ptr/mod.rs",
                false,
            ),
            (
                "/home/x/.cargo/registry/src/index.crates.io-0/foo-1.0.0/src/lib.rs",
                false,
            ),
            ("/home/x/.cargo/git/checkouts/foo-0/1/src/lib.rs", false),
            (
                concat!(env!("CARGO_MANIFEST_DIR"), "/src/runtime/task.rs"),
                false,
            ),
            (
                concat!(env!("CARGO_MANIFEST_DIR"), "/tests/library/main.rs"),
                true,
            ),
            ("./nptl/pthread_mutex_lock.c", false),
        ] {
            assert_eq!(is_program(file), expected, "{file}");
        }
    }
}
