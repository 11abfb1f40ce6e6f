//! The return addresses of another thread: the signal that asks for them, and its handler.
//!
//! No other thread can read the stack of a thread that runs. So the thread is interrupted by a signal, and the
//! handler notes the addresses in an array of this file.
//!
//! The signal is SIGURG. By default it is ignored, so one that comes too late or from elsewhere does no harm;
//! hardly any program has a use for it (it tells that a socket has urgent data, if the program has asked for
//! that), and Go's runtime, which interrupts its threads for the same reason, uses it too. If the program has a
//! handler of its own for it, that one stays, and no thread is asked; nor is a thread that blocks the signal.
//!
//! The handler is installed with `SA_RESTART`, so that the system repeats what it has interrupted, such as a
//! `read`. It does not repeat a few calls: `nanosleep`, `poll`, `epoll_wait` and their like end with `EINTR`. The
//! standard library and smol's parts repeat these.

use std::{
    ffi::{CStr, c_int},
    fs, mem, process, ptr,
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// The most addresses that are noted, from the innermost on.
const MAX_FRAMES: usize = 128;

/// How often it is looked whether the thread has answered, and for how long.
const STEP: Duration = Duration::from_micros(200);
const STEPS: u32 = 100;
/// A handler that has begun ends within this many steps, even if its thread gets no processor meanwhile.
const MORE_STEPS: u32 = 25_000;

/// No thread is asked.
const IDLE: u32 = 0;
/// The thread [`ASKED`] is asked.
const IS_ASKED: u32 = 1;
/// Its handler notes the addresses.
const ANSWERS: u32 = 2;
/// It has.
const HAS_ANSWERED: u32 = 3;

static STATE: AtomicU32 = AtomicU32::new(IDLE);
/// The thread that is asked.
static ASKED: AtomicU32 = AtomicU32::new(0);
/// How many addresses were noted.
static COUNT: AtomicUsize = AtomicUsize::new(0);
static ADDRESSES: [AtomicUsize; MAX_FRAMES] = [const { AtomicUsize::new(0) }; MAX_FRAMES];

/// The return addresses of a thread of this process, the innermost first. `None` if it may not be asked, or
/// does not answer within 20 ms.
pub(super) fn ask(thread: u32) -> Option<Vec<usize>> {
    static ONE: Mutex<()> = Mutex::new(());
    static CAN_ASK: OnceLock<bool> = OnceLock::new();
    // One thread is asked at a time.
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let can_ask = *CAN_ASK.get_or_init(|| has_lock_free_lookup() && install());
    if !can_ask
        || handler() != own_handler()
        || is_blocked(thread)
        || STATE.load(Ordering::SeqCst) != IDLE
    {
        return None;
    }
    ASKED.store(thread, Ordering::SeqCst);
    STATE.store(IS_ASKED, Ordering::SeqCst);
    send(thread);
    if !has_answered(STEPS) {
        // From now on a handler that has not begun notes nothing.
        let ended = STATE.compare_exchange(IS_ASKED, IDLE, Ordering::SeqCst, Ordering::SeqCst);
        // One that does not end keeps the array: no thread is ever asked again.
        if ended.is_ok() || !has_answered(MORE_STEPS) {
            return None;
        }
    }
    let count = COUNT.load(Ordering::SeqCst).min(MAX_FRAMES);
    let addresses = ADDRESSES[..count].iter();
    let addresses = addresses.map(|address| address.load(Ordering::SeqCst));
    let addresses = addresses.collect();
    STATE.store(IDLE, Ordering::SeqCst);
    Some(addresses)
}

/// Whether a thread blocks the signal, so that it would stay pending. A program that does so takes it in another
/// way, such as `sigwait`.
fn is_blocked(thread: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/self/task/{thread}/status"));
    let status = status.unwrap_or_default();
    let blocked = status.lines().find_map(|line| line.strip_prefix("SigBlk:"));
    let blocked = blocked.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // Bit 0 is of signal 1.
    blocked.is_none_or(|mask| mask >> (libc::SIGURG - 1) & 1 != 0)
}

/// Waits until the thread has answered, at most for a number of steps.
#[expect(
    clippy::disallowed_methods,
    reason = "the thread of the watchdog, on which no loop runs"
)]
fn has_answered(steps: u32) -> bool {
    for _ in 0..steps {
        if STATE.load(Ordering::SeqCst) == HAS_ANSWERED {
            return true;
        }
        thread::sleep(STEP);
    }
    false
}

/// Whether the unwinder takes no lock, so that a handler may use it: it looks the tables of a function up with
/// `_dl_find_object` since glibc 2.35.
fn has_lock_free_lookup() -> bool {
    // SAFETY: the function has no precondition, and returns a text that exists as long as the process.
    #[expect(unsafe_code, reason = "the version of the C library: see SAFETY")]
    let version = unsafe { CStr::from_ptr(libc::gnu_get_libc_version()) };
    let mut parts = version.to_str().unwrap_or_default().split('.');
    let mut next = || parts.next().and_then(|part| part.parse::<u32>().ok());
    next().zip(next()) >= Some((2, 35))
}

/// The handler that the process has for the signal.
fn handler() -> libc::sighandler_t {
    // SAFETY: a `sigaction` of zeros is a valid value. The call reads nothing and writes one `sigaction` to a
    // place that is large enough and that nothing else refers to.
    #[expect(unsafe_code, reason = "reads which handler a signal has: see SAFETY")]
    unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        libc::sigaction(libc::SIGURG, ptr::null(), &raw mut action);
        action.sa_sigaction
    }
}

fn own_handler() -> libc::sighandler_t {
    on_signal as extern "C" fn(c_int) as *const () as libc::sighandler_t
}

/// Installs the handler, unless the program has one. Returns whether it is installed.
fn install() -> bool {
    if !matches!(handler(), libc::SIG_DFL | libc::SIG_IGN) {
        return false;
    }
    // What the first use of the unwinder prepares is prepared here, and not in the handler.
    note_addresses();
    // SAFETY: `action` is a valid `sigaction`: zeros are, its mask is an empty set of signals, and its handler has
    // the signature that the flags ask for. `on_signal` does nothing that a handler must not do, see there.
    #[expect(unsafe_code, reason = "installs the handler of a signal: see SAFETY")]
    unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        action.sa_sigaction = own_handler();
        action.sa_flags = libc::SA_RESTART;
        libc::sigemptyset(&raw mut action.sa_mask);
        libc::sigaction(libc::SIGURG, &raw const action, ptr::null_mut()) == 0
    }
}

/// Sends the signal to a thread of this process. If it has ended, nothing happens.
fn send(thread: u32) {
    // SAFETY: `tgkill` takes three numbers and touches no memory of this process. It reaches threads of this
    // process only, and the signal has the handler of this file: its default would be to be ignored.
    #[expect(unsafe_code, reason = "sends a signal to one thread: see SAFETY")]
    unsafe {
        libc::syscall(libc::SYS_tgkill, process::id(), thread, libc::SIGURG);
    }
}

/// The handler of the signal.
///
/// It does only what a handler may do wherever it interrupts the thread: it reads and writes atomics, asks the
/// system for the number of the thread, and walks the stack. It allocates nothing, takes no lock, does not panic,
/// and leaves `errno` as it was.
extern "C" fn on_signal(_signal: c_int) {
    // SAFETY: the call takes no argument but its number, and touches no memory.
    #[expect(unsafe_code, reason = "the number of the thread: see SAFETY")]
    let thread = unsafe { libc::syscall(libc::SYS_gettid) };
    if i64::from(ASKED.load(Ordering::SeqCst)) != thread {
        return;
    }
    let begins = STATE.compare_exchange(IS_ASKED, ANSWERS, Ordering::SeqCst, Ordering::SeqCst);
    if begins.is_err() {
        return;
    }
    // SAFETY: the function returns the address of the thread's own `errno`, which exists as long as the thread.
    // No reference to it is kept; the code that was interrupted does not run meanwhile.
    #[expect(unsafe_code, reason = "keeps `errno`: see SAFETY")]
    let errno = unsafe { *libc::__errno_location() };
    note_addresses();
    // SAFETY: as above.
    #[expect(unsafe_code, reason = "keeps `errno`: see SAFETY")]
    unsafe {
        *libc::__errno_location() = errno;
    }
    STATE.store(HAS_ANSWERED, Ordering::SeqCst);
}

/// The return addresses of this thread, the innermost first, up to one that `is_last`.
pub(super) fn own(is_last: impl Fn(usize) -> bool) -> Vec<usize> {
    let mut addresses = Vec::with_capacity(MAX_FRAMES / 2);
    // SAFETY: as in `note_addresses`. No signal was the cause, so the closure may allocate and lock.
    #[expect(unsafe_code, reason = "walks the stack of this thread: see SAFETY")]
    unsafe {
        backtrace::trace_unsynchronized(|frame| {
            let address = frame.ip().addr();
            addresses.push(address);
            addresses.len() < MAX_FRAMES && !is_last(address)
        });
    }
    addresses
}

/// Notes the return addresses of this thread.
#[inline(never)]
fn note_addresses() {
    COUNT.store(0, Ordering::SeqCst);
    // SAFETY: the function must not run on two threads at once because of what it shares with the lookup of
    // symbols on other systems. On Linux it shares nothing: it calls `_Unwind_Backtrace` with a closure on this
    // stack. That reads the stack by the tables of the functions, which describe each instruction and not only
    // calls, and ends where a function has no table. `has_lock_free_lookup` is why it takes no lock, and the call
    // in `install` is why it initializes nothing here. The closure writes atomics within their bounds.
    #[expect(unsafe_code, reason = "walks the stack in a handler: see SAFETY")]
    unsafe {
        backtrace::trace_unsynchronized(|frame| {
            let count = COUNT.load(Ordering::SeqCst);
            let Some(address) = ADDRESSES.get(count) else {
                return false;
            };
            address.store(frame.ip().addr(), Ordering::SeqCst);
            COUNT.store(count + 1, Ordering::SeqCst);
            true
        });
    }
}
