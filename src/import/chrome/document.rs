//! The events of the document one by one, so that it is never in memory as a whole.

use std::{fmt, io::BufRead};

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::{Map, Value};

use super::super::{ImportError, json_lines::json_error};

/// Takes an event.
pub(super) type EventSink<'a> = &'a mut dyn FnMut(&Map<String, Value>) -> Result<(), String>;

/// Hands every event to `take`. Returns the line in which the document breaks off, if it does.
pub(super) fn read(from: impl BufRead, take: EventSink<'_>) -> Result<Option<u64>, ImportError> {
    let mut document = serde_json::Deserializer::from_reader(from);
    match (ChromeDocument { take }).deserialize(&mut document) {
        Ok(()) => Ok(None),
        Err(error) if error.is_eof() => Ok(Some(error.line() as u64)),
        Err(error) if error.is_io() => Err(ImportError::Io(error.into())),
        Err(error) => Err(ImportError::Line {
            line: error.line() as u64,
            error: json_error(&error),
        }),
    }
}

/// An array of events, or an object with one.
struct ChromeDocument<'a> {
    take: EventSink<'a>,
}

impl<'de> DeserializeSeed<'de> for ChromeDocument<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ChromeDocument<'_> {
    type Value = ();

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a list of events, or an object with \"traceEvents\"")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(event) = list.next_element::<Map<String, Value>>()? {
            (self.take)(&event).map_err(A::Error::custom)?;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        while let Some(key) = object.next_key::<String>()? {
            if key == "traceEvents" {
                let take = &mut *self.take;
                object.next_value_seed(ChromeDocument { take })?;
            } else {
                object.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}
