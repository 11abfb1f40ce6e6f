//! Parts of a program that are entered and left, in the trace.

use std::panic::Location;

use crate::{
    runtime::executor::resource::Resource,
    trace::{ResourceKind, ResourceOp},
};

/// Enters a part of the program, such as a transaction, which the trace shows as a scope. Dropping
/// the [`Scope`] leaves it. So the trace also shows that a scope is left by an error, or because its
/// task was cancelled.
///
/// ```
/// use loopscope::{scope, sleep};
/// use std::time::Duration;
///
/// loopscope::block_on(async {
///     let _transaction = scope("transaction");
///     sleep(Duration::from_millis(1)).await;
/// }); // the scope is left here
/// ```
#[track_caller]
pub fn scope(name: &str) -> Scope {
    let resource = Resource::named(ResourceKind::Scope, 0, Location::caller(), name);
    resource.used(ResourceOp::Entered, 1);
    Scope { resource }
}

/// A part of the program that was entered with [`scope`], and that is left when this is dropped.
#[must_use = "the scope is left when this is dropped"]
#[derive(Debug)]
pub struct Scope {
    resource: Resource,
}

impl Drop for Scope {
    fn drop(&mut self) {
        self.resource.used(ResourceOp::Left, 0);
    }
}
