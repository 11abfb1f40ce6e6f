// Two requests: connect, send, wait for the answer. Look at the waiting: almost no time is spent
// running. One after the other the waits add up; at once they take as long as the longer one. The
// net variant has a real server on the loopback address, in the same loop, whose answers take time.

mod server;

use std::{io, net::SocketAddr, time::Duration};

use loopscope::{
    FutureExt,
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
    println, sleep, spawn, try_gather,
};

use server::serve;

/// How long the server takes to answer request 1, and request 2.
const THINKING: [Duration; 2] = [Duration::from_secs(1), Duration::from_millis(500)];

async fn request(number: u8) -> String {
    sleep(Duration::from_millis(100)).await; // connecting
    sleep(Duration::from_millis(50)).await; // sending
    sleep(THINKING[usize::from(number) - 1]).await;
    format!("response {number}")
}

/// Prints both answers, and their numbers one after the other.
fn report(one: &str, two: &str) {
    println!("Response one: {one}");
    println!("Response two: {two}");
    let digits = one.chars().chain(two.chars()).filter(char::is_ascii_digit);
    println!("return_val = {}", digits.collect::<String>());
}

async fn sequential() {
    let one = request(1).await;
    let two = request(2).await;
    report(&one, &two);
}

async fn gather() {
    let task = |number| request(number).task_named(&format!("request {number}"));
    if let [one, two] = &loopscope::gather([1, 2].map(task)).await[..] {
        report(one, two);
    }
}

async fn request_over_net(number: u8, address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(number.to_string().as_bytes()).await?;
    let mut response = String::new();
    stream.read_to_string(&mut response).await?;
    Ok(response)
}

async fn net() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let _server = spawn(serve(listener)).named("server");
    let requests = [1, 2]
        .map(|number| request_over_net(number, address).task_named(&format!("request {number}")));
    if let [one, two] = &try_gather(requests).await?[..] {
        report(one, two);
    }
    Ok(())
}

loopscope::scenario! {
    name: "two_requests",
    title: "Two requests, one after the other or at once",
    parts: ["server.rs"],
    twin: true,
    pairs: true,
    variants: [
        sequential() "the second is sent when the first is answered",
        gather() "both are sent at once",
        net() sockets "at once, over real sockets",
    ],
    params: [],
}
