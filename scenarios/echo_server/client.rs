//! The built-in clients.

use std::{io, net::SocketAddr, time::Duration};

use loopscope::{net::TcpStream, println, sleep};

/// Sends lines and prints the echo. The first client waits two seconds between its lines.
pub(super) async fn client(id: u32, messages: u32, address: SocketAddr) -> io::Result<()> {
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
