//! A simulated web server with the flags of the twenty most populous countries.

use std::fmt;

/// The countries that it knows, by their codes.
pub(crate) const COUNTRIES: [(&str, &str); 20] = [
    ("BD", "Bangladesh"),
    ("BR", "Brazil"),
    ("CD", "DR Congo"),
    ("CN", "China"),
    ("DE", "Germany"),
    ("EG", "Egypt"),
    ("ET", "Ethiopia"),
    ("FR", "France"),
    ("ID", "Indonesia"),
    ("IN", "India"),
    ("IR", "Iran"),
    ("JP", "Japan"),
    ("MX", "Mexico"),
    ("NG", "Nigeria"),
    ("PH", "Philippines"),
    ("PK", "Pakistan"),
    ("RU", "Russia"),
    ("TR", "Turkey"),
    ("US", "United States"),
    ("VN", "Vietnam"),
];

/// Why a file could not be had.
pub(crate) enum Failure {
    /// There is no such file.
    NotFound(String),
    /// The server says that it cannot.
    Status(&'static str),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::NotFound(url) => write!(f, "not found: {url}"),
            Failure::Status(status) => write!(f, "error: HTTP error {status}"),
        }
    }
}

/// What the server answers to a request for a file of this country; its metadata has the country's name.
pub(crate) fn answer(code: &str, url: String) -> Result<&'static str, Failure> {
    if code.starts_with('X') {
        return Err(Failure::Status("503 - Service Unavailable"));
    }
    let country = COUNTRIES.iter().find(|(known, _)| *known == code);
    country.map(|(_, name)| *name).ok_or(Failure::NotFound(url))
}
