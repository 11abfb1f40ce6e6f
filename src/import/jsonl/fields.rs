//! The members of a line, with words for people about what is wrong with them.

use std::str::FromStr;

use serde_json::{Map, Value};

use crate::trace::UnknownName;

/// The object of a line.
pub(super) struct Fields<'a>(pub(super) &'a Map<String, Value>);

/// A number or a name that stands behind a word: the 3 of `{"task": 3}`.
pub(super) struct Operand<'a>(&'a str, &'a Value);

impl<'a> Fields<'a> {
    fn get(&self, key: &str) -> Option<&'a Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    fn wanted(&self, key: &str) -> Result<&'a Value, String> {
        self.get(key).ok_or_else(|| format!("{key:?} is missing"))
    }

    pub(super) fn number(&self, key: &'a str) -> Result<u64, String> {
        Operand(key, self.wanted(key)?).number()
    }

    pub(super) fn small(&self, key: &'a str) -> Result<u32, String> {
        Operand(key, self.wanted(key)?).small()
    }

    pub(super) fn optional_number(&self, key: &'a str) -> Result<Option<u64>, String> {
        let value = self.get(key);
        value.map(|value| Operand(key, value).number()).transpose()
    }

    pub(super) fn optional_small(&self, key: &'a str) -> Result<Option<u32>, String> {
        let value = self.get(key);
        value.map(|value| Operand(key, value).small()).transpose()
    }

    pub(super) fn text(&self, key: &'a str) -> Result<&'a str, String> {
        Operand(key, self.wanted(key)?).text()
    }

    /// A text; empty if it is not there.
    pub(super) fn optional_text(&self, key: &'a str) -> Result<&'a str, String> {
        self.get(key)
            .map_or(Ok(""), |value| Operand(key, value).text())
    }

    /// A truth; false if it is not there.
    pub(super) fn flag(&self, key: &str) -> Result<bool, String> {
        let value = self.get(key).map(Value::as_bool);
        let value = value.unwrap_or(Some(false));
        value.ok_or_else(|| format!("{key:?} is neither true nor false"))
    }

    /// One of a list of words.
    pub(super) fn word<T: FromStr<Err = UnknownName>>(&self, key: &'a str) -> Result<T, String> {
        let text = self.text(key)?;
        text.parse().map_err(|unknown: UnknownName| {
            let expected = unknown.expected.join(", ");
            format!("{key:?} is {text:?}; it may be {expected}")
        })
    }

    /// The same, where it may be left out.
    pub(super) fn word_or<T: FromStr<Err = UnknownName>>(
        &self,
        key: &'a str,
    ) -> Result<Option<T>, String> {
        let there = self.get(key).is_some();
        there.then(|| self.word(key)).transpose()
    }

    /// A word (`"io"`), or a word with what belongs to it (`{"task": 3}`).
    pub(super) fn choice(&self, key: &'a str) -> Result<Option<(&'a str, Operand<'a>)>, String> {
        let wrong = || format!("{key:?} is neither a word nor an object with one member");
        match self.get(key) {
            None => Ok(None),
            Some(value @ Value::String(word)) => Ok(Some((word, Operand(key, value)))),
            Some(Value::Object(object)) if object.len() == 1 => {
                let member = object.iter().next();
                let member = member.map(|(word, value)| (word.as_str(), Operand(word, value)));
                Ok(Some(member.ok_or_else(wrong)?))
            }
            Some(_) => Err(wrong()),
        }
    }

    /// The members of an object of texts; none if it is not there.
    pub(super) fn pairs(&self, key: &'a str) -> Result<Vec<(String, String)>, String> {
        let Some(value) = self.get(key) else {
            return Ok(Vec::new());
        };
        let object = value
            .as_object()
            .ok_or_else(|| format!("{key:?} is no object"))?;
        let pair = |(name, value): (&String, &Value)| {
            let text = value.as_str();
            let text = text.ok_or_else(|| format!("{name:?} in {key:?} is no text"))?;
            Ok((name.clone(), text.to_owned()))
        };
        object.iter().map(pair).collect()
    }

    /// The words of a list; none if it is not there.
    pub(super) fn list(&self, key: &str) -> Result<Vec<&'a str>, String> {
        let Some(value) = self.get(key) else {
            return Ok(Vec::new());
        };
        let words = value.as_array().into_iter().flatten().map(Value::as_str);
        let words: Option<Vec<&str>> = words.collect();
        words
            .filter(|_| value.is_array())
            .ok_or_else(|| format!("{key:?} is no list of words"))
    }
}

impl<'a> Operand<'a> {
    pub(super) fn number(&self) -> Result<u64, String> {
        let number = self.1.as_u64();
        number.ok_or_else(|| format!("{:?} is no whole number from 0 on", self.0))
    }

    pub(super) fn small(&self) -> Result<u32, String> {
        let small = u32::try_from(self.number()?);
        small.map_err(|_| format!("{:?} is above 4294967295", self.0))
    }

    pub(super) fn text(&self) -> Result<&'a str, String> {
        let text = self.1.as_str();
        text.ok_or_else(|| format!("{:?} is no text", self.0))
    }
}

/// `FILE:LINE:COLUMN` or `FILE:LINE`, taken apart; the column is 0 where it is not known.
pub(super) fn place(text: &str) -> Option<(&str, u32, u32)> {
    let (rest, last) = text.rsplit_once(':')?;
    let last: u32 = last.parse().ok()?;
    if let Some((file, line)) = rest.rsplit_once(':')
        && let Ok(line) = line.parse()
    {
        return Some((file, line, last));
    }
    Some((rest, last, 0))
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn a_place_is_taken_apart_from_its_end() {
        assert_eq!(place("a.py:12:5"), Some(("a.py", 12, 5)));
        assert_eq!(place("a.py:12"), Some(("a.py", 12, 0)));
        assert_eq!(place("C:\\a.py:12:5"), Some(("C:\\a.py", 12, 5)));
        assert_eq!(place("a.py"), None);
        assert_eq!(place("a:b"), None);
    }
}
