//! What sockets for single packets can do: smol's methods, recorded. The types that have them wrap smol's, each in a field
//! `inner`, and have a `resource`.

/// What all of them can do, whatever their addresses are.
macro_rules! packets {
    ($socket:ty, $address:ty, $($to:tt)+) => {
        impl $socket {
            /// Waits for a packet, and says who sent it.
            #[track_caller]
            pub fn recv_from<'a>(
                &'a self,
                buffer: &'a mut [u8],
            ) -> impl Future<Output = io::Result<(usize, $address)>> + 'a {
                let (receiving, made) = (self.inner.recv_from(buffer), Location::caller());
                counted(&self.resource, receiving, made, ResourceOp::Read, |(bytes, _)| *bytes)
            }

            /// Waits for a packet from whom it is connected to.
            #[track_caller]
            pub fn recv<'a>(
                &'a self,
                buffer: &'a mut [u8],
            ) -> impl Future<Output = io::Result<usize>> + 'a {
                let (receiving, made) = (self.inner.recv(buffer), Location::caller());
                counted(&self.resource, receiving, made, ResourceOp::Read, |bytes| *bytes)
            }

            /// Sends a packet to an address.
            #[track_caller]
            pub fn send_to<'a, A: $($to)+ + 'a>(
                &'a self,
                bytes: &'a [u8],
                address: A,
            ) -> impl Future<Output = io::Result<usize>> + 'a {
                let (sending, made) = (self.inner.send_to(bytes, address), Location::caller());
                counted(&self.resource, sending, made, ResourceOp::Wrote, |bytes| *bytes)
            }

            /// Sends a packet to whom it is connected to.
            #[track_caller]
            pub fn send<'a>(
                &'a self,
                bytes: &'a [u8],
            ) -> impl Future<Output = io::Result<usize>> + 'a {
                let (sending, made) = (self.inner.send(bytes), Location::caller());
                counted(&self.resource, sending, made, ResourceOp::Wrote, |bytes| *bytes)
            }
        }
    };
}

/// What those of the internet can do besides.
macro_rules! peeks {
    ($socket:ty, $address:ty) => {
        impl $socket {
            /// Waits for a packet, says who sent it, and leaves it there.
            #[track_caller]
            pub fn peek_from<'a>(
                &'a self,
                buffer: &'a mut [u8],
            ) -> impl Future<Output = io::Result<(usize, $address)>> + 'a {
                let (peeking, made) = (self.inner.peek_from(buffer), Location::caller());
                Operation::new(&self.resource, peeking, made).to(ResourceOp::Read)
            }

            /// Waits for a packet from whom it is connected to, and leaves it there.
            #[track_caller]
            pub fn peek<'a>(
                &'a self,
                buffer: &'a mut [u8],
            ) -> impl Future<Output = io::Result<usize>> + 'a {
                let (peeking, made) = (self.inner.peek(buffer), Location::caller());
                Operation::new(&self.resource, peeking, made).to(ResourceOp::Read)
            }
        }
    };
}

pub(in crate::runtime) use {packets, peeks};
