//! `cancelunsafe`: a send or a read that is given up, and a read that begins anew.
//!
//! * *A send.* A task waits for room in a channel, with a limit. The limit is reached, and the poll that
//!   follows puts nothing into the channel: the item was dropped with the future. It may be a copy, or
//!   be sent again, so that is an info.
//! * *A read.* A task reads from a socket at one `.await`, waits for more at another one, and waits at the
//!   first one again although nothing has come: the function that reads the two parts was dropped between
//!   them. What it had read may be kept outside of it, so that is an info. The first part is often there
//!   already, and read without a wait: then the task reads twice between two waits at the other `.await`.
//! * *An answer.* A task that waits for the bytes of a socket is cancelled, or its limit is reached, and
//!   another task waits for the bytes of the same socket afterwards, or the same task does on behalf of another
//!   line. What comes late belongs to the first
//!   one, if it had asked for it. The trace does not tell whether it had, so that is an info.

use crate::insight::id_map::IdMap;
use crate::replay::EventStep;
use crate::trace::{
    LocationId, Position, ResourceId, ResourceKind, ResourceOp, TaskId, TimerId, Wait, WokenBy,
};

use super::{
    super::{
        claim::{Claim, Claims, Spot},
        proof::{Loss, NamedResource, Proof},
        rule::Severity,
    },
    limited::LimitedWaits,
};

/// The most sends and sockets that are followed.
const KEPT: usize = 16_384;

/// Looks for sends and reads that are dropped in the middle.
#[derive(Debug, Default)]
pub(in crate::insight::findings) struct AbandonedWork {
    /// The sends whose limit is reached.
    sends: IdMap<TaskId, LimitedSend>,
    /// How each socket is read by the task that waited for it last.
    reads: IdMap<ResourceId, ReadPlaces>,
    /// The task whose cancellation was requested last: its next wake is no news of a socket.
    asked: Option<TaskId>,
}

#[derive(Clone, Copy, Debug)]
struct LimitedSend {
    channel: ResourceId,
    spot: Spot,
    event: Position,
}

#[derive(Clone, Copy, Debug)]
struct ReadPlaces {
    task: TaskId,
    /// Where the task waits for more, and where it has read what came before.
    at: LocationId,
    before: LocationId,
    /// The position after the last read since it began to wait there.
    read: Option<Position>,
    /// How often it has read since, and whether it has ever read more than once between two waits there.
    reads: u32,
    reads_between: bool,
    /// The position after the last read before that.
    part: Option<Position>,
    /// The position after the event that has ended the wait in vain.
    given_up: Option<Position>,
}

impl AbandonedWork {
    /// A timer of a task fires.
    #[inline]
    pub(in crate::insight::findings) fn timer_fired(
        &mut self,
        step: &EventStep<'_>,
        timer: TimerId,
        limits: &LimitedWaits,
    ) {
        let Some(task) = step.before.timer(timer).and_then(|timer| timer.task) else {
            return;
        };
        if let Some(beside) = limits.beside_timer(step.before, task, timer)
            && let Wait::Send(channel) = beside.on
            && self.sends.len() < KEPT
        {
            let spot = Spot::awaits(beside.at, beside.at_creation, beside.on);
            let event = step.position();
            let send = LimitedSend {
                channel,
                spot,
                event,
            };
            self.sends.insert(task, send);
        }
    }

    /// An operation of the running task.
    #[inline]
    pub(in crate::insight::findings) fn operation(
        &mut self,
        step: &EventStep<'_>,
        resource: ResourceId,
        op: ResourceOp,
        value: u32,
    ) {
        if self.sends.is_empty() && self.reads.is_empty() {
            return;
        }
        let Some(task) = step.before.running.task() else {
            return;
        };
        if op == ResourceOp::Sent
            && self
                .sends
                .get(&task)
                .is_some_and(|it| it.channel == resource)
        {
            self.sends.remove(&task);
        } else if op == ResourceOp::Read
            && value > 0
            && let Some(places) = self.reads.get_mut(&resource)
            && places.task == task
        {
            places.read = Some(step.position());
            places.reads += 1;
        }
    }

    /// The cancellation of a task is requested.
    pub(in crate::insight::findings) fn cancel_requested(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
    ) {
        self.asked = Some(task);
        if let Some(row) = step.before.tasks.get(task)
            && let Wait::Operation(socket) = row.wait
            && let Some(places) = self.reads.get_mut(&socket)
            && places.task == task
            && places.read.is_none()
        {
            places.given_up = Some(step.position());
        }
    }

    /// A task that waits for a socket is woken by a callback: an adapter, which cannot see reads, has seen
    /// that something has come.
    #[inline]
    pub(in crate::insight::findings) fn woken(
        &mut self,
        step: &EventStep<'_>,
        (task, wait): (TaskId, Wait),
        by: WokenBy,
    ) {
        if self.reads.is_empty() {
            return;
        }
        let is_asked = self.asked.take() == Some(task);
        if let Wait::Operation(socket) = wait
            && matches!(by, WokenBy::Callback(_))
            && !is_asked
            && let Some(places) = self.reads.get_mut(&socket)
            && places.task == task
        {
            places.read = Some(step.position());
        }
    }

    /// A task declares that it waits for something.
    #[inline]
    pub(in crate::insight::findings) fn declares(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        on: Wait,
        at: LocationId,
        claims: &mut Claims,
    ) {
        if let Wait::Operation(socket) = on
            && let Some(resource) = step.before.resource(socket)
            && resource.kind == ResourceKind::Stream
        {
            self.waits_for_socket(step, (task, socket), at, claims);
        }
    }

    fn waits_for_socket(
        &mut self,
        step: &EventStep<'_>,
        (task, socket): (TaskId, ResourceId),
        at: LocationId,
        claims: &mut Claims,
    ) {
        let new = ReadPlaces {
            task,
            at,
            before: LocationId::UNKNOWN,
            read: None,
            reads: 0,
            reads_between: false,
            part: None,
            given_up: None,
        };
        if self.reads.len() >= KEPT && !self.reads.contains_key(&socket) {
            return;
        }
        let places = self.reads.entry(socket).or_insert(new);
        if places.task != task {
            let before = std::mem::replace(places, new);
            claims.extend_one(answer_claim(step, socket, &before));
            return;
        }
        let given_up = places.given_up.take();
        let reads = std::mem::take(&mut places.reads);
        if places.at == at {
            places.reads_between |= reads > 1;
            places.part = places.read.take().or(places.part);
        } else if let Some(read) = places.read {
            (places.before, places.at) = (places.at, at);
            (places.part, places.read) = (Some(read), None);
        } else {
            // The same function reads, on behalf of another line: it awaits the answer to another request.
            let is_other = is_called_elsewhere(step, places.at, at);
            if given_up.is_some() && is_other {
                let before = ReadPlaces {
                    given_up,
                    ..*places
                };
                claims.extend_one(answer_claim(step, socket, &before));
            }
            let is_before = places.before == at
                || (places.before == LocationId::UNKNOWN && places.reads_between);
            let is_anew = is_before && at != LocationId::UNKNOWN;
            if let Some(part) = places.part.filter(|_| is_anew)
                && let Some(from) = NamedResource::of(step.before, socket)
            {
                let how = Loss::Part;
                let claim = Claim::new(
                    Some(task),
                    Spot::exact(places.at),
                    Proof::CancelUnsafe { from, how },
                )
                .severity(Severity::Info)
                .also([at])
                .evidence([part, step.position()]);
                claims.push(claim);
            }
            *places = new;
        }
    }

    /// A poll of a task ends.
    #[inline]
    pub(in crate::insight::findings) fn poll_ended(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        started: Position,
        claims: &mut Claims,
    ) {
        if self.sends.is_empty() {
            return;
        }
        if let Some(send) = self.sends.remove(&task)
            && send.event < started
            && let Some(from) = NamedResource::of(step.before, send.channel)
        {
            let how = Loss::Unsent;
            let claim = Claim::new(Some(task), send.spot, Proof::CancelUnsafe { from, how })
                .severity(Severity::Info)
                .evidence([send.event, step.position()]);
            claims.push(claim);
        }
    }

    /// The slot has another resource from now on, or none.
    pub(in crate::insight::findings) fn forget(&mut self, socket: ResourceId) {
        self.reads.remove(&socket);
    }

    pub(in crate::insight::findings) fn gap(&mut self) {
        *self = AbandonedWork::default();
    }
}

/// Whether two places are one line of one function that is awaited from different lines.
fn is_called_elsewhere(step: &EventStep<'_>, one: LocationId, other: LocationId) -> bool {
    let tables = step.tables();
    let has_frames = tables.frame(one).is_some() && tables.frame(other).is_some();
    let line = |at| tables.location(at).map(|place| (place.file, place.line));
    one != other && has_frames && line(one) == line(other)
}

/// The claim that another task reads from a socket now, from which a task has read in vain.
fn answer_claim(step: &EventStep<'_>, socket: ResourceId, before: &ReadPlaces) -> Option<Claim> {
    let given_up = before.given_up?;
    let from = NamedResource::of(step.before, socket)?;
    let how = Loss::Answer;
    let claim = Claim::new(
        Some(before.task),
        Spot::exact(before.at),
        Proof::CancelUnsafe { from, how },
    );
    let evidence = [given_up, step.position()];
    Some(claim.severity(Severity::Info).evidence(evidence))
}
