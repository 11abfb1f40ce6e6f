// Finds Unicode characters by words of their names, over the whole of Unicode. Look at a query: looking through
// more than a hundred thousand names is work, not waiting, so a thread of the pool does it, and the loop serves
// other clients meanwhile.
//
// The prompt variant talks lines: `--listen 127.0.0.1:2323`, then `nc localhost 2323`. The http variant talks to
// browsers: `--listen 127.0.0.1:8000`, then http://127.0.0.1:8000/.

mod client;
mod http;
mod names;
mod prompt;

use std::{io, net::SocketAddr};

use loopscope::{
    net::{TcpListener, TcpStream},
    println,
    scenario::Args,
    spawn,
};

use http::http;
use prompt::prompt;

async fn serve<C>(listener: TcpListener, client: fn(TcpStream) -> C) -> io::Result<()>
where
    C: Future<Output = io::Result<()>> + 'static,
{
    loop {
        let (stream, peer) = listener.accept().await?;
        let talk = client(stream);
        spawn(async move {
            if let Err(error) = talk.await {
                println!("{peer}: {error}");
            }
        })
        .named("client")
        .detach();
    }
}

/// Serves the world outside, or one built-in client.
async fn run<C, B>(
    args: Args,
    client: fn(TcpStream) -> C,
    built_in: fn(SocketAddr) -> B,
) -> io::Result<()>
where
    C: Future<Output = io::Result<()>> + 'static,
    B: Future<Output = io::Result<()>>,
{
    let listener = TcpListener::bind(args.listen()).await?;
    let address = listener.local_addr()?;
    let server = spawn(serve(listener, client)).named("server");
    if args.serves_outside() {
        println!("listening on {address}");
        return server.await; // until somebody stops it
    }
    built_in(address).await
}

loopscope::scenario! {
    name: "finder_server",
    title: "Unicode characters by words of their names",
    parts: ["client.rs", "http.rs", "names.rs", "prompt.rs"],
    listens: true,
    twin: true,
    variants: [
        prompt(args: args) real "over a line of text",
        http(args: args) real "over HTTP, as JSON",
    ],
    params: [],
}
