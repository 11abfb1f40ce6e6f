//! The lock of the library, for the checker: each `lock` is a point at which another thread may run.

use std::{
    ops::{Deref, DerefMut},
    sync::{Mutex, MutexGuard, OnceLock},
};

pub(in crate::runtime) struct Guarded<T> {
    /// loom's lock decides which thread is next. It is made at its first use, because the primitives
    /// are made by `const fn`s.
    order: OnceLock<loom::sync::Mutex<()>>,
    value: Mutex<T>,
}

impl<T> Guarded<T> {
    pub(in crate::runtime) const fn new(value: T) -> Guarded<T> {
        Guarded {
            order: OnceLock::new(),
            value: Mutex::new(value),
        }
    }

    pub(in crate::runtime) fn lock(&self) -> Held<'_, T> {
        let order = self.order.get_or_init(|| loom::sync::Mutex::new(()));
        let order = order.lock().unwrap();
        Held {
            value: self.value.try_lock().unwrap(),
            _order: order,
        }
    }
}

pub(in crate::runtime) struct Held<'a, T> {
    value: MutexGuard<'a, T>,
    _order: loom::sync::MutexGuard<'a, ()>,
}

impl<T> Deref for Held<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Held<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}
