//! Programs that were not written for this loop: the servers of `examples/`, each driven by a thousand clients that know
//! nothing of it, and the crates that smol programs use, unchanged. What the recording says is held against what was done.

mod books;
mod crates;
mod programs;
mod servers;

#[path = "../../examples/chat_server.rs"]
mod chat_server;
#[path = "../../examples/http_server.rs"]
mod http_server;
#[path = "../../examples/tcp_server.rs"]
mod tcp_server;
#[path = "../../examples/websocket_server.rs"]
mod websocket_server;
