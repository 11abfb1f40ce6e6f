//! Programs that were not written for this loop: the servers of `examples/` with a thousand clients
//! each, and crates that smol programs use. The recordings are compared with what the programs did.

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
