//! Tasks whose futures may not leave their thread.
//!
//! The tasks of a loop may be polled on another thread after `block_on` has returned, so the loop
//! keeps only bodies that are `Send`. A future that is not `Send` is kept in a table of its thread
//! instead, and the loop gets a [`ThreadBound`]: the number of the table's entry. A loop that has
//! such a task stays on its thread.

use std::{
    any::Any,
    cell::RefCell,
    mem::ManuallyDrop,
    pin::Pin,
    sync::atomic::{AtomicU64, Ordering},
    task::{Context, Poll},
};

use super::task_slot::{Body, Failure, Job};

type BoundBody = Pin<Box<dyn Job>>;

thread_local! {
    /// Never dropped: a thread that ends does not cancel its tasks.
    static TABLE: RefCell<ManuallyDrop<BoundTable>> = RefCell::new(ManuallyDrop::new(BoundTable::new()));
}

struct BoundTable {
    /// Differs from that of each other thread, also of threads that have ended.
    thread: u64,
    /// `None` for an entry that is free, and while the job is polled.
    bodies: Vec<Option<BoundBody>>,
    free: Vec<u32>,
}

impl BoundTable {
    fn new() -> BoundTable {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        BoundTable {
            thread: NEXT.fetch_add(1, Ordering::Relaxed),
            bodies: Vec::new(),
            free: Vec::new(),
        }
    }
}

/// A job that is kept in the table of its thread.
struct ThreadBound {
    thread: u64,
    entry: u32,
}

/// Keeps a job on this thread, and returns the body that stands for it in the loop.
pub(in crate::runtime) fn bind(job: BoundBody) -> Body {
    TABLE.with_borrow_mut(|table| {
        let entry = if let Some(entry) = table.free.pop() {
            table.bodies[entry as usize] = Some(job);
            entry
        } else {
            table.bodies.push(Some(job));
            u32::try_from(table.bodies.len() - 1).unwrap_or(u32::MAX)
        };
        Box::pin(ThreadBound {
            thread: table.thread,
            entry,
        })
    })
}

impl ThreadBound {
    /// Takes the job out of the table. `None` on any other thread, and while the job is polled.
    fn take_out(&self) -> Option<BoundBody> {
        let taken = TABLE.try_with(|table| {
            let mut table = table.try_borrow_mut().ok()?;
            let is_here = table.thread == self.thread;
            is_here.then(|| table.bodies.get_mut(self.entry as usize)?.take())?
        });
        taken.ok().flatten()
    }

    fn put_back(&self, job: BoundBody) {
        TABLE.with_borrow_mut(|table| table.bodies[self.entry as usize] = Some(job));
    }
}

impl Job for ThreadBound {
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // The table is not borrowed during the poll, which may spawn or drop other tasks.
        let Some(mut job) = self.take_out() else {
            return Poll::Pending;
        };
        let polled =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job.as_mut().poll(cx)));
        self.put_back(job);
        polled.unwrap_or_else(|payload| std::panic::resume_unwind(payload))
    }

    fn fail(self: Pin<&mut Self>, end: Failure) {
        if let Some(mut job) = self.take_out() {
            job.as_mut().fail(end);
            self.put_back(job);
        }
    }

    fn take(self: Pin<&mut Self>, into: &mut dyn Any) -> Result<(), Failure> {
        match self.take_out() {
            Some(mut job) => {
                let taken = job.as_mut().take(into);
                self.put_back(job);
                taken
            }
            None => Err(Failure::Cancelled),
        }
    }

    fn is_thread_bound(&self) -> bool {
        true
    }
}

impl Drop for ThreadBound {
    fn drop(&mut self) {
        let Some(job) = self.take_out() else { return };
        // Free the entry before the job is dropped: its destructors may spawn tasks.
        let _ = TABLE.try_with(|table| {
            if let Ok(mut table) = table.try_borrow_mut() {
                table.free.push(self.entry);
            }
        });
        drop(job);
    }
}
