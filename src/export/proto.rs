//! The wire format of protocol buffers, as much of it as is written here (protobuf.dev, "Encoding").
//!
//! A field is a varint of `number << 3 | type`, then a value: type 0 a varint, type 1 eight bytes, type 2 a length and so
//! many bytes. A message inside of another is of type 2, so its length has to be known first: it is written into a buffer
//! of its own, or behind a place that is kept free for the length.

/// A message that is being written.
#[derive(Debug, Default)]
pub(super) struct ProtoMessage {
    pub(super) bytes: Vec<u8>,
}

impl ProtoMessage {
    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the low seven bits are meant"
            )]
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        #[expect(clippy::cast_possible_truncation, reason = "below 128")]
        self.bytes.push(number as u8);
    }

    /// A whole number.
    pub(super) fn number(&mut self, field: u32, value: impl Into<u64>) -> &mut ProtoMessage {
        self.varint(u64::from(field) << 3);
        self.varint(value.into());
        self
    }

    /// A number of always eight bytes.
    pub(super) fn fixed(&mut self, field: u32, value: u64) -> &mut ProtoMessage {
        self.varint(u64::from(field) << 3 | 1);
        self.bytes.extend_from_slice(&value.to_le_bytes());
        self
    }

    /// A text.
    pub(super) fn text(&mut self, field: u32, text: &str) -> &mut ProtoMessage {
        self.varint(u64::from(field) << 3 | 2);
        self.varint(text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
        self
    }

    /// A message inside of this one.
    pub(super) fn message(
        &mut self,
        field: u32,
        write: impl FnOnce(&mut ProtoMessage),
    ) -> &mut ProtoMessage {
        self.varint(u64::from(field) << 3 | 2);
        let start = self.bytes.len();
        // Most are shorter than 128 bytes, whose length takes one byte; a longer one is moved to make room.
        self.bytes.push(0);
        write(self);
        let length = self.bytes.len() - start - 1;
        if length < 0x80 {
            #[expect(clippy::cast_possible_truncation, reason = "below 128")]
            let short = length as u8;
            self.bytes[start] = short;
        } else {
            let mut prefix = ProtoMessage::default();
            prefix.varint(length as u64);
            self.bytes.splice(start..=start, prefix.bytes);
        }
        self
    }
}
