//! Looks like `halfopen` and `handleleak`: a server that is idle between its clients.

use loopscope::{
    net::{TcpListener, TcpStream},
    sleep, spawn,
};

use super::ms;

async fn serve(mut stream: TcpStream) {
    let mut buffer = [0; 64];
    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
        if stream.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

pub(crate) async fn healthy() {
    let Ok(listener) = TcpListener::bind("127.0.0.1:0").await else {
        return;
    };
    let Ok(address) = listener.local_addr() else {
        return;
    };
    spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            spawn(serve(stream)).detach();
        }
    })
    .detach();
    for _ in 0..10 {
        let Ok(mut stream) = TcpStream::connect(address).await else {
            return;
        };
        let mut answer = [0; 5];
        let _ = stream.write_all(b"hello").await;
        let _ = stream.read_exact(&mut answer).await;
        sleep(ms(10)).await;
    }
}
