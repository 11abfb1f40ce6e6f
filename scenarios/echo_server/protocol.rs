//! The echo server with callbacks: no function waits per connection. Instead, one object is called
//! with each event. Look at `server`: it calls the protocol, one event after the other.

use std::io;

use loopscope::{
    channel,
    net::{TcpListener, TcpStream},
    println, spawn,
};

/// The events of a connection, as callbacks.
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

pub(super) async fn serve_protocol(listener: TcpListener) -> io::Result<()> {
    let (sender, events) = channel::named("events", 0);
    let accepting = spawn(accept(listener, sender)).named("accept");
    let mut protocol = Protocol { open: Vec::new() };
    while let Ok(event) = events.recv().await {
        match event {
            Event::ConnectionMade(id, stream) => protocol.connection_made(id, stream),
            Event::DataReceived(id, data) => {
                // A broken connection does not affect the others.
                if let Err(error) = protocol.data_received(id, &data).await {
                    println!("server: {error}");
                }
            }
            Event::ConnectionLost(id) => protocol.connection_lost(id),
        }
    }
    accepting.await
}
