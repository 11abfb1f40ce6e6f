//! The echo server with callbacks: one object is called with each event of every connection. Look at
//! `server`: it calls the protocol, one event after the other, and never waits for a client.
//!
//! The transport of a connection, `watch`, reads again only when the answer is sent. A client that
//! does not read its answers is therefore not read from either: it waits alone, and costs one buffer.

use loopscope::{
    channel,
    net::{TcpListener, TcpStream},
    println, spawn,
};

use super::refused;

/// How many events wait for the protocol before the transports wait too.
const EVENTS: usize = 100;

/// Where the protocol writes to a connection.
type Transport = channel::Sender<Vec<u8>>;

/// The events of a connection, as callbacks.
enum Event {
    ConnectionMade(usize, Transport),
    DataReceived(usize, Vec<u8>),
    ConnectionLost(usize),
}

struct Protocol {
    open: Vec<(usize, Transport)>,
}

impl Protocol {
    fn connection_made(&mut self, id: usize, transport: Transport) {
        println!("server: connection {id} made");
        self.open.push((id, transport));
    }

    fn data_received(&mut self, id: usize, data: Vec<u8>) {
        if let Some((_, transport)) = self.open.iter().find(|(open, _)| *open == id) {
            let _ = transport.try_send(data); // it has sent all before it reads
        }
    }

    fn connection_lost(&mut self, id: usize) {
        println!("server: connection {id} lost");
        self.open.retain(|(open, _)| *open != id);
    }
}

/// Turns a socket into events, and sends what the protocol writes.
async fn watch(
    id: usize,
    mut stream: TcpStream,
    events: channel::Sender<Event>,
    written: channel::Receiver<Vec<u8>>,
) {
    let mut buffer = [0; 1024];
    while let Ok(length @ 1..) = stream.read(&mut buffer).await {
        let data = buffer[..length].to_vec();
        let _ = events.send(Event::DataReceived(id, data)).await;
        match written.recv().await {
            Ok(data) if stream.write_all(&data).await.is_ok() => {}
            _ => break, // the connection is broken, or the server ends
        }
    }
    let _ = events.send(Event::ConnectionLost(id)).await;
}

async fn accept(listener: TcpListener, events: channel::Sender<Event>) {
    let mut made = 0;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                made += 1;
                let (transport, written) = channel::named(&format!("to {made}"), 1);
                let _ = events.send(Event::ConnectionMade(made, transport)).await;
                spawn(watch(made, stream, events.clone(), written))
                    .named(&format!("watch {made}"))
                    .detach();
            }
            Err(error) => refused(error).await,
        }
    }
}

pub(super) async fn serve_protocol(listener: TcpListener) {
    let (sender, events) = channel::named("events", EVENTS);
    let _accepting = spawn(accept(listener, sender)).named("accept");
    let mut protocol = Protocol { open: Vec::new() };
    while let Ok(event) = events.recv().await {
        match event {
            Event::ConnectionMade(id, transport) => protocol.connection_made(id, transport),
            Event::DataReceived(id, data) => protocol.data_received(id, data),
            Event::ConnectionLost(id) => protocol.connection_lost(id),
        }
    }
}
