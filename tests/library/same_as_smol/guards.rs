// Checks, at compile time, that a guard may take the place of one with a shorter lifetime. Each
// function shortens a lifetime; none is called. This file is compiled with smol, too.

use rt::lock::{
    MutexGuard, RwLockReadGuard, RwLockUpgradableReadGuard, RwLockWriteGuard, SemaphoreGuard,
    futures::{Acquire, Lock, Read, UpgradableRead, Upgrade, Write},
};

macro_rules! shorten {
    ($($name:ident: $guard:ident,)+) => {
        $(
            // `str` stands for all types whose size is not known.
            fn $name<'short, 'long: 'short>(
                sized: $guard<'long, u8>,
                not_sized: $guard<'long, str>,
            ) -> ($guard<'short, u8>, $guard<'short, str>) {
                (sized, not_sized)
            }
        )+
    };
}

shorten! {
    _mutex_guard: MutexGuard,
    _read_guard: RwLockReadGuard,
    _upgradable_guard: RwLockUpgradableReadGuard,
    _write_guard: RwLockWriteGuard,
    _lock: Lock,
    _read: Read,
    _upgradable_read: UpgradableRead,
    _upgrade: Upgrade,
    _write: Write,
}

fn _semaphore_guard<'short, 'long: 'short>(
    guard: SemaphoreGuard<'long>,
    future: Acquire<'long>,
) -> (SemaphoreGuard<'short>, Acquire<'short>) {
    (guard, future)
}

// The guard of a reader gives no way to store a value, so the lifetime in the value is free as well.
fn _value_of_read_guard<'short, 'lock, 'long: 'short + 'lock>(
    guard: RwLockReadGuard<'lock, &'long str>,
) -> RwLockReadGuard<'lock, &'short str>
where
    'short: 'lock,
{
    guard
}

// A condition variable releases a guard whose lifetime is longer than its own.
#[expect(dead_code, reason = "compiled for its lifetimes, and never called")]
struct Released<'a, T> {
    condvar: &'a str,
    guard: Option<MutexGuard<'a, T>>,
}

async fn _wait<'a, T>(condvar: &str, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    let mutex = MutexGuard::source(&guard);
    drop(Released { condvar, guard: Some(guard) });
    mutex.lock().await
}
