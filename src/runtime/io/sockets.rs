//! Methods that the sockets of [`net`](super::net) and those in an [`Async`](super::Async) share:
//! smol's, recorded. Macros generate them, because smol's types have no common trait for them. Only
//! the types and addresses differ.

/// Sending and receiving, for a [`Traced`](super::traced::Traced) socket whose packets come from an
/// `$address`.
macro_rules! packets {
    ($inner:ty, $address:ty, $($to:tt)+) => {
        impl Traced<$inner> {
            /// Waits for a packet, and returns its length and its sender.
            #[track_caller]
            pub fn recv_from<'a>(
                &'a self,
                buffer: &'a mut [u8],
            ) -> impl Future<Output = io::Result<(usize, $address)>> + 'a {
                let made = Location::caller();
                Located::new(async move {
                    let receiving = self.inner.recv_from(&mut *buffer);
                    let receiving = self.io.operation(OperationKind::Read, receiving, made);
                    let (count, sender) = receiving.await?;
                    self.io.moved(OperationKind::Read, count, &buffer[..count]);
                    Ok((count, sender))
                })
            }

            /// Waits for a packet from the address that the socket is connected to.
            #[track_caller]
            pub fn recv<'a>(
                &'a self,
                buffer: &'a mut [u8],
            ) -> impl Future<Output = io::Result<usize>> + 'a {
                let made = Location::caller();
                Located::new(async move {
                    let receiving = self.inner.recv(&mut *buffer);
                    let receiving = self.io.operation(OperationKind::Read, receiving, made);
                    let count = receiving.await?;
                    self.io.moved(OperationKind::Read, count, &buffer[..count]);
                    Ok(count)
                })
            }

            /// Sends a packet to an address.
            #[track_caller]
            pub fn send_to<'a, A: $($to)+ + 'a>(
                &'a self,
                bytes: &'a [u8],
                address: A,
            ) -> impl Future<Output = io::Result<usize>> + 'a {
                let (sending, made) = (self.inner.send_to(bytes, address), Location::caller());
                Located::new(self.io.sent(sending, made, bytes))
            }

            /// Sends a packet to the address that the socket is connected to.
            #[track_caller]
            pub fn send<'a>(
                &'a self,
                bytes: &'a [u8],
            ) -> impl Future<Output = io::Result<usize>> + 'a {
                let (sending, made) = (self.inner.send(bytes), Location::caller());
                Located::new(self.io.sent(sending, made, bytes))
            }
        }
    };
}

/// Reading a packet without removing it from the socket, which UDP sockets offer in addition.
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
                Located::new(self.io.operation(OperationKind::Read, peeking, made))
            }

            /// Waits for a packet from the address that the socket is connected to, and leaves it
            /// in the socket.
            #[track_caller]
            pub fn peek<'a>(
                &'a self,
                buffer: &'a mut [u8],
            ) -> impl Future<Output = io::Result<usize>> + 'a {
                let (peeking, made) = (self.inner.peek(buffer), Location::caller());
                Located::new(self.io.operation(OperationKind::Read, peeking, made))
            }
        }
    };
}

/// Making, accepting and connecting Unix sockets. `$address` is the type of their addresses.
macro_rules! unix_sockets {
    ($listener:ty, $stream:ty, $datagram:ty, $address:ty) => {
        impl Traced<$listener> {
            /// Listens at a path.
            #[track_caller]
            pub fn bind<P: AsRef<Path>>(path: P) -> io::Result<Self> {
                let made = Location::caller();
                Ok(Self::wrap(<$listener>::bind(path)?, made))
            }

            /// Waits for a connection.
            #[track_caller]
            pub fn accept(
                &self,
            ) -> impl Future<Output = io::Result<(Traced<$stream>, $address)>> + '_ {
                self.accepted(self.inner.accept(), Location::caller())
            }
        }

        impl Traced<$stream> {
            /// Connects to a path.
            #[track_caller]
            pub fn connect<P: AsRef<Path>>(path: P) -> impl Future<Output = io::Result<Self>> {
                Self::connected(<$stream>::connect(path))
            }

            /// Two sockets that are connected with each other.
            #[track_caller]
            pub fn pair() -> io::Result<(Self, Self)> {
                let made = Location::caller();
                let (one, other) = <$stream>::pair()?;
                Ok((Self::wrap(one, made), Self::wrap(other, made)))
            }
        }

        packets!($datagram, $address, AsRef<Path>);

        impl Traced<$datagram> {
            /// Binds a socket to a path.
            #[track_caller]
            pub fn bind<P: AsRef<Path>>(path: P) -> io::Result<Self> {
                let made = Location::caller();
                Ok(Self::wrap(<$datagram>::bind(path)?, made))
            }

            /// A socket without an address.
            #[track_caller]
            pub fn unbound() -> io::Result<Self> {
                let made = Location::caller();
                Ok(Self::wrap(<$datagram>::unbound()?, made))
            }

            /// Two sockets that are connected with each other.
            #[track_caller]
            pub fn pair() -> io::Result<(Self, Self)> {
                let made = Location::caller();
                let (one, other) = <$datagram>::pair()?;
                Ok((Self::wrap(one, made), Self::wrap(other, made)))
            }
        }
    };
}

pub(super) use {packets, peeks, unix_sockets};
