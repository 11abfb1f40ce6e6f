//! A number that several tasks share, and whose every reading and writing the trace sees.

use std::{cell::Cell, fmt, panic::Location, rc::Rc};

use crate::trace::{ResourceKind, ResourceOp};

use crate::runtime::executor::resource::Resource;

/// A number that several tasks share. A clone is the same number.
///
/// It is no more than a [`Cell`] with a name, but the trace has every [`get`](SharedValue::get) and every
/// [`set`](SharedValue::set): the timeline draws it as a lane, and the narration says when what was set is worked out
/// from a reading that is out of date.
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
    /// A value of this name.
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

    /// What it is.
    pub fn get(&self) -> u32 {
        let value = self.shared.value.get();
        self.shared
            .resource
            .used(ResourceOp::Loaded, value as usize);
        value
    }

    /// Makes it something else.
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
