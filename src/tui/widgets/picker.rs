//! The start screen: what can be run.
//!
//! ```text
//! ┏ Scenarios ━━ 48 scenarios ┓┌ say_after ─── Enter runs it, v compares ┐
//! ┃ say_after                 ┃│                                         │
//! ┃   sequential              ┃│ sleep, then print: ...                  │   on a wide screen
//! ┃ ▸ concurrent              ┃│                                         │
//! ┃                           ┃│ Variants                                │
//! ┃ factorial                 ┃│ ▸ concurrent  spawns both, then awaits  │
//! ```

use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
    style::Style,
    text::Line,
    widgets::{List, ListState, Paragraph, StatefulWidget, Widget},
};

use crate::tui::{
    model::Model,
    source::{CatalogueEntry, Parameter},
    theme::Theme,
    widgets::{
        panel::bordered,
        text::{cut, pad, put_at, span, styled, width, wrap},
    },
};

/// The start screen: the list of scenarios, and beside the list the title, variants and parameters
/// of the selected scenario.
pub(crate) struct PickerScreen<'a> {
    pub(crate) model: &'a Model,
}

impl Widget for &PickerScreen<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        if area.width < 80 {
            scenarios(self.model, area, true, buffer);
            return;
        }
        let [list, details] = area.layout(&Layout::horizontal([2, 3].map(Constraint::Fill)));
        scenarios(self.model, list, false, buffer);
        about(self.model, details, buffer);
    }
}

/// The list of scenarios and their variants. `titles` adds the title of each scenario, for a screen
/// that shows only the list.
fn scenarios(model: &Model, area: Rect, titles: bool, buffer: &mut Buffer) {
    let picker = &model.picker;
    let all = picker.catalogue.len();
    let words = match picker.filter.as_str() {
        "" => format!("{all} scenarios"),
        text => format!("{} of {all}: /{text}", picker.listed().count()),
    };
    let inner = bordered(model.theme, area, buffer, "Scenarios", &words, true);
    let columns = usize::from(inner.width);
    let (lines, selected) = picker_lines(model, titles, columns);
    if lines.is_empty() {
        let words = if all == 0 {
            "there are no scenarios"
        } else {
            "no scenario matches; Esc shows all"
        };
        put_at(buffer, inner, (1, 0), words, model.theme.dim());
        return;
    }
    // The selected line is in the middle, except near both ends of the list.
    let rows = usize::from(inner.height);
    let top = selected
        .saturating_sub(rows / 2)
        .min(lines.len().saturating_sub(rows));
    let mut state = ListState::default()
        .with_offset(top)
        .with_selected(Some(selected));
    let list = List::new(lines).highlight_style(Theme::chosen());
    StatefulWidget::render(list, inner, buffer, &mut state);
}

/// The lines of the list, and the number of the selected one.
fn picker_lines(model: &Model, titles: bool, columns: usize) -> (Vec<Line<'static>>, usize) {
    let mut lines = Vec::new();
    let (mut number, mut selected) = (0, 0);
    for (_, scenario) in model.picker.listed() {
        if !titles && !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.push(scenario_line(model, scenario, titles, columns));
        let names = scenario.variants.iter().map(|(name, _)| name.as_str());
        let only = scenario.variants.is_empty().then_some("run it");
        for name in names.chain(only) {
            let mut sign = " ";
            if number == model.picker.row {
                (sign, selected) = ("▸", lines.len());
            }
            lines.push(cut(&format!(" {sign} {name}"), columns).into());
            number += 1;
        }
    }
    (lines, selected)
}

/// The line of a scenario: its name, and its title if `titles` is set.
fn scenario_line(
    model: &Model,
    scenario: &CatalogueEntry,
    titles: bool,
    columns: usize,
) -> Line<'static> {
    let name = format!(" {}", scenario.name);
    let title = if titles { scenario.title.as_str() } else { "" };
    let title = cut(title, columns.saturating_sub(width(&name) + 3));
    Line::from(vec![
        span(cut(&name, columns), Theme::strong()),
        span(format!("  {title}"), model.theme.dim()),
    ])
}

/// The title, variants and parameters of the selected scenario.
fn about(model: &Model, area: Rect, buffer: &mut Buffer) {
    let scenario = model
        .picker
        .entry()
        .and_then(|(at, variant)| Some((model.picker.catalogue.get(at)?, variant)));
    let Some((scenario, chosen)) = scenario else {
        bordered(model.theme, area, buffer, "About", "", false);
        return;
    };
    let inner = bordered(
        model.theme,
        area,
        buffer,
        &scenario.name,
        "Enter runs it, v compares",
        false,
    );
    let columns = usize::from(inner.width).saturating_sub(2);
    let mut lines: Vec<Line<'static>> = vec![Line::default()];
    let text = |words: &str, style| {
        wrap(words, columns)
            .into_iter()
            .map(move |line| styled(format!(" {line}"), style))
    };
    lines.extend(text(&scenario.title, Style::new()));
    lines.extend(variants(model, scenario, chosen, columns));
    lines.extend(params(model, scenario, columns));
    Paragraph::new(lines).render(inner, buffer);
}

/// The variants of a scenario, with the one that the list selects marked.
fn variants(
    model: &Model,
    scenario: &CatalogueEntry,
    chosen: usize,
    columns: usize,
) -> Vec<Line<'static>> {
    if scenario.variants.is_empty() {
        return Vec::new();
    }
    let names = scenario.variants.iter().map(|(name, _)| width(name));
    let names = names.max().unwrap_or(0).min(24);
    let mut lines = heading("Variants");
    for (at, (name, title)) in scenario.variants.iter().enumerate() {
        let (sign, style) = if at == chosen {
            ("▸", Theme::strong())
        } else {
            (" ", Style::new())
        };
        let title = cut(title, columns.saturating_sub(names + 4));
        lines.push(Line::from(vec![
            span(format!(" {sign} {}", pad(name, names)), style),
            span(format!("  {title}"), model.theme.dim()),
        ]));
    }
    lines
}

/// The parameters of a scenario with their values; those that the user has set are bold.
fn params(model: &Model, scenario: &CatalogueEntry, columns: usize) -> Vec<Line<'static>> {
    if scenario.params.is_empty() {
        return Vec::new();
    }
    let set = model.picker.set.get(&scenario.name);
    // `name = value`, with the value that the user has set, or else the default.
    let label = |param: &Parameter| {
        let set = set.and_then(|set| set.iter().find(|(name, _)| *name == param.name));
        let value = set.map_or(&param.default, |(_, value)| value);
        (format!("{} = {value}", param.name), set.is_some())
    };
    let labels = scenario.params.iter().map(|param| width(&label(param).0));
    let labels = labels.max().unwrap_or(0).min(30);
    let mut lines = heading("Parameters (: sets one; --set NAME=VALUE)");
    for param in &scenario.params {
        let help = format!("{}: {}", param.help, param.range);
        let help = cut(&help, columns.saturating_sub(labels + 4));
        let (label, is_set) = label(param);
        let style = if is_set {
            Theme::strong()
        } else {
            Style::new()
        };
        lines.push(Line::from(vec![
            span(format!("   {}", pad(&label, labels)), style),
            span(format!("  {help}"), model.theme.dim()),
        ]));
    }
    lines
}

/// A blank line and a heading.
fn heading(words: &str) -> Vec<Line<'static>> {
    vec![
        Line::default(),
        styled(format!(" {words}"), Theme::strong()),
    ]
}
