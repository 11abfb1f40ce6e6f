//! Locks, semaphores and events, recorded. Waiters are served strictly first in, first out, as asyncio does it.
//!
//! async-lock lets a newcomer overtake for half a millisecond of real time, which would make a virtual run depend on the
//! clock on the wall; hence our own queue in front of it.

use std::{
    collections::VecDeque,
    fmt,
    future::Future,
    ops::{Deref, DerefMut},
    panic::Location,
    pin::Pin,
    sync::{Mutex as StdMutex, MutexGuard as StdMutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

pub use async_lock::{
    Barrier, BarrierWaitResult, OnceCell, RwLock, RwLockReadGuard, RwLockUpgradableReadGuard,
    RwLockWriteGuard,
};

use crate::trace::{ResourceKind, Verb, Wait};

use super::resource::Resource;

/// Permits, and who waits for one. The heart of [`Semaphore`] and [`Mutex`].
struct Permits {
    state: StdMutex<State>,
    resource: Resource,
}

struct State {
    free: usize,
    queue: VecDeque<(u64, Waker)>,
    next_ticket: u64,
}

impl Permits {
    fn new(free: usize, resource: Resource) -> Permits {
        Permits {
            state: StdMutex::new(State {
                free,
                queue: VecDeque::new(),
                next_ticket: 0,
            }),
            resource,
        }
    }

    fn state(&self) -> StdMutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a permit, if one is free and nobody waits for it.
    fn try_acquire(&self) -> bool {
        let free = {
            let mut state = self.state();
            if state.free == 0 || !state.queue.is_empty() {
                return false;
            }
            state.free -= 1;
            state.free
        };
        self.resource.used(Verb::Acquired, free);
        true
    }

    fn release(&self) {
        let (free, next) = {
            let mut state = self.state();
            state.free += 1;
            (
                state.free,
                state.queue.front().map(|(_, waker)| waker.clone()),
            )
        };
        self.resource.used(Verb::Released, free);
        // The first in the queue takes the permit when it runs; nobody can overtake it meanwhile.
        if let Some(waker) = next {
            waker.wake();
        }
    }

    /// A waiter's turn: takes a permit if one is free and it is first in the queue.
    fn poll(&self, ticket: &mut Option<u64>, cx: &Context<'_>) -> Poll<()> {
        if ticket.is_none() && self.try_acquire() {
            return Poll::Ready(());
        }
        let (free, next) = {
            let mut state = self.state();
            let own = *ticket.get_or_insert_with(|| {
                state.next_ticket += 1;
                state.next_ticket
            });
            let first = state.queue.front().is_none_or(|(first, _)| *first == own);
            if !first || state.free == 0 {
                match state.queue.iter_mut().find(|(waiting, _)| *waiting == own) {
                    Some((_, waker)) => waker.clone_from(cx.waker()),
                    None => state.queue.push_back((own, cx.waker().clone())),
                }
                return Poll::Pending;
            }
            state.queue.pop_front();
            state.free -= 1;
            let next =
                (state.free > 0).then(|| state.queue.front().map(|(_, waker)| waker.clone()));
            (state.free, next.flatten())
        };
        *ticket = None;
        self.resource.used(Verb::Acquired, free);
        if let Some(waker) = next {
            waker.wake();
        }
        Poll::Ready(())
    }

    /// A waiter goes away.
    fn leave(&self, ticket: u64) {
        let next = {
            let mut state = self.state();
            let first = state
                .queue
                .front()
                .is_some_and(|(first, _)| *first == ticket);
            state.queue.retain(|(waiting, _)| *waiting != ticket);
            if first && state.free > 0 {
                state.queue.front().map(|(_, waker)| waker.clone())
            } else {
                None
            }
        };
        if let Some(waker) = next {
            waker.wake();
        }
    }
}

/// Waits for a permit.
struct Acquiring<'a> {
    permits: &'a Permits,
    ticket: Option<u64>,
    made: &'static Location<'static>,
}

impl<'a> Acquiring<'a> {
    fn new(permits: &'a Permits, made: &'static Location<'static>) -> Acquiring<'a> {
        Acquiring {
            permits,
            ticket: None,
            made,
        }
    }

    #[track_caller]
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let polled = self.permits.poll(&mut self.ticket, cx);
        if polled.is_pending() {
            self.permits
                .resource
                .wait_made(Wait::Acquire, Location::caller(), self.made);
        }
        polled
    }
}

impl Drop for Acquiring<'_> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket {
            self.permits.leave(ticket);
        }
    }
}

/// So many may go on at once.
pub struct Semaphore {
    permits: Permits,
}

impl Semaphore {
    /// A semaphore with so many permits.
    #[track_caller]
    pub fn new(permits: usize) -> Semaphore {
        let resource = Resource::new(ResourceKind::Semaphore, permits, Location::caller());
        Semaphore {
            permits: Permits::new(permits, resource),
        }
    }

    /// Waits for a permit. It is given back when the guard is dropped.
    #[track_caller]
    pub fn acquire(&self) -> Acquire<'_> {
        Acquire {
            semaphore: self,
            acquiring: Acquiring::new(&self.permits, Location::caller()),
        }
    }

    /// Takes a permit, if one is free now.
    pub fn try_acquire(&self) -> Option<SemaphoreGuard<'_>> {
        self.permits
            .try_acquire()
            .then_some(SemaphoreGuard { semaphore: self })
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Semaphore")
            .field("free", &self.permits.state().free)
            .finish_non_exhaustive()
    }
}

/// The future of [`Semaphore::acquire`].
#[must_use = "a future does nothing until it is awaited"]
pub struct Acquire<'a> {
    semaphore: &'a Semaphore,
    acquiring: Acquiring<'a>,
}

impl<'a> Future for Acquire<'a> {
    type Output = SemaphoreGuard<'a>;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let semaphore = self.semaphore;
        self.acquiring
            .poll(cx)
            .map(|()| SemaphoreGuard { semaphore })
    }
}

impl fmt::Debug for Acquire<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acquire").finish_non_exhaustive()
    }
}

/// A permit; given back when dropped.
#[must_use = "the permit is given back when this is dropped"]
#[derive(Debug)]
pub struct SemaphoreGuard<'a> {
    semaphore: &'a Semaphore,
}

impl Drop for SemaphoreGuard<'_> {
    fn drop(&mut self) {
        self.semaphore.permits.release();
    }
}

/// A value that one task at a time may use.
pub struct Mutex<T> {
    permits: Permits,
    /// Free whenever its permit is.
    value: async_lock::Mutex<T>,
}

impl<T> Mutex<T> {
    /// A lock round a value.
    #[track_caller]
    pub fn new(value: T) -> Mutex<T> {
        let resource = Resource::new(ResourceKind::Lock, 1, Location::caller());
        Mutex {
            permits: Permits::new(1, resource),
            value: async_lock::Mutex::new(value),
        }
    }

    /// Waits until the value is free. It is again when the guard is dropped.
    #[track_caller]
    pub fn lock(&self) -> Lock<'_, T> {
        Lock {
            mutex: self,
            acquiring: Acquiring::new(&self.permits, Location::caller()),
        }
    }

    /// Takes the lock, if it is free now.
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        self.permits.try_acquire().then(|| self.guard())
    }

    /// The value, when nobody else can have it.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }

    /// The value, when nobody else can have it.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    fn guard(&self) -> MutexGuard<'_, T> {
        match self.value.try_lock() {
            Some(value) => MutexGuard {
                value: Some(value),
                permits: &self.permits,
            },
            None => unreachable!("the value is free whenever its permit is"),
        }
    }
}

impl<T: Default> Default for Mutex<T> {
    #[track_caller]
    fn default() -> Self {
        Mutex::new(T::default())
    }
}

impl<T> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mutex")
            .field("free", &(self.permits.state().free > 0))
            .finish_non_exhaustive()
    }
}

/// The future of [`Mutex::lock`].
#[must_use = "a future does nothing until it is awaited"]
pub struct Lock<'a, T> {
    mutex: &'a Mutex<T>,
    acquiring: Acquiring<'a>,
}

impl<'a, T> Future for Lock<'a, T> {
    type Output = MutexGuard<'a, T>;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mutex = self.mutex;
        self.acquiring.poll(cx).map(|()| mutex.guard())
    }
}

impl<T> fmt::Debug for Lock<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lock").finish_non_exhaustive()
    }
}

/// The value of a [`Mutex`], for as long as it is held.
#[must_use = "the lock is given back when this is dropped"]
pub struct MutexGuard<'a, T> {
    /// None only while being dropped.
    value: Option<async_lock::MutexGuard<'a, T>>,
    permits: &'a Permits,
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.value {
            Some(value) => value,
            None => unreachable!("taken in drop only"),
        }
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        match &mut self.value {
            Some(value) => value,
            None => unreachable!("taken in drop only"),
        }
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        self.value = None;
        self.permits.release();
    }
}

impl<T: fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::fmt(self, f)
    }
}

/// Something that tasks can wait for to be set, all at once.
pub struct Event {
    state: StdMutex<EventState>,
    resource: Resource,
}

#[derive(Default)]
struct EventState {
    set: bool,
    /// Whoever is not in here any more has been released, even if the event was cleared since.
    waiting: VecDeque<(u64, Waker)>,
    next_ticket: u64,
}

impl Event {
    /// An event that is not set.
    #[expect(
        clippy::new_without_default,
        reason = "the place where it is made is part of the picture"
    )]
    #[track_caller]
    pub fn new() -> Event {
        let resource = Resource::new(ResourceKind::Event, 0, Location::caller());
        Event {
            state: StdMutex::default(),
            resource,
        }
    }

    fn state(&self) -> StdMutexGuard<'_, EventState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets it: whoever waits is woken, in order.
    pub fn set(&self) {
        let waiting = {
            let mut state = self.state();
            state.set = true;
            std::mem::take(&mut state.waiting)
        };
        self.resource.used(Verb::Set, 1);
        for (_, waker) in waiting {
            waker.wake();
        }
    }

    /// Clears it: who comes now has to wait again.
    pub fn clear(&self) {
        self.state().set = false;
        self.resource.used(Verb::Cleared, 0);
    }

    /// Whether it is set.
    pub fn is_set(&self) -> bool {
        self.state().set
    }

    /// Waits until it is set; not at all if it is.
    #[track_caller]
    pub fn wait(&self) -> EventWait<'_> {
        EventWait {
            event: self,
            ticket: None,
            made: Location::caller(),
        }
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("set", &self.is_set())
            .finish_non_exhaustive()
    }
}

/// The future of [`Event::wait`].
#[must_use = "a future does nothing until it is awaited"]
#[derive(Debug)]
pub struct EventWait<'a> {
    event: &'a Event,
    ticket: Option<u64>,
    made: &'static Location<'static>,
}

impl Future for EventWait<'_> {
    type Output = ();

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        {
            let mut state = self.event.state();
            match self.ticket {
                None if state.set => return Poll::Ready(()),
                None => {
                    state.next_ticket += 1;
                    let ticket = state.next_ticket;
                    state.waiting.push_back((ticket, cx.waker().clone()));
                    drop(state);
                    self.ticket = Some(ticket);
                }
                Some(own) => match state.waiting.iter_mut().find(|(ticket, _)| *ticket == own) {
                    Some((_, waker)) => waker.clone_from(cx.waker()),
                    None => {
                        drop(state);
                        self.ticket = None;
                        return Poll::Ready(());
                    }
                },
            }
        }
        self.event
            .resource
            .wait_made(Wait::Acquire, Location::caller(), self.made);
        Poll::Pending
    }
}

impl Drop for EventWait<'_> {
    fn drop(&mut self) {
        if let Some(own) = self.ticket {
            self.event
                .state()
                .waiting
                .retain(|(ticket, _)| *ticket != own);
        }
    }
}
