//! Bytes as text, for the trace.

use std::fmt::Write as _;

/// How many bytes are shown.
const SHOWN: usize = 64;

/// The first bytes as text, on one line. Control characters, backslashes and bytes that are not UTF-8
/// are escaped, and `…` at the end marks that bytes were cut.
pub(super) fn byte_text(bytes: &[u8]) -> String {
    let is_cut = bytes.len() > SHOWN;
    let mut shown = &bytes[..bytes.len().min(SHOWN)];
    // Do not cut a character in two.
    if is_cut
        && let Err(error) = str::from_utf8(shown)
        && error.error_len().is_none()
    {
        shown = &shown[..error.valid_up_to()];
    }
    let mut text = String::with_capacity(shown.len() + 8);
    for chunk in shown.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_control() || c == '\\' {
                text.extend(c.escape_default());
            } else {
                text.push(c);
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}"); // a `String` takes everything
        }
    }
    if is_cut {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::byte_text;

    #[test]
    fn bytes_are_shown_on_one_line() {
        for (bytes, text) in [
            (&b"hello\n"[..], r"hello\n"),
            (b"GET / HTTP/1.1\r\n\r\n", r"GET / HTTP/1.1\r\n\r\n"),
            (b"C:\\ \t\0", r"C:\\ \t\u{0}"),
            (b"\xff\xfe!", r"\xff\xfe!"),
            ("Grüße ☃".as_bytes(), "Grüße ☃"),
            (b"\x1b[2J", r"\u{1b}[2J"),
        ] {
            assert_eq!(byte_text(bytes), text);
        }
    }

    #[test]
    fn a_cut_is_marked_and_splits_no_character() {
        assert_eq!(byte_text(&[b'a'; 64]), "a".repeat(64));
        assert_eq!(byte_text(&[b'a'; 65]), "a".repeat(64) + "…");
        let snow = format!("{}☃ and more", "a".repeat(62));
        assert_eq!(byte_text(snow.as_bytes()), "a".repeat(62) + "…");
    }
}
