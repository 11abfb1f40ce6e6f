// Finds Unicode characters by the words of their names. Look at a query: searching more than a
// hundred thousand names is CPU work, not waiting. `unblock` therefore gives it to a thread of the
// pool, and the loop serves other clients meanwhile.
//
// The prompt variant talks in lines: `--listen 127.0.0.1:2323`, then `nc localhost 2323`. The http
// variant talks to browsers: `--listen 127.0.0.1:8000`, then http://127.0.0.1:8000/.

mod client;
mod http;
mod names;
mod prompt;

use std::{io, net::SocketAddr, time::Duration};

use loopscope::{
    net::{TcpListener, TcpStream},
    println,
    scenario::Args,
    sleep, spawn, unblock,
};

use http::http;
use prompt::prompt;

/// The characters whose names have all of these words. The search runs on a thread of the pool.
async fn find(query: String) -> Vec<(char, String)> {
    unblock(move || names::search(&query)).await
}

/// A task for each connection.
async fn serve<C>(listener: TcpListener, client: fn(TcpStream) -> C)
where
    C: Future<Output = io::Result<()>> + Send + 'static,
{
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => spawn(report(peer, client(stream)))
                .named("handler")
                .detach(),
            Err(error) => refused(error).await,
        }
    }
}

async fn report(peer: SocketAddr, talk: impl Future<Output = io::Result<()>>) {
    if let Err(error) = talk.await {
        println!("{peer}: {error}");
    }
}

/// Says why no client was accepted, and waits. The usual reason is that the process has as many
/// connections as it may have files open; when one is closed, the next client is accepted.
async fn refused(error: io::Error) {
    println!("server: cannot accept: {error}");
    sleep(Duration::from_secs(1)).await;
}

/// Serves outside clients, or one built-in client.
async fn run<C, B>(
    args: Args,
    client: fn(TcpStream) -> C,
    built_in: fn(SocketAddr) -> B,
) -> io::Result<()>
where
    C: Future<Output = io::Result<()>> + Send + 'static,
    B: Future<Output = io::Result<()>>,
{
    let listener = TcpListener::bind(args.listen()).await?;
    let address = listener.local_addr()?;
    let server = spawn(serve(listener, client)).named("server");
    if args.serves_outside() {
        println!("listening on {address}");
        server.await; // until it is stopped
        return Ok(());
    }
    built_in(address).await
}

loopscope::scenario! {
    name: "finder_server",
    title: "Unicode characters, found by words of their names",
    parts: ["client.rs", "http.rs", "names.rs", "prompt.rs"],
    listens: true,
    twin: true,
    pairs: true,
    variants: [
        prompt(args: args) sockets "over lines of text",
        http(args: args) sockets "over HTTP, as JSON",
    ],
    params: [],
}
