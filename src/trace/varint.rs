//! Varints: whole numbers in as few bytes as they need.
//!
//! A varint is LEB128, the same as in protocol buffers: seven bits a byte, the lowest first, and
//! the top bit of a byte says that another one follows. Numbers below 128 take one byte.

/// Appends a varint.
#[inline]
pub(crate) fn put(to: &mut Vec<u8>, number: u64) {
    // Nearly all numbers take one byte or two.
    if number < 0x80 {
        to.push(low_bits(number));
    } else if number < 1 << 14 {
        to.extend_from_slice(&[low_bits(number) | 0x80, low_bits(number >> 7)]);
    } else {
        put_long(to, number);
    }
}

#[inline(never)]
fn put_long(to: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        to.push(low_bits(number) | 0x80);
        number >>= 7;
    }
    to.push(low_bits(number));
}

#[inline]
fn low_bits(number: u64) -> u8 {
    number.to_le_bytes()[0] & 0x7f
}

/// Reads varints and the bytes between them. Every method returns `None` at the end of the bytes;
/// where the reader is then does not matter, because no caller reads on after that.
pub(super) struct Reader<'a> {
    pub(super) bytes: &'a [u8],
    /// How many bytes have been read.
    pub(super) at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes, at: 0 }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    #[inline]
    pub(super) fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    /// A varint that fits into 32 bits.
    #[inline]
    pub(super) fn u32(&mut self) -> Option<u32> {
        u32::try_from(self.varint()?).ok()
    }

    #[inline]
    pub(super) fn varint(&mut self) -> Option<u64> {
        // Most numbers take one byte.
        let byte = self.byte()?;
        if byte < 0x80 {
            return Some(u64::from(byte));
        }
        let mut number = u64::from(byte & 0x7f);
        for shift in (7..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    pub(super) fn slice(&mut self, length: usize) -> Option<&'a [u8]> {
        let slice = self.bytes.get(self.at..self.at.checked_add(length)?)?;
        self.at += length;
        Some(slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_varint_is_read_as_it_was_written() {
        let numbers = [
            0,
            1,
            127,
            128,
            16_383,
            16_384,
            u64::from(u32::MAX),
            u64::MAX,
        ];
        let mut bytes = Vec::new();
        for number in numbers {
            put(&mut bytes, number);
        }
        let mut reader = Reader::new(&bytes);
        for number in numbers {
            assert_eq!(reader.varint(), Some(number));
        }
        assert_eq!(reader.varint(), None);
    }
}
