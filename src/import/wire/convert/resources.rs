//! Resources: what a task waits for, and what is done to it.

use crate::trace::{Event, LocationId, ResourceEvent, ResourceId, ResourceKind, ResourceOp, Wait};

use super::{
    super::event::{ON_TASK, ON_YIELD, WireWait},
    Converter, WireError, Written,
};

impl Converter {
    pub(super) fn wait_of(&mut self, wait: WireWait) -> Result<Wait, WireError> {
        Ok(match wait.kind {
            1 => match self.names.timers.get(&wait.number) {
                Some(timer) => Wait::Timer(*timer),
                None => Wait::Unknown,
            },
            ON_TASK => Wait::Join(self.task(wait.number)?),
            3 => Wait::Send(self.resource(wait.number)?),
            4 => Wait::Receive(self.resource(wait.number)?),
            5 => Wait::Acquire(self.resource(wait.number)?),
            6 => Wait::Operation(self.resource(wait.number)?),
            7 => Wait::All(self.resource(wait.number)?),
            8 => Wait::Any(self.resource(wait.number)?),
            ON_YIELD => Wait::Yield,
            _ => Wait::Unknown,
        })
    }

    /// A resource. One that the frame announces only later, or that was announced in a gap, is
    /// written now.
    pub(super) fn resource(&mut self, number: i64) -> Result<ResourceId, WireError> {
        if let Some(resource) = self.names.resources.get(&number) {
            return Ok(*resource);
        }
        let resource = ResourceId(u32::try_from(number).unwrap_or(u32::MAX));
        self.names.resources.insert(number, resource);
        let told = self.notes.resources.get(&number).copied();
        let (kind, name, at, limit) = match told {
            Some(told) => {
                let name = self.names.text(told.name)?;
                let (kind, name) = match self.names.functions.get(&name) {
                    Some((kind, name)) if told.kind == OTHER_IO => (*kind, *name),
                    Some(_) | None => (kind_of(told.kind), name),
                };
                let limit = u32::try_from(told.limit).unwrap_or(0);
                (kind, name, self.names.place(told.place)?, limit)
            }
            None => (
                ResourceKind::Foreign,
                self.builder.name(""),
                LocationId::UNKNOWN,
                0,
            ),
        };
        self.write(&Event::Resource(ResourceEvent::Created {
            resource,
            kind,
            name,
            at,
            limit,
            at_first_use: false,
        }))?;
        for task in self.notes.members.remove(&number).unwrap_or_default() {
            let task = self.task(task)?;
            self.write(&Event::Resource(ResourceEvent::Member { resource, task }))?;
        }
        Ok(resource)
    }

    pub(super) fn member(&mut self, task: i64, group: i64) -> Written {
        // The members that a frame announces are written with their group.
        if self.names.resources.contains_key(&group) && !self.notes.members.contains_key(&group) {
            return Ok(());
        }
        let (task, resource) = (self.task(task)?, self.resource(group)?);
        self.write(&Event::Resource(ResourceEvent::Member { resource, task }))
    }

    pub(super) fn operation(
        &mut self,
        number: i64,
        operation: i64,
        value: i64,
        task: i64,
    ) -> Written {
        let resource = self.resource(number)?;
        let value = u32::try_from(value).unwrap_or(0);
        let op = match operation {
            0 => ResourceOp::Sent,
            1 => ResourceOp::Received,
            2 => ResourceOp::Acquired,
            3 => ResourceOp::Released,
            4 => ResourceOp::Set,
            5 => ResourceOp::Cleared,
            6 => ResourceOp::Wrote,
            7 => {
                let _ = self.names.resources.remove(&number);
                return self.write(&Event::Resource(ResourceEvent::Dropped { resource }));
            }
            8 => ResourceOp::Read,
            9 => ResourceOp::Failed,
            10 => ResourceOp::Started,
            11 => ResourceOp::Ran,
            12 => ResourceOp::Buffered,
            13 => {
                // The value of a write that overwrites another is the task of that one.
                let (op, value) = (ResourceOp::Stored, self.task(task)?.0);
                return self.write(&Event::Resource(ResourceEvent::Op {
                    resource,
                    op,
                    value,
                }));
            }
            14 => ResourceOp::Closed,
            _ => return Ok(()),
        };
        if task >= 0 && op == ResourceOp::Acquired {
            let task = self.task(task)?;
            self.promised
                .entry(task)
                .or_default()
                .push((resource, value));
            return Ok(());
        }
        self.write(&Event::Resource(ResourceEvent::Op {
            resource,
            op,
            value,
        }))
    }
}

/// The number of the kind that a resource has if the adapter knows only the function that waits.
const OTHER_IO: i64 = 9;

/// What a function of asyncio waits for, from its name and that of its object's class, such as
/// `StreamReader._wait_for_data`: the kind of the resource, and its name.
pub(super) fn awaited_by(name: &str) -> Option<(ResourceKind, &str)> {
    let (_, function) = name.rsplit_once('.')?;
    Some(match function {
        "_wait_for_data" => (ResourceKind::Stream, "StreamReader"),
        "_drain_helper" => (ResourceKind::Stream, "StreamWriter.drain"),
        "wait_closed" => (ResourceKind::Stream, name),
        "sock_recv"
        | "sock_recv_into"
        | "sock_recvfrom"
        | "sock_recvfrom_into"
        | "sock_sendall"
        | "sock_sendto"
        | "_sock_sendfile_native" => (ResourceKind::Stream, "socket"),
        "sock_connect" | "_create_connection_transport" => (ResourceKind::Stream, "connect"),
        "_accept_connection2" => (ResourceKind::Stream, "connection"),
        "start_tls" => (ResourceKind::Stream, "TLS handshake"),
        "create_datagram_endpoint" => (ResourceKind::Stream, "datagram endpoint"),
        "sock_accept" => (ResourceKind::Listener, "socket"),
        "serve_forever" => (ResourceKind::Listener, "Server"),
        "_wait" | "_make_subprocess_transport" => (ResourceKind::Child, "process"),
        "connect_read_pipe" | "connect_write_pipe" => (ResourceKind::Io, "pipe"),
        "shutdown_default_executor" => (ResourceKind::Io, "thread pool"),
        _ => return None,
    })
}

/// The kind of a resource, by its number on the wire.
fn kind_of(number: i64) -> ResourceKind {
    match number {
        0 => ResourceKind::Channel,
        1 => ResourceKind::Lock,
        2 => ResourceKind::Semaphore,
        3 => ResourceKind::Event,
        4 => ResourceKind::Future,
        5 => ResourceKind::Group,
        6 => ResourceKind::Listener,
        7 => ResourceKind::Stream,
        8 => ResourceKind::Pool,
        9 => ResourceKind::Io,
        10 => ResourceKind::Child,
        11 => ResourceKind::Barrier,
        12 => ResourceKind::Generator,
        13 => ResourceKind::Value,
        15 => ResourceKind::Thread,
        _ => ResourceKind::Foreign,
    }
}
