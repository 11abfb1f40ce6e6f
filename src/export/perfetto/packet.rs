//! The messages of Perfetto's format, and the numbers that stand in them.
//!
//! Messages and fields, from `protos/perfetto/trace` in the repository of Perfetto (`trace_packet.proto`,
//! `track_event/track_event.proto`, `track_event/track_descriptor.proto`, `track_event/counter_descriptor.proto`,
//! `track_event/process_descriptor.proto`, `track_event/debug_annotation.proto`, `interned_data/interned_data.proto`):
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

use crate::trace::Moment;

use super::super::proto::ProtoMessage;

/// The numbers of the tracks that are no task's; those follow.
pub(super) const PROCESS: u64 = 1;
pub(super) const LOOP: u64 = 2;
pub(super) const READY: u64 = 3;
pub(super) const TIMERS: u64 = 4;
pub(super) const PENDING: u64 = 5;
pub(super) const FIRST_TASK: u64 = 16;

/// The numbers of the names that are defined before everything else.
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

/// A packet of the one sequence that is written.
pub(super) fn packet(trace: &mut ProtoMessage, write: impl FnOnce(&mut ProtoMessage)) {
    trace.message(1, |packet| {
        packet.number(10, 1_u32);
        write(packet);
    });
}

/// A packet with an event.
pub(super) fn event(trace: &mut ProtoMessage, at: Moment, write: impl FnOnce(&mut ProtoMessage)) {
    packet(trace, |packet| {
        packet.number(8, at.0).number(13, 2_u32).message(11, write);
    });
}

/// A text that is shown beside an event.
pub(super) fn note(event: &mut ProtoMessage, name: u64, text: &str) {
    event.message(4, |note| {
        note.number(1, name).text(6, text);
    });
}
