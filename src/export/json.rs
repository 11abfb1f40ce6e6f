//! One JSON object, written as it comes.

use std::fmt::Write;

/// The text of an object whose members are put down one by one.
#[derive(Debug, Default)]
pub(super) struct JsonObject {
    text: String,
}

impl JsonObject {
    /// Begins anew, with no members.
    pub(super) fn begin(&mut self) -> &mut JsonObject {
        self.text.clear();
        self.text.push('{');
        self
    }

    /// The finished object.
    pub(super) fn end(&mut self) -> &str {
        self.text.push('}');
        &self.text
    }

    fn key(&mut self, key: &str) {
        if !self.text.ends_with('{') {
            self.text.push(',');
        }
        let _ = write!(self.text, "\"{key}\":");
    }

    pub(super) fn number(&mut self, key: &str, value: impl Into<u64>) -> &mut JsonObject {
        self.key(key);
        let _ = write!(self.text, "{}", value.into());
        self
    }

    pub(super) fn text(&mut self, key: &str, value: &str) -> &mut JsonObject {
        self.key(key);
        quote(&mut self.text, value);
        self
    }

    pub(super) fn truth(&mut self, key: &str) -> &mut JsonObject {
        self.key(key);
        self.text.push_str("true");
        self
    }

    /// A member that is JSON already.
    pub(super) fn raw(&mut self, key: &str, value: &str) -> &mut JsonObject {
        self.key(key);
        self.text.push_str(value);
        self
    }

    /// Nanoseconds as microseconds with their fraction.
    pub(super) fn micros(&mut self, key: &str, nanoseconds: u64) -> &mut JsonObject {
        self.key(key);
        let (whole, rest) = (nanoseconds / 1000, nanoseconds % 1000);
        let _ = match rest {
            0 => write!(self.text, "{whole}"),
            rest => write!(self.text, "{whole}.{rest:03}"),
        };
        self
    }
}

/// A text in quotation marks, with whatever JSON wants escaped.
pub(super) fn quote(to: &mut String, text: &str) {
    to.push('"');
    for c in text.chars() {
        let _ = match c {
            '"' => to.write_str("\\\""),
            '\\' => to.write_str("\\\\"),
            '\n' => to.write_str("\\n"),
            '\t' => to.write_str("\\t"),
            c if c < ' ' => write!(to, "\\u{:04x}", u32::from(c)),
            c => to.write_char(c),
        };
    }
    to.push('"');
}

/// A text as JSON.
pub(super) fn quoted(text: &str) -> String {
    let mut to = String::new();
    quote(&mut to, text);
    to
}
