//! An HTTP server: hyper speaks the protocol, each connection is a task.
//!
//! `cargo run --example http_server [ADDRESS]`, then `curl http://127.0.0.1:8000/anything`.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program prints"
)]

use std::{convert::Infallible, time::Duration};

use http_body_util::Full;
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use loopscope as smol; // the one line
use smol_hyper::rt::FuturesIo;

use smol::{io, net::TcpListener};

/// Answers with a greeting and the requested path.
async fn hello(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let text = format!("Hello from {}\n", request.uri().path());
    Ok(Response::new(text.into()))
}

/// Accepts connections, for ever.
pub(crate) async fn serve(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(client) => client,
            // Such as too many open files: the next client waits until a connection is closed.
            Err(error) => {
                eprintln!("cannot accept: {error}");
                smol::Timer::after(Duration::from_secs(1)).await;
                continue;
            }
        };
        smol::spawn(async move {
            let connection =
                http1::Builder::new().serve_connection(FuturesIo::new(stream), service_fn(hello));
            if let Err(error) = connection.await {
                eprintln!("{peer}: {error}");
            }
        })
        .detach();
    }
}

#[allow(dead_code, reason = "a test takes the server without it")]
fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:8000".into());
    smol::block_on(async {
        let listener = TcpListener::bind(address).await?;
        println!("listening on http://{}", listener.local_addr()?);
        serve(listener).await
    })
}
