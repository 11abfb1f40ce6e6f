//! TCP echo on loopback, both ends in the same loop.
//!
//! The same program on this crate's loop and sockets and on smol's.

use smol::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Connections at a time.
const CONNECTIONS: usize = 64;
/// Messages on each connection.
const ROUND_TRIPS: usize = 2_000;
/// Bytes of a message.
const SIZE: usize = 64;
/// The address of both servers: a free port.
const ADDRESS: &str = "127.0.0.1:0";

pub(crate) async fn on_ours() {
    use loopscope::{
        net::{TcpListener, TcpStream},
        spawn,
    };

    let listener = TcpListener::bind(ADDRESS).await.unwrap();
    let address = listener.local_addr().unwrap();
    let accepting = spawn(async move {
        let mut serving = Vec::new();
        for _ in 0..CONNECTIONS {
            let (stream, _) = listener.accept().await.unwrap();
            serving.push(spawn(answer(stream)));
        }
        for task in serving {
            task.await;
        }
    });
    let asking: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            spawn(async move {
                ask(TcpStream::connect(address).await.unwrap()).await;
            })
        })
        .collect();
    for task in asking {
        task.await;
    }
    accepting.await;
}

pub(crate) async fn on_smol(executor: &'static smol::LocalExecutor<'static>) {
    use smol::net::{TcpListener, TcpStream};

    let listener = TcpListener::bind(ADDRESS).await.unwrap();
    let address = listener.local_addr().unwrap();
    let accepting = executor.spawn(async move {
        let mut serving = Vec::new();
        for _ in 0..CONNECTIONS {
            let (stream, _) = listener.accept().await.unwrap();
            serving.push(executor.spawn(answer(stream)));
        }
        for task in serving {
            task.await;
        }
    });
    let asking: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            executor.spawn(async move {
                ask(TcpStream::connect(address).await.unwrap()).await;
            })
        })
        .collect();
    for task in asking {
        task.await;
    }
    accepting.await;
}

/// The server's end of a connection.
async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let mut message = [0; SIZE];
    for _ in 0..ROUND_TRIPS {
        stream.read_exact(&mut message).await.unwrap();
        stream.write_all(&message).await.unwrap();
    }
}

/// The client's end.
async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let mut message = [7; SIZE];
    for _ in 0..ROUND_TRIPS {
        stream.write_all(&message).await.unwrap();
        stream.read_exact(&mut message).await.unwrap();
    }
}
