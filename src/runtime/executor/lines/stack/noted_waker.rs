//! Wakers that tell of their clones.
//!
//! The trait [`Wake`](std::task::Wake) tells nothing of a clone, so the waker has functions of its own. Like
//! those of the standard library they treat the waker's data as an `Arc`.

use std::{
    mem::ManuallyDrop,
    sync::Arc,
    task::{RawWaker, RawWakerVTable, Waker},
};

use super::ClonedWaker;

/// The functions of the wakers of one type of handle.
struct Functions<W>(W);

impl<W: ClonedWaker> Functions<W> {
    const TABLE: RawWakerVTable =
        RawWakerVTable::new(clone::<W>, wake::<W>, wake_by_ref::<W>, drop_waker::<W>);
}

/// A waker that calls [`ClonedWaker::is_cloned`] of its handle before it is cloned.
pub(in super::super::super) fn noted_waker<W: ClonedWaker>(handle: Arc<W>) -> Waker {
    let data = Arc::into_raw(handle).cast();
    // SAFETY: `RawWaker` asks for functions that may be called on any thread, which the bounds `Send` and `Sync` of
    // `ClonedWaker` allow, and that count references: `data` is one reference of an `Arc<W>`, `clone` adds one, and
    // `wake` and `drop_waker` each take one away.
    #[expect(unsafe_code, reason = "the functions of a waker: see SAFETY")]
    unsafe {
        Waker::new(data, &Functions::<W>::TABLE)
    }
}

/// # Safety
///
/// `data` is that of a waker of this file, as for the other functions here, so it is of an `Arc<W>` that has a
/// reference for the waker.
#[expect(unsafe_code, reason = "called by `Waker` only, with its data")]
unsafe fn clone<W: ClonedWaker>(data: *const ()) -> RawWaker {
    // SAFETY: the waker's reference keeps the handle while this function runs. `increment_strong_count` adds the
    // reference of the clone.
    unsafe {
        (*data.cast::<W>()).is_cloned();
        Arc::increment_strong_count(data.cast::<W>());
    }
    RawWaker::new(data, &Functions::<W>::TABLE)
}

#[expect(unsafe_code, reason = "called by `Waker` only, with its data")]
unsafe fn wake<W: ClonedWaker>(data: *const ()) {
    // SAFETY: the waker is used up, and its reference becomes that of this `Arc`.
    let handle = unsafe { Arc::from_raw(data.cast::<W>()) };
    handle.wake();
}

#[inline]
#[expect(unsafe_code, reason = "called by `Waker` only, with its data")]
unsafe fn wake_by_ref<W: ClonedWaker>(data: *const ()) {
    // SAFETY: the `Arc` stands for the reference of the waker, which keeps it: it is never dropped here.
    let handle = ManuallyDrop::new(unsafe { Arc::from_raw(data.cast::<W>()) });
    W::wake_by_ref(&handle);
}

#[expect(unsafe_code, reason = "called by `Waker` only, with its data")]
unsafe fn drop_waker<W: ClonedWaker>(data: *const ()) {
    // SAFETY: the waker is dropped, and with it its reference.
    unsafe { Arc::decrement_strong_count(data.cast::<W>()) };
}
