//! A number that several tasks share, with each read and write recorded.

use std::{cell::Cell, fmt, panic::Location, rc::Rc};

use crate::{
    runtime::executor::resource::Resource,
    trace::{ResourceKind, ResourceOp},
};

/// A number that several tasks share. A clone is the same number.
///
/// This is a [`Cell`] with a name whose [`get`](SharedValue::get) and [`set`](SharedValue::set) are
/// recorded. The timeline draws the value as a lane, and the narration tells when a task writes a
/// value that it derived from an outdated read.
///
/// ```
/// let balance = loopscope::SharedValue::new("balance", 100);
/// balance.set(balance.get() + 10);
/// assert_eq!(balance.get(), 110);
/// ```
#[derive(Clone)]
pub struct SharedValue {
    shared: Rc<ValueCell>,
}

struct ValueCell {
    value: Cell<u32>,
    resource: Resource,
}

impl SharedValue {
    /// A shared number with this name.
    #[track_caller]
    pub fn new(name: &str, value: u32) -> SharedValue {
        let resource = Resource::named(ResourceKind::Value, 0, Location::caller(), name);
        let shared = SharedValue {
            shared: Rc::new(ValueCell {
                value: Cell::new(0),
                resource,
            }),
        };
        shared.set(value);
        shared
    }

    /// Reads the number.
    pub fn get(&self) -> u32 {
        let value = self.shared.value.get();
        self.shared
            .resource
            .used(ResourceOp::Loaded, value as usize);
        value
    }

    /// Writes the number.
    pub fn set(&self, value: u32) {
        self.shared.value.set(value);
        self.shared
            .resource
            .used(ResourceOp::Stored, value as usize);
    }
}

impl fmt::Debug for SharedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SharedValue")
            .field(&self.shared.value.get())
            .finish()
    }
}
