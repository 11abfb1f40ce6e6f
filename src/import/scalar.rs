//! A JSON value, as far as the readers of other programs' files use values of any type.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

/// A text or a number. Lists and objects are skipped without being kept: a tree of a hostile line
/// would take 30 times the memory of the line.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Scalar {
    /// Null, or a list, or an object.
    #[default]
    Nothing,
    Bool(bool),
    Text(String),
    /// An integer.
    Whole(i64),
    /// An integer above all [`Scalar::Whole`].
    Large(u64),
    Fraction(f64),
}

impl Scalar {
    /// The text; `None` for any other value.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Scalar::Text(text) => Some(text),
            Scalar::Nothing
            | Scalar::Bool(_)
            | Scalar::Whole(_)
            | Scalar::Large(_)
            | Scalar::Fraction(_) => None,
        }
    }

    /// The number, if it is an integer and not negative.
    pub(super) fn number(&self) -> Option<u64> {
        match *self {
            Scalar::Whole(number) => u64::try_from(number).ok(),
            Scalar::Large(number) => Some(number),
            Scalar::Nothing | Scalar::Bool(_) | Scalar::Text(_) | Scalar::Fraction(_) => None,
        }
    }
}

/// A text is quoted, so that it differs from a number with the same digits.
impl fmt::Display for Scalar {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scalar::Nothing => Ok(()),
            Scalar::Bool(value) => value.fmt(to),
            Scalar::Text(text) => write!(to, "{text:?}"),
            Scalar::Whole(number) => number.fmt(to),
            Scalar::Large(number) => number.fmt(to),
            Scalar::Fraction(number) => number.fmt(to),
        }
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Scalar, D::Error> {
        from.deserialize_any(ScalarVisitor)
    }
}

pub(super) struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Scalar, E> {
        Ok(Scalar::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Scalar, E> {
        Ok(Scalar::Whole(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Scalar, E> {
        Ok(i64::try_from(value).map_or(Scalar::Large(value), Scalar::Whole))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Scalar, E> {
        Ok(Scalar::Fraction(value))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(text.to_owned()))
    }

    fn visit_unit<E: Error>(self) -> Result<Scalar, E> {
        Ok(Scalar::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Scalar, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Nothing)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Scalar, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Nothing)
    }
}
