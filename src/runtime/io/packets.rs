//! The methods of sockets for single packets: smol's, recorded. The sockets of [`net`](super::net) and those in an
//! [`Async`](super::Async) share them; only their addresses differ.

/// Sending and receiving, for a [`Traced`](super::traced::Traced) socket whose packets come from an `$address`.
macro_rules! packets {
    ($inner:ty, $address:ty, $($to:tt)+) => {
        impl Traced<$inner> {
            /// Waits for a packet, and returns its length and its sender.
            #[track_caller]
            pub fn recv_from<'a>(
                &'a self,
                buffer: &'a mut [u8],
            ) -> impl Future<Output = io::Result<(usize, $address)>> + 'a {
                let (receiving, made) = (self.inner.recv_from(buffer), Location::caller());
                self.io
                    .transfer(OperationKind::Read, receiving, made, |(bytes, _)| *bytes)
            }

            /// Waits for a packet from the address that the socket is connected to.
            #[track_caller]
            pub fn recv<'a>(
                &'a self,
                buffer: &'a mut [u8],
            ) -> impl Future<Output = io::Result<usize>> + 'a {
                let (receiving, made) = (self.inner.recv(buffer), Location::caller());
                self.io
                    .transfer(OperationKind::Read, receiving, made, |bytes| *bytes)
            }

            /// Sends a packet to an address.
            #[track_caller]
            pub fn send_to<'a, A: $($to)+ + 'a>(
                &'a self,
                bytes: &'a [u8],
                address: A,
            ) -> impl Future<Output = io::Result<usize>> + 'a {
                let (sending, made) = (self.inner.send_to(bytes, address), Location::caller());
                self.io
                    .transfer(OperationKind::Write, sending, made, |bytes| *bytes)
            }

            /// Sends a packet to the address that the socket is connected to.
            #[track_caller]
            pub fn send<'a>(
                &'a self,
                bytes: &'a [u8],
            ) -> impl Future<Output = io::Result<usize>> + 'a {
                let (sending, made) = (self.inner.send(bytes), Location::caller());
                self.io
                    .transfer(OperationKind::Write, sending, made, |bytes| *bytes)
            }
        }
    };
}

/// Looking at a packet without taking it, which the sockets of the internet can do besides.
macro_rules! peeks {
    ($inner:ty, $address:ty) => {
        impl Traced<$inner> {
            /// Waits for a packet, returns its length and its sender, and leaves it in the socket.
            #[track_caller]
            pub fn peek_from<'a>(
                &'a self,
                buffer: &'a mut [u8],
            ) -> impl Future<Output = io::Result<(usize, $address)>> + 'a {
                let (peeking, made) = (self.inner.peek_from(buffer), Location::caller());
                self.io.operation(OperationKind::Read, peeking, made)
            }

            /// Waits for a packet from the address that the socket is connected to, and leaves it in the socket.
            #[track_caller]
            pub fn peek<'a>(
                &'a self,
                buffer: &'a mut [u8],
            ) -> impl Future<Output = io::Result<usize>> + 'a {
                let (peeking, made) = (self.inner.peek(buffer), Location::caller());
                self.io.operation(OperationKind::Read, peeking, made)
            }
        }
    };
}

pub(super) use {packets, peeks};
