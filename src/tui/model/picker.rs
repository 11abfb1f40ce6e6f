//! The list of what can be run: what is listed, what is chosen, what was set.

use std::collections::BTreeMap;

use crate::tui::source::{CatalogueEntry, RunRequest};

/// The list of what can be run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Picker {
    pub(crate) catalogue: Vec<CatalogueEntry>,
    /// Which of the variants that are listed, counted through.
    pub(crate) row: usize,
    /// Only scenarios that hold this in their name or title are listed.
    pub(crate) filter: String,
    /// What was set, by scenario.
    pub(crate) set: BTreeMap<String, Vec<(String, String)>>,
}

impl Picker {
    /// All variants that are listed: a choice without any counts as one.
    pub(crate) fn entries(&self) -> Vec<(usize, usize)> {
        let mut entries = Vec::new();
        for (at, choice) in self.listed() {
            entries.extend((0..choice.variants.len().max(1)).map(|variant| (at, variant)));
        }
        entries
    }

    /// The scenarios that are listed, with their places among all.
    pub(crate) fn listed(&self) -> impl Iterator<Item = (usize, &CatalogueEntry)> {
        let text = self.filter.to_lowercase();
        let holds = move |words: &str| words.to_lowercase().contains(&text);
        let all = self.catalogue.iter().enumerate();
        all.filter(move |(_, choice)| holds(&choice.name) || holds(&choice.title))
    }

    /// The entry that is chosen; none if the list is empty.
    pub(crate) fn entry(&self) -> Option<(usize, usize)> {
        self.entries().get(self.row).copied()
    }

    /// Lists what holds a text; what was chosen stays chosen if it is listed.
    pub(crate) fn set_filter(&mut self, text: &str) {
        let chosen = self.entry();
        text.clone_into(&mut self.filter);
        let entries = self.entries();
        let found = entries.iter().position(|entry| Some(*entry) == chosen);
        self.row = found.unwrap_or(0);
    }

    /// What an entry would run.
    pub(crate) fn request(&self, entry: (usize, usize)) -> Option<RunRequest> {
        let choice = self.catalogue.get(entry.0)?;
        let variant = choice.variants.get(entry.1).map(|(name, _)| name.clone());
        Some(RunRequest {
            scenario: choice.name.clone(),
            variant: variant.unwrap_or_default(),
            params: self.set.get(&choice.name).cloned().unwrap_or_default(),
            ..RunRequest::default()
        })
    }
}
