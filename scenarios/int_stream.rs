// Bytes become numbers: the server reads a connection as a stream of integers. Look at the order of
// the output: each number is printed as soon as the space behind it has arrived, while the
// connection is still open.
//
// The client closes its half of the connection when it has sent everything, and still reads. That
// ends the stream. A number without a space behind it is incomplete and is not returned; a word
// that is not a number is reported and skipped.

mod integer;

use std::{
    io,
    net::{Shutdown, SocketAddr},
};

use loopscope::{
    io::{AsyncReadExt, BufReader},
    net::{TcpListener, TcpStream},
    println, spawn,
};

use integer::next_integer;

const MESSAGES: [&str; 3] = ["Hello!", "124 128 173 225 222 340", "2 for me, 1 for you"];

async fn count(mut stream: TcpStream) -> io::Result<()> {
    let mut words = BufReader::new(stream.clone());
    let mut count = 0;
    while let Some(integer) = next_integer(&mut words).await? {
        println!("server: {integer}");
        count += 1;
    }
    stream
        .write_all(format!("{count} integers").as_bytes())
        .await
}

async fn serve(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        if let Err(error) = count(stream).await {
            println!("server: {error}");
        }
    }
}

async fn send(message: &str, address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(message.as_bytes()).await?;
    stream.shutdown(Shutdown::Write)?; // everything is sent; reading continues
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

async fn three_messages() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let _server = spawn(serve(listener)).named("server");
    for message in MESSAGES {
        println!("client: {message}");
        println!("answer: {}", send(message, address).await?);
    }
    Ok(())
}

loopscope::scenario! {
    name: "int_stream",
    title: "A connection read as a stream of integers",
    parts: ["integer.rs"],
    twin: true,
    pairs: true,
    variants: [three_messages() sockets "three clients, one after the other"],
    params: [],
}
