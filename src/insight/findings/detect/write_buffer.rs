//! `backpressure` of a socket: a task that writes and never waits for the peer to take the bytes.
//!
//! asyncio keeps what the peer has not taken in a buffer without a limit. A task that awaits `drain`
//! waits while the buffer is over its mark of 64 KiB. Many writes in a row that find the buffer over
//! this mark, and no wait for it in between, prove that the task does not.

use crate::insight::id_map::IdMap;
use crate::replay::EventStep;
use crate::trace::{Position, ResourceId, Wait};

use super::{
    super::{
        claim::{Claim, Claims, Spot},
        limits::Limits,
        proof::{NamedResource, Proof},
        rule::Rule,
    },
    open_poll::OpenPoll,
};

/// The mark of asyncio from which on `drain` waits.
const HIGH: u32 = 64 * 1024;

/// The most sockets that are followed.
const SOCKETS: usize = 65_536;

/// Looks for write buffers that grow while no task waits for the peer.
#[derive(Debug)]
pub(in crate::insight::findings) struct WriteBufferDetector {
    writes: u64,
    sockets: IdMap<ResourceId, WriteBuffer>,
}

/// The writes to a socket whose buffer is full.
#[derive(Clone, Copy, Debug)]
struct WriteBuffer {
    writes: u64,
    first: Position,
}

impl WriteBufferDetector {
    pub(in crate::insight::findings) fn new(limits: &Limits) -> WriteBufferDetector {
        WriteBufferDetector {
            writes: limits.count(Rule::BackPressure, "writes").max(1),
            sockets: IdMap::default(),
        }
    }

    /// Bytes were written. The value is the number of bytes that wait in the buffer.
    pub(in crate::insight::findings) fn buffered(
        &mut self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        socket: ResourceId,
        bytes: u32,
        claims: &mut Claims,
    ) {
        if bytes <= HIGH || self.sockets.len() >= SOCKETS {
            self.sockets.remove(&socket);
            return;
        }
        let buffer = self.sockets.entry(socket).or_insert(WriteBuffer {
            writes: 0,
            first: step.position(),
        });
        buffer.writes += 1;
        let Some(resource) = step.before.resource(socket) else {
            return;
        };
        if buffer.writes != self.writes {
            return;
        }
        let proof = Proof::WriteBuffer {
            stream: NamedResource::from_state(resource),
            bytes: u64::from(bytes),
            writes: buffer.writes,
        };
        let written = Spot::exact(resource.at);
        let spot = if written.is_unknown() {
            poll.spot(step).0
        } else {
            written
        };
        let claim = Claim::new(step.before.running.task(), spot, proof)
            .evidence([buffer.first, step.position()]);
        claims.push(claim);
    }

    /// A task declares a wait: for the buffer, perhaps.
    #[inline]
    pub(in crate::insight::findings) fn waits(&mut self, on: Wait) {
        if !self.sockets.is_empty()
            && let Wait::Operation(socket) = on
        {
            self.sockets.remove(&socket);
        }
    }

    pub(in crate::insight::findings) fn forget(&mut self, socket: ResourceId) {
        if !self.sockets.is_empty() {
            self.sockets.remove(&socket);
        }
    }

    pub(in crate::insight::findings) fn gap(&mut self) {
        self.sockets.clear();
    }
}
