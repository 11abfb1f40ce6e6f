//! Parses the values of arguments.

/// Parses a size such as `64M`; at least 1 MiB.
pub(super) fn size(text: &str) -> Result<usize, String> {
    let upper = text.trim().to_ascii_uppercase();
    let number = upper.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match upper.strip_prefix(number) {
        Some("" | "B") => 1,
        Some("K" | "KB" | "KIB") => 1 << 10,
        Some("M" | "MB" | "MIB") => 1 << 20,
        Some("G" | "GB" | "GIB") => 1 << 30,
        _ => 0,
    };
    let bytes = number
        .parse()
        .ok()
        .and_then(|number: usize| number.checked_mul(unit));
    bytes
        .filter(|bytes| *bytes >= 1 << 20)
        .ok_or_else(|| "a size of at least 1M, such as 64M or 1G".into())
}

pub(super) fn seconds(text: &str) -> Result<f64, String> {
    in_range(text, 0.0, 1e9).ok_or_else(|| "seconds from 0 to 1000000000".into())
}

pub(super) fn speed(text: &str) -> Result<f64, String> {
    in_range(text, 0.01, 1000.0).ok_or_else(|| "a number from 0.01 to 1000".into())
}

pub(super) fn cast_seconds(text: &str) -> Result<f64, String> {
    in_range(text, 1.0, 3600.0).ok_or_else(|| "seconds from 1 to 3600".into())
}

/// Parses a size such as `120x40`. The limit only saves memory: no terminal is larger.
pub(super) fn cells(text: &str) -> Result<(u16, u16), String> {
    let (columns, rows) = text
        .split_once('x')
        .ok_or("expected COLUMNSxROWS, such as 120x40")?;
    let side = |text: &str, most| {
        let number = text.parse().ok();
        number
            .filter(|number| (1..=most).contains(number))
            .ok_or("from 1x1 to 500x300")
    };
    Ok((side(columns, 500)?, side(rows, 300)?))
}

fn in_range(text: &str, least: f64, most: f64) -> Option<f64> {
    text.parse()
        .ok()
        .filter(|number| (least..=most).contains(number))
}
