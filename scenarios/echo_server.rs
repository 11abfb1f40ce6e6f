// A real TCP server that sends every line back, and its clients, all in one loop. Client 1 is slow.
//
// Look at PENDING: each socket that waits is a line there, and costs nothing. The sequential server
// finishes one client before it accepts the next, so all clients wait for the slow one. The
// concurrent server has a task per connection. The protocol server has one task that decides for
// all: what happens on the sockets becomes calls, as in callback-based programs.
//
// With `--listen 127.0.0.1:8888 --set clients=0` it serves outside clients: `nc localhost 8888`.

mod client;
mod protocol;

use std::{io, time::Duration};

use loopscope::{
    FutureExt, gather,
    net::{TcpListener, TcpStream},
    println,
    scenario::Args,
    sleep, spawn,
};

use client::client;
use protocol::serve_protocol;

/// Sends everything back, until the client closes the connection.
async fn echo(mut stream: TcpStream) -> io::Result<()> {
    let mut buffer = [0; 1024];
    loop {
        let length = stream.read(&mut buffer).await?;
        if length == 0 {
            return Ok(());
        }
        stream.write_all(&buffer[..length]).await?;
    }
}

/// Says why no client was accepted, and waits. The usual reason is that the process has as many
/// connections as it may have files open; when one is closed, the next client is accepted.
async fn refused(error: io::Error) {
    println!("server: cannot accept: {error}");
    sleep(Duration::from_secs(1)).await;
}

async fn serve_one_by_one(listener: TcpListener) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => report(echo(stream)).await,
            Err(error) => refused(error).await,
        }
    }
}

async fn serve_all(listener: TcpListener) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => spawn(report(echo(stream))).named("echo").detach(),
            Err(error) => refused(error).await,
        }
    }
}

async fn report(connection: impl Future<Output = io::Result<()>>) {
    if let Err(error) = connection.await {
        println!("server: {error}");
    }
}

async fn run<S>(args: Args, serve: fn(TcpListener) -> S) -> io::Result<()>
where
    S: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind(args.listen()).await?;
    let address = listener.local_addr()?;
    if args.serves_outside() {
        println!("listening on {address}");
    }
    let server = spawn(serve(listener)).named("server");
    let clients = (1..=args.count("clients"))
        .map(|id| client(id, args.count("messages"), address).task_named(&format!("client {id}")));
    let ended: io::Result<()> = gather(clients).await.into_iter().collect();
    ended?;
    if args.serves_outside() {
        server.await; // until it is stopped
    } else {
        server.cancel().await;
    }
    Ok(())
}

async fn sequential(args: Args) -> io::Result<()> {
    run(args, serve_one_by_one).await
}

async fn concurrent(args: Args) -> io::Result<()> {
    run(args, serve_all).await
}

async fn protocol(args: Args) -> io::Result<()> {
    run(args, serve_protocol).await
}

loopscope::scenario! {
    name: "echo_server",
    title: "A TCP server and its clients, in one loop",
    parts: ["client.rs", "protocol.rs"],
    listens: true,
    twin: true,
    pairs: true,
    variants: [
        sequential(args: args) sockets "one client after the other",
        concurrent(args: args) sockets "a task per connection",
        protocol(args: args) sockets "one task that turns events into calls",
    ],
    params: [
        Param::count("clients", "3", 0, 1000, "how many built-in clients; 0: only outside clients"),
        Param::count("messages", "2", 0, 1000, "how many lines each of them sends"),
    ],
}
