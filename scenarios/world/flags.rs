//! A simulated web server with the flags of the twenty most populous countries.

use std::fmt;

use loopscope::{now, println};

/// Eight countries that the server knows, and two that it does not.
pub(crate) const MIXED: &str = "BD BR CN ID IN NG PK QQ US ZZ";

/// Eight countries that the server knows, two for which it answers with an error, and one that it
/// does not know.
pub(crate) const WITH_ERRORS: &str = "BD BR CN ID IN NG PK US XA XB ZZ";

/// The countries that the server knows, with their codes.
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

/// Why a download failed.
pub(crate) enum Failure {
    /// The file does not exist.
    NotFound(String),
    /// The server answered with an error.
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

/// The name of the file with a country's flag.
pub(crate) fn flag_file(code: &str) -> String {
    format!("{}.gif", code.to_lowercase())
}

/// The result of a downloaded flag: the name of its local file.
pub(crate) fn saved_as(country: &str) -> String {
    format!("OK {}.gif", country.replace(' ', "_"))
}

/// The answer of the server to a request for a file of this country.
pub(crate) fn answer(code: &str, url: String) -> Result<&'static str, Failure> {
    if code.starts_with('X') {
        return Err(Failure::Status("503 - Service Unavailable"));
    }
    let country = COUNTRIES.iter().find(|(known, _)| *known == code);
    country.map(|(_, name)| *name).ok_or(Failure::NotFound(url))
}

/// The result of a download: the code of the country, and a line to print.
pub(crate) type Downloaded = (&'static str, Result<String, Failure>);

/// Counts the results of downloads.
#[derive(Default)]
pub(crate) struct Tally {
    downloaded: u32,
    not_found: u32,
    errors: u32,
}

impl Tally {
    /// Counts a result, and returns the line to print.
    pub(crate) fn count(&mut self, (code, result): Downloaded) -> String {
        match &result {
            Ok(_) => self.downloaded += 1,
            Err(Failure::NotFound(_)) => self.not_found += 1,
            Err(Failure::Status(_)) => self.errors += 1,
        }
        match result {
            Ok(text) => format!("{code} {text}"),
            Err(failure) => format!("{code} {failure}"),
        }
    }

    /// Prints the counts.
    pub(crate) fn report(&self) {
        println!("{}", "-".repeat(20));
        println!("  {} flags downloaded.", self.downloaded);
        if self.not_found > 0 {
            println!("  {} not found.", self.not_found);
        }
        if self.errors > 0 {
            println!("  {} errors.", self.errors);
        }
        println!("Elapsed time: {:.2}s", now().seconds());
    }
}
