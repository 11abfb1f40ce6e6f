//! Streams: smol's, as they are.

pub use smol::stream::*;
