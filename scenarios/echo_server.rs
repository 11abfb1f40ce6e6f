// A real TCP server that sends every line back, and clients that talk to it, all in one loop. Client 1 is slow.
//
// Look at the PENDING place: every socket that waits is a line there, and costs nothing while it waits. The
// sequential server finishes one client before it accepts the next, so everybody waits for the slow one. The
// concurrent server has a task per connection. The protocol variant has none: one task turns what happens on the sockets
// into calls, as callback programs do.
//
// With `--listen 127.0.0.1:8888 --set clients=0` it serves the world outside: try `nc localhost 8888`.

use std::{io, net::SocketAddr, time::Duration};

use loopscope::{
    channel, gather,
    net::{TcpListener, TcpStream},
    println,
    scenario::Args,
    sleep, spawn,
};

/// Sends back what comes in, until the client is done.
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

async fn serve_one_by_one(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        if let Err(error) = echo(stream).await {
            println!("server: {error}");
        }
    }
}

async fn serve_all(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        spawn(report(echo(stream))).named("echo").detach();
    }
}

async fn report(connection: impl Future<Output = io::Result<()>>) {
    if let Err(error) = connection.await {
        println!("server: {error}");
    }
}

/// What can happen to a connection, in the style of callbacks.
enum Event {
    ConnectionMade(usize, TcpStream),
    DataReceived(usize, Vec<u8>),
    ConnectionLost(usize),
}

struct Protocol {
    open: Vec<(usize, TcpStream)>,
}

impl Protocol {
    fn connection_made(&mut self, id: usize, stream: TcpStream) {
        println!("server: connection {id} made");
        self.open.push((id, stream));
    }

    async fn data_received(&mut self, id: usize, data: &[u8]) -> io::Result<()> {
        match self.open.iter_mut().find(|(open, _)| *open == id) {
            Some((_, stream)) => stream.write_all(data).await,
            None => Ok(()),
        }
    }

    fn connection_lost(&mut self, id: usize) {
        println!("server: connection {id} lost");
        self.open.retain(|(open, _)| *open != id);
    }
}

/// Turns a socket into events.
async fn watch(id: usize, mut stream: TcpStream, events: channel::Sender<Event>) {
    let mut buffer = [0; 1024];
    while let Ok(length @ 1..) = stream.read(&mut buffer).await {
        if events
            .send(Event::DataReceived(id, buffer[..length].to_vec()))
            .await
            .is_err()
        {
            return;
        }
    }
    let _ = events.send(Event::ConnectionLost(id)).await;
}

async fn accept(listener: TcpListener, events: channel::Sender<Event>) -> io::Result<()> {
    for id in 1.. {
        let (stream, _) = listener.accept().await?;
        let _ = events.send(Event::ConnectionMade(id, stream.clone())).await;
        spawn(watch(id, stream, events.clone()))
            .named(&format!("watch {id}"))
            .detach();
    }
    Ok(())
}

async fn serve_protocol(listener: TcpListener) -> io::Result<()> {
    let (sender, events) = channel::named("events", 0);
    let accepting = spawn(accept(listener, sender)).named("accept");
    let mut protocol = Protocol { open: Vec::new() };
    while let Ok(event) = events.recv().await {
        match event {
            Event::ConnectionMade(id, stream) => protocol.connection_made(id, stream),
            Event::DataReceived(id, data) => {
                // One connection that breaks is no reason to fail the others.
                if let Err(error) = protocol.data_received(id, &data).await {
                    println!("server: {error}");
                }
            }
            Event::ConnectionLost(id) => protocol.connection_lost(id),
        }
    }
    accepting.await
}

/// A built-in client. The first one takes two seconds between its lines.
async fn client(id: u32, messages: u32, address: SocketAddr) -> io::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    for number in 1..=messages {
        if id == 1 && number > 1 {
            sleep(Duration::from_secs(2)).await;
        }
        let line = format!("message {number} of client {id}\n");
        stream.write_all(line.as_bytes()).await?;
        let mut answer = vec![0; line.len()];
        stream.read_exact(&mut answer).await?;
        println!(
            "client {id}: {}",
            String::from_utf8_lossy(&answer).trim_end()
        );
    }
    Ok(())
}

async fn run<S>(args: Args, serve: fn(TcpListener) -> S) -> io::Result<()>
where
    S: Future<Output = io::Result<()>> + 'static,
{
    let listener = TcpListener::bind(args.listen()).await?;
    let address = listener.local_addr()?;
    if args.serves_outside() {
        println!("listening on {address}");
    }
    let server = spawn(serve(listener)).named("server");
    let clients = (1..=args.count("clients")).map(|id| client(id, args.count("messages"), address));
    let ended: io::Result<()> = gather(clients).await.into_iter().collect();
    ended?;
    if args.serves_outside() {
        return server.await; // until somebody stops it
    }
    server.cancel().await;
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
    listens: true,
    twin: true,
    variants: [
        sequential(args: args) real "one client after the other",
        concurrent(args: args) real "a task per connection",
        protocol(args: args) real "one task that is called when something happens",
    ],
    params: [
        Param::count("clients", "3", 0, 1000, "how many built-in clients; 0: only those from outside"),
        Param::count("messages", "2", 0, 1000, "how many lines each of them sends"),
    ],
}
