//! Checks, at compile time, which types may cross threads. Nothing in this module is ever called.
//!
//! The futures of tasks need not be `Send`, so a task and its result never leave the thread of
//! their loop. The handles may: a [`Task`] can be dropped, cancelled and detached on any thread,
//! and the ends of a channel, the locks, the sockets and the controls of a loop work from any
//! thread.

use super::{
    Async, Executor, FallibleTask, LiveTrace, LocalExecutor, LoopControl, Shared, SharedValue,
    Sleep, Store, Task, TaskGroup, Timer, Unblock, channel, future, lock, net,
};

fn _ensure_send_and_sync() {
    fn is_send<T: Send>() {}
    fn is_send_and_sync<T: Send + Sync>() {}

    is_send::<Task<u8>>();
    is_send::<FallibleTask<u8>>();
    is_send_and_sync::<Executor<'static>>();

    is_send_and_sync::<channel::Sender<u8>>();
    is_send_and_sync::<channel::Receiver<u8>>();
    is_send_and_sync::<channel::WeakSender<u8>>();
    is_send_and_sync::<channel::WeakReceiver<u8>>();
    is_send_and_sync::<channel::Send<'static, u8>>();
    is_send_and_sync::<channel::Recv<'static, u8>>();

    is_send_and_sync::<lock::Mutex<u8>>();
    is_send_and_sync::<lock::MutexGuard<'static, u8>>();
    is_send_and_sync::<lock::MutexGuardArc<u8>>();
    is_send_and_sync::<lock::Lock<'static, u8>>();
    is_send_and_sync::<lock::Semaphore>();
    is_send_and_sync::<lock::SemaphoreGuardArc>();
    is_send_and_sync::<lock::ManualResetEvent>();

    is_send_and_sync::<net::TcpListener>();
    is_send_and_sync::<net::TcpStream>();
    is_send_and_sync::<net::UdpSocket>();
    is_send_and_sync::<net::unix::UnixListener>();
    is_send_and_sync::<net::unix::UnixStream>();
    is_send_and_sync::<net::unix::UnixDatagram>();
    is_send_and_sync::<Async<std::net::TcpStream>>();
    is_send_and_sync::<Unblock<std::fs::File>>();

    is_send_and_sync::<Sleep>();
    is_send_and_sync::<Timer>();

    is_send_and_sync::<LoopControl>();
    is_send_and_sync::<LiveTrace>();
    is_send::<Store>();
}

/// Does not compile if the type is `Send`: then two implementations fit, and the compiler cannot
/// choose.
macro_rules! ensure_not_send {
    ($($type:ty),+ $(,)?) => {
        fn _ensure_not_send() {
            trait NotSend<Case> {
                fn holds() {}
            }
            struct IsSend;
            impl<T> NotSend<()> for T {}
            impl<T: Send> NotSend<IsSend> for T {}
            $(let _ = <$type as NotSend<_>>::holds;)+
        }
    };
}

ensure_not_send!(
    LocalExecutor<'static>,
    Shared<u8>,
    SharedValue,
    TaskGroup<u8, u8>,
    future::OneShot<u8>,
    Task<std::rc::Rc<u8>>,
);
