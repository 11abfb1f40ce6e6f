//! URLs, taken apart.

use std::io;

/// A URL in parts: the host and port to connect to, the host to ask for, and the path.
pub(crate) fn parts(url: &str) -> io::Result<(String, &str, String)> {
    let wrong = |what| io::Error::other(format!("{url:?} {what}: try http://example.com/"));
    let Some(rest) = url.strip_prefix("http://") else {
        return Err(wrong("does not begin with http://"));
    };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if host.is_empty() || url.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(wrong("is no URL"));
    }
    let port = host.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
    let address = match port {
        Some(Ok(_)) => host.into(),
        _ => format!("{host}:80"),
    };
    Ok((address, host, format!("/{path}")))
}
