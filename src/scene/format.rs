//! Durations and counts as text.

use crate::trace::{LoopTime, Span};

/// Seconds with three decimals: `1.500s`.
pub(crate) fn seconds(time: impl LoopTime) -> String {
    format!("{time}s")
}

/// A duration in at most five columns (up to eleven years), in a unit of its size: `0`, `250ms`,
/// `1.50s`, `2m05s`.
pub(crate) fn brief(span: Span) -> String {
    const MICRO: u64 = 1_000;
    const MILLI: u64 = 1_000 * MICRO;
    const SECOND: u64 = 1_000 * MILLI;
    match span.nanos() {
        0 => "0".into(),
        n if n < MICRO => format!("{n}ns"),
        n if n < MILLI => format!("{}us", n / MICRO),
        n if n < SECOND => format!("{}ms", n / MILLI),
        n if n < 10 * SECOND => format!("{}.{:02}s", n / SECOND, n % SECOND / (10 * MILLI)),
        n if n < 100 * SECOND => format!("{}.{}s", n / SECOND, n % SECOND / (100 * MILLI)),
        n if n < 600 * SECOND => format!("{}m{:02}s", n / SECOND / 60, n / SECOND % 60),
        n if n < 6000 * SECOND => format!("{}m", n / SECOND / 60),
        n => format!("{}h", n / SECOND / 3600),
    }
}

/// A duration with three digits, in at most six columns (up to eleven years): `0`, `1.25ms`, `12.5us`,
/// `250ms`.
pub(crate) fn three_digits(span: Span) -> String {
    let units = [("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000)];
    let nanos = span.nanos();
    let unit = units.iter().find(|(_, unit)| nanos / unit < 1000);
    match (nanos, unit) {
        (0, _) => "0".into(),
        (1..1_000, _) => format!("{nanos}ns"),
        (_, Some((name, unit))) => {
            let hundredths = nanos / (unit / 100);
            let (whole, part) = (hundredths / 100, hundredths % 100);
            match whole {
                0..10 => format!("{whole}.{part:02}{name}"),
                10..100 => format!("{whole}.{}{name}", part / 10),
                _ => format!("{whole}{name}"),
            }
        }
        (_, None) => brief(span),
    }
}

/// A count with its noun: `1 line`, `3 lines`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

/// A number, or `?` if it is not known.
pub(crate) fn known_or_unknown(number: Option<u64>) -> String {
    number.map_or("?".to_owned(), |number| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_the_unit_that_suits_it() {
        let cases = [
            (0, "0"),
            (999, "999ns"),
            (1_500, "1us"),
            (250_000_000, "250ms"),
            (1_500_000_000, "1.50s"),
            (125_000_000_000, "2m05s"),
            (12_340_000_000, "12.3s"),
            (7_260_000_000_000, "2h"),
        ];
        for (nanoseconds, words) in cases {
            assert_eq!(brief(Span(nanoseconds)), words);
        }
        assert_eq!(brief(Span(u64::MAX)), "5124095h");
        let cases = [
            (0, "0"),
            (999, "999ns"),
            (1_259, "1.25us"),
            (12_500_000, "12.5ms"),
            (999_999_999, "999ms"),
            (61_000_000_000, "61.0s"),
            (999_000_000_000, "999s"),
            (1_000_000_000_000, "16m"),
        ];
        for (nanoseconds, words) in cases {
            assert_eq!(three_digits(Span(nanoseconds)), words);
        }
        assert_eq!(count(1, "line"), "1 line");
        assert_eq!(seconds(Span(1_000_000_000)), "1.000s");
    }
}
