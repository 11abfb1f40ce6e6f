// A server that doubts everything, and three clients, one after the other. Look at what a
// connection costs the loop: the client's connect, the server's accept, a task, and a read on either
// side. Between them all wait in PENDING, and nothing runs.
//
// It listens on ::1, the IPv6 loopback address, or on 127.0.0.1 where there is no IPv6. With
// `--listen 127.0.0.1:8888` it serves outside clients: `nc localhost 8888`.

use std::{io, net::SocketAddr, time::Duration};

use loopscope::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
    println,
    scenario::Args,
    sleep, spawn,
};

const MESSAGES: [&str; 3] = ["Hello!", "It is me.", "Goodbye!"];

async fn doubt(mut stream: TcpStream) -> io::Result<()> {
    let mut buffer = [0; 1024];
    let length = stream.read(&mut buffer).await?;
    let message = String::from_utf8_lossy(&buffer[..length]);
    let answer = format!("Why '{}'?", message.trim_end());
    stream.write_all(answer.as_bytes()).await
}

async fn report(connection: impl Future<Output = io::Result<()>>) {
    if let Err(error) = connection.await {
        println!("server: {error}"); // the other clients are not affected
    }
}

/// Says why no client was accepted, and waits. The usual reason is that the process has as many
/// connections as it may have files open; when one is closed, the next client is accepted.
async fn refused(error: io::Error) {
    println!("server: cannot accept: {error}");
    sleep(Duration::from_secs(1)).await;
}

/// A task for each connection: a client that sends nothing holds up no other.
async fn serve(listener: TcpListener) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => spawn(report(doubt(stream))).named("doubt").detach(),
            Err(error) => refused(error).await,
        }
    }
}

async fn ask(message: &str, address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(message.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

async fn three_messages(args: Args) -> io::Result<()> {
    let listener = if args.serves_outside() {
        TcpListener::bind(args.listen()).await?
    } else {
        match TcpListener::bind("[::1]:0").await {
            Ok(listener) => listener,
            Err(_) => TcpListener::bind("127.0.0.1:0").await?,
        }
    };
    let address = listener.local_addr()?;
    let server = spawn(serve(listener)).named("server");
    if args.serves_outside() {
        println!("listening on {address}");
        server.await; // until it is stopped
        return Ok(());
    }
    for message in MESSAGES {
        println!("sending: {message}");
        println!("answer: {}", ask(message, address).await?);
    }
    Ok(())
}

loopscope::scenario! {
    name: "why_server",
    title: "A server that doubts everything",
    listens: true,
    twin: true,
    pairs: true,
    variants: [three_messages(args: args) sockets "three clients, one after the other"],
    params: [],
}
