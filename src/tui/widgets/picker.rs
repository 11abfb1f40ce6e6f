//! The list of what can be run, and what is to be known about the chosen one.

use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
    style::Style,
    text::Line,
};

use crate::tui::{
    model::Model,
    source::{CatalogueEntry, Parameter},
    theme::Theme,
    widgets::{
        panel::bordered,
        text::{cut, pad, put, put_at, span, width, wrap},
    },
};

/// A line of the list.
enum PickerLine<'a> {
    Blank,
    Scenario(&'a CatalogueEntry),
    /// Which variant, and which of all rows that can be chosen.
    Variant(&'a str, usize),
}

pub(crate) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    if area.width < 80 {
        list(model, area, true, buffer);
        return;
    }
    let [left, pane] = area.layout(&Layout::horizontal([2, 3].map(Constraint::Fill)));
    list(model, left, false, buffer);
    about(model, pane, buffer);
}

fn list(model: &Model, area: Rect, titles: bool, buffer: &mut Buffer) {
    let all = model.picker.catalogue.len();
    let words = match model.picker.filter.as_str() {
        "" => format!("{all} scenarios"),
        text => format!("{} of {all}: /{text}", model.picker.listed().count()),
    };
    let inner = bordered(model.theme, area, buffer, "Scenarios", &words, true);
    let mut entries = Vec::new();
    let mut number = 0;
    let mut chosen = 0;
    for (_, choice) in model.picker.listed() {
        if !titles && !entries.is_empty() {
            entries.push(PickerLine::Blank);
        }
        entries.push(PickerLine::Scenario(choice));
        let names = choice.variants.iter().map(|(name, _)| name.as_str());
        let names: Vec<&str> = if choice.variants.is_empty() {
            vec!["run it"]
        } else {
            names.collect()
        };
        for name in names {
            if number == model.picker.row {
                chosen = entries.len();
            }
            entries.push(PickerLine::Variant(name, number));
            number += 1;
        }
    }
    if entries.is_empty() {
        put_at(
            buffer,
            inner,
            (1, 0),
            if model.picker.catalogue.is_empty() {
                "there is nothing to run"
            } else {
                "no scenario holds that: Esc lists all"
            },
            model.theme.dim(),
        );
    }
    let rows = usize::from(inner.height);
    let top = chosen
        .saturating_sub(rows / 2)
        .min(entries.len().saturating_sub(rows));
    let columns = usize::from(inner.width);
    for (entry, row) in entries.iter().skip(top).take(rows).zip(0..) {
        let line = match entry {
            PickerLine::Scenario(choice) => scenario_line(model, choice, titles, columns),
            PickerLine::Blank => Line::default(),
            PickerLine::Variant(name, number) if *number == model.picker.row => {
                Line::from(span(pad(&format!(" ▸ {name}"), columns), Theme::chosen()))
            }
            PickerLine::Variant(name, _) => {
                Line::from(span(cut(&format!("   {name}"), columns), Style::new()))
            }
        };
        put(buffer, inner, row, &line);
    }
}

/// A scenario, with its title where nothing beside the list shows it.
fn scenario_line(
    model: &Model,
    choice: &CatalogueEntry,
    titles: bool,
    columns: usize,
) -> Line<'static> {
    let name = format!(" {}", choice.name);
    let title = if titles { choice.title.as_str() } else { "" };
    let title = cut(title, columns.saturating_sub(width(&name) + 3));
    Line::from(vec![
        span(cut(&name, columns), Theme::strong()),
        span(format!("  {title}"), model.theme.dim()),
    ])
}

fn about(model: &Model, area: Rect, buffer: &mut Buffer) {
    let choice = model
        .picker
        .entry()
        .and_then(|(at, variant)| Some((model.picker.catalogue.get(at)?, variant)));
    let Some((choice, chosen)) = choice else {
        bordered(model.theme, area, buffer, "About", "", false);
        return;
    };
    let inner = bordered(
        model.theme,
        area,
        buffer,
        &choice.name,
        "Enter runs it, v compares",
        false,
    );
    let columns = usize::from(inner.width).saturating_sub(2);
    let mut lines: Vec<Line<'static>> = vec![Line::default()];
    let text = |words: &str, style| {
        wrap(words, columns)
            .into_iter()
            .map(move |line| Line::from(span(format!(" {line}"), style)))
    };
    lines.extend(text(&choice.title, Style::new()));
    lines.extend(variants(model, choice, chosen, columns));
    lines.extend(params(model, choice, columns));
    for (line, row) in lines.iter().zip(0..) {
        put(buffer, inner, row, line);
    }
}

fn variants(
    model: &Model,
    choice: &CatalogueEntry,
    chosen: usize,
    columns: usize,
) -> Vec<Line<'static>> {
    if choice.variants.is_empty() {
        return Vec::new();
    }
    let names = choice.variants.iter().map(|(name, _)| width(name));
    let names = names.max().unwrap_or(0).min(24);
    let mut lines = heading("Variants");
    for (at, (name, title)) in choice.variants.iter().enumerate() {
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

fn params(model: &Model, choice: &CatalogueEntry, columns: usize) -> Vec<Line<'static>> {
    if choice.params.is_empty() {
        return Vec::new();
    }
    let set = model.picker.set.get(&choice.name);
    let label = |param: &Parameter| {
        let set = set.and_then(|set| set.iter().find(|(name, _)| *name == param.name));
        let value = set.map_or(&param.default, |(_, value)| value);
        (format!("{} = {value}", param.name), set.is_some())
    };
    let labels = choice.params.iter().map(|param| width(&label(param).0));
    let labels = labels.max().unwrap_or(0).min(30);
    let mut lines = heading("Parameters (: sets one; --set NAME=VALUE)");
    for param in &choice.params {
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

fn heading(words: &str) -> Vec<Line<'static>> {
    vec![
        Line::default(),
        Line::from(span(format!(" {words}"), Theme::strong())),
    ]
}
