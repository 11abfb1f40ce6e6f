//! The messages of Perfetto's format, in the wire format of protocol buffers.
//!
//! Messages and fields are from `protos/perfetto/trace` in Perfetto's repository
//! (`trace_packet.proto`, `track_event/track_event.proto`, `track_event/track_descriptor.proto`,
//! `track_event/counter_descriptor.proto`, `track_event/process_descriptor.proto`,
//! `track_event/debug_annotation.proto`, `interned_data/interned_data.proto`):
//!
//! | message | fields |
//! |---|---|
//! | `Trace` | 1 packet |
//! | `TracePacket` | 8 timestamp (ns), 10 trusted\_packet\_sequence\_id, 11 track\_event, 12 interned\_data, 13 sequence\_flags, 60 track\_descriptor |
//! | `TrackDescriptor` | 1 uuid, 2 name, 3 process, 5 parent\_uuid, 8 counter |
//! | `ProcessDescriptor` | 1 pid, 6 process\_name |
//! | `TrackEvent` | 4 debug\_annotations, 9 type (1 begin, 2 end, 3 instant, 4 counter), 10 name\_iid, 11 track\_uuid, 23 name, 30 counter\_value, 47 flow\_ids, 48 terminating\_flow\_ids (both fixed64) |
//! | `InternedData` | 2 event\_names, 3 debug\_annotation\_names |
//! | `EventName`, `DebugAnnotationName` | 1 iid, 2 name |
//! | `DebugAnnotation` | 1 name\_iid, 6 string\_value |
//!
//! The wire format is described at protobuf.dev, "Encoding". A field is a varint of
//! `number << 3 | type`, then its value: type 0 is a varint, type 1 eight bytes, and type 2 a length
//! and that many bytes. A message inside of another has type 2, so its length has to be written
//! before its content is known.

use crate::trace::{Moment, varint};

/// The numbers of the tracks that are not tasks; the tasks follow.
pub(super) const PROCESS: u64 = 1;
pub(super) const LOOP: u64 = 2;
pub(super) const READY: u64 = 3;
pub(super) const TIMERS: u64 = 4;
pub(super) const PENDING: u64 = 5;
pub(super) const FIRST_TASK: u64 = 16;

/// The numbers of the names that are defined first.
pub(super) const WAKE: u64 = 1;
pub(super) const SPAWN: u64 = 2;
pub(super) const TICK: u64 = 3;
pub(super) const CALLBACK: u64 = 4;
pub(super) const FIRST_NAME: u64 = 16;

/// The numbers of the names of annotations.
pub(super) const AWAIT: u64 = 1;
pub(super) const OUTCOME: u64 = 2;
pub(super) const BY: u64 = 3;

/// The types of an event.
pub(super) const BEGIN: u32 = 1;
pub(super) const END: u32 = 2;
pub(super) const INSTANT: u32 = 3;
pub(super) const COUNTER: u32 = 4;

/// Writes a packet. All packets are of one sequence.
pub(super) fn packet(trace: &mut ProtoMessage, write: impl FnOnce(&mut ProtoMessage)) {
    trace.message(1, |packet| {
        packet.number(10, 1_u32);
        write(packet);
    });
}

/// Writes a packet with an event.
pub(super) fn event(trace: &mut ProtoMessage, at: Moment, write: impl FnOnce(&mut ProtoMessage)) {
    packet(trace, |packet| {
        packet.number(8, at.0).number(13, 2_u32).message(11, write);
    });
}

/// Adds a text that Perfetto shows beside the event.
pub(super) fn note(event: &mut ProtoMessage, name: u64, text: &str) {
    event.message(4, |note| {
        note.number(1, name).text(6, text);
    });
}

/// A message that is being written.
#[derive(Debug, Default)]
pub(super) struct ProtoMessage {
    pub(super) bytes: Vec<u8>,
}

impl ProtoMessage {
    /// A whole number.
    pub(super) fn number(&mut self, field: u32, value: impl Into<u64>) -> &mut ProtoMessage {
        varint::put(&mut self.bytes, u64::from(field) << 3);
        varint::put(&mut self.bytes, value.into());
        self
    }

    /// A number of fixed length, eight bytes.
    pub(super) fn fixed(&mut self, field: u32, value: u64) -> &mut ProtoMessage {
        varint::put(&mut self.bytes, u64::from(field) << 3 | 1);
        self.bytes.extend_from_slice(&value.to_le_bytes());
        self
    }

    /// A text.
    pub(super) fn text(&mut self, field: u32, text: &str) -> &mut ProtoMessage {
        varint::put(&mut self.bytes, u64::from(field) << 3 | 2);
        varint::put(&mut self.bytes, text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
        self
    }

    /// A message inside of this one.
    pub(super) fn message(
        &mut self,
        field: u32,
        write: impl FnOnce(&mut ProtoMessage),
    ) -> &mut ProtoMessage {
        varint::put(&mut self.bytes, u64::from(field) << 3 | 2);
        let start = self.bytes.len();
        // Most messages are shorter than 128 bytes, so that their length takes the one byte that is
        // reserved here. A longer message is moved to make room for its length.
        self.bytes.push(0);
        write(self);
        let length = self.bytes.len() - start - 1;
        if length < 0x80 {
            #[expect(clippy::cast_possible_truncation, reason = "below 128")]
            let short = length as u8;
            self.bytes[start] = short;
        } else {
            let mut prefix = Vec::new();
            varint::put(&mut prefix, length as u64);
            self.bytes.splice(start..=start, prefix);
        }
        self
    }
}
