//! The items that tasks have in hand, and those that are lost.

use crate::replay::EventStep;
use crate::trace::{LocationId, Position, ResourceId, TaskId, Wait};

use super::super::{
    claim::{Claim, Spot},
    proof::{Loss, NamedResource, Proof},
    rule::Severity,
};

/// A task that was not seen to hand on the item that it took last.
#[derive(Clone, Copy, Debug)]
pub(super) struct ItemTaker {
    /// The event that took the item.
    pub(super) event: Position,
    /// The item, until the task comes back for the next one.
    pub(super) item: Option<ItemInHand>,
    /// The item with which the task waits for the next one of the same channel.
    pub(super) waiting: Option<ItemInHand>,
    /// The item that it had in hand when it took one of another channel.
    pub(super) behind: Option<ItemInHand>,
    /// The timer that it waited for with that item was cancelled since.
    pub(super) is_dropped: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct ItemInHand {
    pub(super) from: ResourceId,
    pub(super) named: NamedResource,
    /// Where the task has waited for it, if it has.
    pub(super) taken_at: LocationId,
    pub(super) event: Position,
    /// The position after the first timer that the task has set since.
    pub(super) timer: Option<Position>,
    /// The position after the end of that poll.
    pub(super) suspended: Option<Position>,
    /// The event that took the item before, if that was not seen to be handed on.
    pub(super) kept: Option<Position>,
    /// Where the task waits with it.
    pub(super) waits: Spot,
}

#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one fact of its own, known at another event"
)]
pub(super) struct ReachedLimit {
    pub(super) event: Position,
    /// The poll that begins now drops the future.
    pub(super) wait: Wait,
    pub(super) at: LocationId,
    pub(super) at_creation: bool,
    pub(super) item: ItemInHand,
    /// Items were taken under this limit and not seen to be handed on.
    pub(super) keeps: bool,
    /// The future is known to be dropped: the task was cancelled, or a timer or an operation of the
    /// future is cancelled in the poll.
    pub(super) dropped: bool,
    /// The task has the item, and perhaps more, while it waits for the next one of the same channel.
    pub(super) waits_for_next: bool,
}

#[derive(Clone, Debug)]
pub(super) struct LostItem {
    pub(super) from: ResourceId,
    pub(super) task: TaskId,
    pub(super) spawned: LocationId,
    pub(super) claim: Claim,
    /// It is an error if the channel is read again; otherwise it stays an info.
    pub(super) is_certain: bool,
    /// It is an info if the channel is not read again.
    pub(super) is_end: bool,
}

/// The claim that another branch has dropped the work with an item.
pub(super) fn branch_claim(step: &EventStep<'_>, task: TaskId, lost: &ItemInHand) -> Claim {
    let proof = Proof::CancelUnsafe {
        from: lost.named,
        how: Loss::Branch,
    };
    let spawned = step.tables().task(task).map(|info| info.at);
    Claim::new(Some(task), lost.waits, proof)
        .severity(Severity::Info)
        .also(spawned)
        .evidence([lost.event, step.position()])
}
