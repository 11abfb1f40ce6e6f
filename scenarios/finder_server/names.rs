//! The search through all names. It never waits, so it must not run on the thread of the loop.

/// The characters whose names have all of these words.
pub(super) fn search(query: &str) -> Vec<(char, String)> {
    let query = query.to_uppercase();
    let words: Vec<&str> = query.split_whitespace().collect();
    let named = (' '..=char::MAX).filter_map(|c| Some((c, unicode_names2::name(c)?.to_string())));
    named
        .filter(|(_, name)| {
            let has = |word: &&str| name.split([' ', '-']).any(|part| part == *word);
            !words.is_empty() && words.iter().all(has)
        })
        .collect()
}
