//! JSON that is safe to show on a terminal.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Serializer, ser::Formatter};

use crate::trace::{is_plain, sanitize};

/// Writes a value on a line.
pub(super) fn write_line(value: &impl Serialize, to: &mut impl Write) -> io::Result<()> {
    write_inline(value, to)?;
    to.write_all(b"\n")
}

/// Writes a value without the end of the line.
pub(super) fn write_inline(value: &impl Serialize, to: &mut impl Write) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(to, SafeFormatter))?;
    Ok(())
}

/// Compact JSON in which every character that could command or mislead a terminal is escaped. JSON
/// itself asks this only of the characters below U+0020.
struct SafeFormatter;

impl Formatter for SafeFormatter {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        to: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if is_plain(fragment) {
            return to.write_all(fragment.as_bytes());
        }
        let mut written = 0;
        for (at, c) in fragment.char_indices() {
            if sanitize(c, "\u{fffd}") == c {
                continue;
            }
            let (before, after) = (written, at + c.len_utf8());
            to.write_all(&fragment.as_bytes()[before..at])?;
            // All these characters are below U+10000, so one escape is enough.
            write!(to, "\\u{:04x}", u32::from(c))?;
            written = after;
        }
        to.write_all(&fragment.as_bytes()[written..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_holds_no_character_that_reorders_a_line() {
        let text = "a\u{202e}b\u{9b}c\u{7f}日\n\u{2028}";
        let mut bytes = Vec::new();
        write_line(&text, &mut bytes).unwrap();
        let line = String::from_utf8(bytes).unwrap();
        assert_eq!(line, "\"a\\u202eb\\u009bc\\u007f日\\n\\u2028\"\n");
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
    }
}
