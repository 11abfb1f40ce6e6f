//! The names to look up, and the answers of the simulated network. Nothing waits here.

use loopscope::println;

const KEYWORDS: &str = "None True and as def del elif else for from if in is not or pass try with";

/// The registered names.
const FOUND: [&str; 7] = [
    "as.dev", "def.dev", "elif.dev", "in.dev", "is.dev", "try.dev", "with.dev",
];

pub(super) fn domains() -> impl Iterator<Item = String> {
    KEYWORDS
        .split(' ')
        .map(|keyword| format!("{}.dev", keyword.to_lowercase()))
}

pub(super) fn answer(domain: String) -> (String, bool) {
    let found = FOUND.contains(&domain.as_str());
    (domain, found)
}

pub(super) fn report((domain, found): (String, bool)) {
    println!("{} {domain}", if found { '+' } else { ' ' });
}
