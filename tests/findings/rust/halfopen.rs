//! A reader that takes the end of its stream for an empty read.

use loopscope::{
    net::{TcpListener, TcpStream},
    println, sleep, spawn,
};

use super::ms;

async fn connected() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let accepted = spawn(async move { listener.accept().await.expect("a client").0 });
    let client = TcpStream::connect(address).await.expect("a server");
    (client, accepted.await)
}

pub(crate) async fn wrong() {
    let (mut client, server) = connected().await;
    let hello = spawn(async move {
        let mut server = server;
        let _ = server.write_all(b"hello").await;
    });
    let mut buffer = [0; 16];
    for _ in 0..40 {
        let count = client.read(&mut buffer).await.unwrap_or(0); // WRONG: halfopen
        println!("{count} bytes");
        sleep(ms(2)).await;
    }
    hello.await;
}

/// The end of the stream ends the loop.
pub(crate) async fn right() {
    let (mut client, server) = connected().await;
    let hello = spawn(async move {
        let mut server = server;
        for _ in 0..20 {
            let _ = server.write_all(b"hello").await;
            sleep(ms(2)).await;
        }
    });
    let mut buffer = [0; 16];
    while let Ok(count) = client.read(&mut buffer).await {
        if count == 0 {
            break;
        }
        println!("{count} bytes");
    }
    hello.await;
}
