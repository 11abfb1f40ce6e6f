//! Parses URLs.

use std::io;

/// A URL in parts: the host and port to connect to, the host to ask for, and the path.
pub(crate) fn parts(url: &str) -> io::Result<(String, &str, String)> {
    let wrong = |what| io::Error::other(format!("{url:?} {what}: try http://example.com/"));
    let Some(rest) = url.strip_prefix("http://") else {
        return Err(wrong("does not begin with http://"));
    };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if url.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(wrong("is no URL"));
    }
    // The colons of an IPv6 address are in brackets.
    let port = host
        .rsplit_once(':')
        .filter(|(_, port)| !port.ends_with(']'));
    let address = match port.map(|(_, port)| port.parse::<u16>()) {
        Some(Ok(_)) => host.into(),
        Some(Err(_)) => return Err(wrong("has no port from 0 to 65535")),
        None => format!("{host}:80"),
    };
    if address.starts_with(':') {
        return Err(wrong("names no host"));
    }
    Ok((address, host, format!("/{path}")))
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn a_url_is_taken_apart_or_refused_in_one_line() {
        for (url, address, host, path) in [
            ("http://a.b", "a.b:80", "a.b", "/"),
            ("http://a.b:81/c/d?e", "a.b:81", "a.b:81", "/c/d?e"),
            ("http://[::1]/", "[::1]:80", "[::1]", "/"),
            ("http://[::1]:8/x", "[::1]:8", "[::1]:8", "/x"),
        ] {
            assert_eq!(parts(url).unwrap(), (address.into(), host, path.into()));
        }
        for (url, why) in [
            ("https://a.b", "does not begin with http://"),
            ("http://", "names no host"),
            ("http://:80/", "names no host"),
            ("http://a b/", "is no URL"),
            ("http://a\n/", "is no URL"),
            // Found by hand: it said "cannot connect to a:99999:80".
            ("http://a:99999/", "has no port from 0 to 65535"),
        ] {
            let said = parts(url).unwrap_err().to_string();
            assert!(said.contains(why) && said.lines().count() == 1, "{said}");
        }
    }
}
