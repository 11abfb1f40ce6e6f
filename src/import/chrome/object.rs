//! An object of a Chrome trace, with the members that the reader uses.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use crate::import::scalar::{Scalar, ScalarVisitor};

/// The members that are kept. `Name` and `Message` also occur in `args`, `Local` and `Global` in `id2`.
#[derive(Clone, Copy, Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
pub(super) enum ChromeMember {
    Ph,
    Ts,
    Dur,
    Pid,
    Tid,
    Id,
    Id2,
    Name,
    Args,
    Message,
    Local,
    Global,
    #[serde(rename = ".file")]
    File,
    #[serde(rename = ".line")]
    Line,
    #[serde(other)]
    Other,
}

const KEPT: usize = ChromeMember::Other as usize;

/// A value of a member.
pub(super) enum ChromeValue {
    Scalar(Scalar),
    Object(Box<ChromeObject>),
}

/// An event, or an object in one.
pub(super) struct ChromeObject {
    values: [ChromeValue; KEPT],
}

impl ChromeObject {
    pub(super) fn has(&self, member: ChromeMember) -> bool {
        !matches!(
            self.values[member as usize],
            ChromeValue::Scalar(Scalar::Nothing)
        )
    }

    /// The value of a member that is no object; [`Scalar::Nothing`] if it is missing.
    pub(super) fn scalar(&self, member: ChromeMember) -> &Scalar {
        match &self.values[member as usize] {
            ChromeValue::Scalar(scalar) => scalar,
            ChromeValue::Object(_) => &Scalar::Nothing,
        }
    }

    pub(super) fn text(&self, member: ChromeMember) -> Option<&str> {
        self.scalar(member).text()
    }

    pub(super) fn object(&self, member: ChromeMember) -> Option<&ChromeObject> {
        match &self.values[member as usize] {
            ChromeValue::Scalar(_) => None,
            ChromeValue::Object(object) => Some(object),
        }
    }
}

impl<'de> Deserialize<'de> for ChromeValue {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<ChromeValue, D::Error> {
        from.deserialize_any(ChromeValueVisitor)
    }
}

struct ChromeValueVisitor;

/// Of a scalar, what [`ScalarVisitor`] makes of it.
fn scalar<E>(value: Result<Scalar, E>) -> Result<ChromeValue, E> {
    value.map(ChromeValue::Scalar)
}

impl<'de> Visitor<'de> for ChromeValueVisitor {
    type Value = ChromeValue;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<ChromeValue, E> {
        scalar(ScalarVisitor.visit_bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<ChromeValue, E> {
        scalar(ScalarVisitor.visit_i64(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<ChromeValue, E> {
        scalar(ScalarVisitor.visit_u64(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<ChromeValue, E> {
        scalar(ScalarVisitor.visit_f64(value))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<ChromeValue, E> {
        scalar(ScalarVisitor.visit_str(text))
    }

    fn visit_unit<E: Error>(self) -> Result<ChromeValue, E> {
        scalar(ScalarVisitor.visit_unit())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<ChromeValue, A::Error> {
        scalar(ScalarVisitor.visit_seq(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<ChromeValue, A::Error> {
        let values = std::array::from_fn(|_| ChromeValue::Scalar(Scalar::Nothing));
        let mut found = Box::new(ChromeObject { values });
        while let Some(member) = object.next_key::<ChromeMember>()? {
            match found.values.get_mut(member as usize) {
                Some(value) => *value = object.next_value()?,
                None => drop(object.next_value::<IgnoredAny>()?),
            }
        }
        Ok(ChromeValue::Object(found))
    }
}
