//! Which part of a file is read.

use std::{ops::Range, str::FromStr};

/// A part of the events of a file. It is read in whole chunks, so a little more than the part may be
/// read.
///
/// ```
/// use loopscope::trace::file::Part;
///
/// assert_eq!("500..900".parse(), Ok(Part::Range { from: 500, to: 900 }));
/// assert_eq!("500..".parse(), Ok(Part::Range { from: 500, to: u64::MAX }));
/// assert_eq!("last 100".parse(), Ok(Part::Last(100)));
/// assert_eq!("all".parse(), Ok(Part::All));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// All events, as far as they need no more memory than a file of its size may take.
    #[default]
    Whole,
    /// All events, however much memory they need.
    All,
    /// The events from one number up to another.
    Range {
        /// How many events precede the part.
        from: u64,
        /// How many events precede what follows the part.
        to: u64,
    },
    /// The last events, this many.
    Last(u64),
}

/// A text is not a [`Part`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a part is FROM..TO, FROM.., ..TO, \"last COUNT\" or all, such as 500000..600000")]
pub struct PartError;

impl Part {
    /// The numbers of the events, in a file of this many.
    pub(super) fn of(self, events: u64) -> Range<u64> {
        match self {
            Part::Whole | Part::All => 0..events,
            Part::Range { from, to } => from.min(events)..to.min(events),
            Part::Last(count) => events.saturating_sub(count)..events,
        }
    }
}

impl FromStr for Part {
    type Err = PartError;

    fn from_str(text: &str) -> Result<Part, PartError> {
        let text = text.trim();
        let number = |text: &str, otherwise| match text.trim() {
            "" => Ok(otherwise),
            digits => digits.parse().map_err(|_| PartError),
        };
        if text == "all" {
            return Ok(Part::All);
        }
        if let Some(count) = text.strip_prefix("last") {
            let count = count.trim().parse();
            return count.map(Part::Last).map_err(|_| PartError);
        }
        if text == ".." {
            return Ok(Part::Whole);
        }
        let (from, to) = text.split_once("..").ok_or(PartError)?;
        let (from, to) = (number(from, 0)?, number(to, u64::MAX)?);
        (from < to)
            .then_some(Part::Range { from, to })
            .ok_or(PartError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_no_part_is_refused() {
        for text in ["", "5", "9..5", "a..b", "last", "last x", "-5..", "1...2"] {
            assert_eq!(text.parse::<Part>(), Err(PartError), "{text}");
        }
    }
}
