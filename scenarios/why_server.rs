// A server that doubts everything, and three clients, one after the other. Look at what a
// connection costs the loop: the client's connect, the server's accept and a read on either side.
// Between them both wait in PENDING, and nothing runs.
//
// It listens on ::1, the IPv6 loopback address, or on 127.0.0.1 where there is no IPv6. With
// `--listen 127.0.0.1:8888` it serves outside clients: `nc localhost 8888`.

use std::{io, net::SocketAddr};

use loopscope::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
    println,
    scenario::Args,
    spawn,
};

const MESSAGES: [&str; 3] = ["Hello!", "It is me.", "Goodbye!"];

async fn doubt(mut stream: TcpStream) -> io::Result<()> {
    let mut buffer = [0; 1024];
    let length = stream.read(&mut buffer).await?;
    let message = String::from_utf8_lossy(&buffer[..length]);
    let answer = format!("Why '{}'?", message.trim_end());
    stream.write_all(answer.as_bytes()).await
}

async fn serve(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        if let Err(error) = doubt(stream).await {
            println!("server: {error}"); // the next client is not affected
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
        return server.await; // until it is stopped
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
