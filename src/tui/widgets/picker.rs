//! The start screen: the tour, the scenarios by group, and the lessons in a tab of their own.
//!
//! ```text
//! ┏ Scenarios │ Tab: Lessons  ┓┌ say_after ─── Enter runs it, v compares ┐
//! ┃ ▸ New here? Two awaits ...┃│ sleep, then print: ...                  │
//! ┃ ── Basics                 ┃│ Variants                                │   on a wide screen
//! ┃ say_after                 ┃│ ▸ concurrent  spawns both, then awaits  │
//! ┃   sequential              ┃│ Source: say_after.rs                    │
//! ┃   concurrent              ┃│ async fn concurrent() {                 │
//! ```
//!
//! Of a lesson that is not finished, the details show the belief and the program, but neither the
//! rule nor what the variants are about: they would answer the lesson's question.

use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
    style::Style,
    text::Line,
    widgets::{List, ListState, Paragraph, StatefulWidget, Widget},
};

use crate::{
    insight::{LESSONS, Language, Lesson},
    scene::format::count,
};

use crate::tui::{
    model::{
        Model,
        lists::{PickerRow, PickerTab},
    },
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
        let [list, details] = area.layout(&Layout::horizontal([9, 11].map(Constraint::Fill)));
        scenarios(self.model, list, false, buffer);
        about(self.model, details, buffer);
    }
}

/// The first row of the scenarios.
pub(crate) const TOUR: &str = "New here? Two awaits are not concurrent (2 min)";

/// The same, for a narrow list.
const SHORT_TOUR: &str = "New here? The tour (2 min)";

/// The list of the tab that is shown. `titles` adds the title of each scenario, for a screen that
/// shows only the list.
fn scenarios(model: &Model, area: Rect, titles: bool, buffer: &mut Buffer) {
    let picker = &model.picker;
    let (all, done) = (picker.catalogue.len(), model.progress.lessons.len());
    let lessons = picker.catalogue.iter();
    let lessons = lessons.filter(|entry| Lesson::of(&entry.name).is_some());
    let lessons = lessons.count();
    let (title, words) = match (picker.filter.as_str(), picker.tab) {
        ("", PickerTab::Scenarios) => {
            ("Scenarios │ Tab: Lessons", count(all - lessons, "scenario"))
        }
        ("", PickerTab::Lessons) => (
            "Lessons │ Tab: Scenarios",
            format!("{} of {lessons} done", done.min(lessons)),
        ),
        (text, _) => (
            "Scenarios and lessons",
            format!("{} of {all}: /{text}", picker.listed().count()),
        ),
    };
    let inner = bordered(model.theme, area, buffer, title, &words, true);
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

/// The lines of the list, and the number of the selected one. The lines of groups and scenarios
/// cannot be selected.
fn picker_lines(model: &Model, titles: bool, columns: usize) -> (Vec<Line<'static>>, usize) {
    let picker = &model.picker;
    let mut lines: Vec<Line<'static>> = Vec::new();
    let mut selected = 0;
    let (mut group, mut shown) = ("", None);
    for (number, row) in picker.rows().into_iter().enumerate() {
        let chosen = number == picker.row;
        let sign = if chosen { "▸" } else { " " };
        let PickerRow::Variant(at, variant) = row else {
            if chosen {
                selected = lines.len();
            }
            let words = [TOUR, SHORT_TOUR];
            let fits = words.into_iter().find(|words| width(words) + 3 <= columns);
            let line = format!(" {sign} {}", fits.unwrap_or(SHORT_TOUR));
            lines.push(styled(cut(&line, columns), Theme::strong()));
            continue;
        };
        let Some(scenario) = picker.catalogue.get(at) else {
            continue;
        };
        let line = if picker.lists_lessons() {
            lesson_line(model, scenario, sign, columns)
        } else {
            if scenario.group != group {
                group = &scenario.group;
                lines.extend((!lines.is_empty()).then(Line::default));
                lines.push(styled(
                    cut(&format!(" ── {group}"), columns),
                    model.theme.dim(),
                ));
            }
            if shown != Some(at) {
                shown = Some(at);
                lines.push(scenario_line(model, scenario, titles, columns));
            }
            let name = scenario.variants.get(variant);
            let name = name.map_or("run it", |(name, _)| name.as_str());
            cut(&format!("   {sign} {name}"), columns).into()
        };
        if chosen {
            selected = lines.len();
        }
        lines.push(line);
    }
    (lines, selected)
}

/// The line of a lesson: whether it is finished, its number, and the belief.
fn lesson_line(
    model: &Model,
    scenario: &CatalogueEntry,
    sign: &str,
    columns: usize,
) -> Line<'static> {
    let Some(lesson) = Lesson::of(&scenario.name) else {
        return Line::default();
    };
    let done = if is_done(model, lesson) { "✓" } else { " " };
    let belief = lesson.belief.text(model.language);
    let line = format!(" {sign} {done} {:02}  {belief}?", lesson.number);
    cut(&line, columns).into()
}

fn is_done(model: &Model, lesson: &Lesson) -> bool {
    model.progress.lessons.contains(&lesson.number)
}

/// The line of a scenario: its name, and its title if `titles` is set.
fn scenario_line(
    model: &Model,
    scenario: &CatalogueEntry,
    titles: bool,
    columns: usize,
) -> Line<'static> {
    let name = format!(" {}", scenario.name);
    let title = if titles {
        scenario.text(&scenario.title, model.language)
    } else {
        ""
    };
    let title = cut(title, columns.saturating_sub(width(&name) + 3));
    Line::from(vec![
        span(cut(&name, columns), Theme::strong()),
        span(format!("  {title}"), model.theme.dim()),
    ])
}

/// What is known of the selected row: title, variants and parameters of a scenario, the belief of a
/// lesson, and below them the program.
fn about(model: &Model, area: Rect, buffer: &mut Buffer) {
    let picker = &model.picker;
    let scenario = picker
        .entry()
        .and_then(|(at, variant)| Some((picker.catalogue.get(at)?, variant)));
    let Some((scenario, chosen)) = scenario else {
        let row = picker.rows().get(picker.row).copied();
        about_tour(model, area, row == Some(PickerRow::Tour), buffer);
        return;
    };
    let hint = if picker.lists_lessons() {
        "Enter opens the lesson"
    } else {
        "Enter runs it, v compares"
    };
    let inner = bordered(model.theme, area, buffer, &scenario.name, hint, false);
    let columns = usize::from(inner.width).saturating_sub(2);
    let mut lines: Vec<Line<'static>> = vec![Line::default()];
    let text = |words: &str, style| {
        wrap(words, columns)
            .into_iter()
            .map(move |line| styled(format!(" {line}"), style))
    };
    let unfinished = Lesson::of(&scenario.name).filter(|lesson| !is_done(model, lesson));
    if let Some(lesson) = unfinished {
        let belief = lesson.belief.text(model.language);
        let question = format!("Belief: {belief}. Is that so?");
        lines.extend(text(&question, Style::new()));
    } else {
        lines.extend(text(&scenario.title, Style::new()));
        lines.extend(variants(model, scenario, chosen, columns));
        lines.extend(params(model, scenario, columns));
    }
    lines.extend(preview(model, scenario, chosen, columns));
    Paragraph::new(lines).render(inner, buffer);
}

/// What the tour is, if its row is selected.
fn about_tour(model: &Model, area: Rect, is_tour: bool, buffer: &mut Buffer) {
    let title = if is_tour { "The tour" } else { "About" };
    let hint = if is_tour { "Enter starts it" } else { "" };
    let inner = bordered(model.theme, area, buffer, title, hint, false);
    if !is_tour {
        return;
    }
    let lessons = format!(
        "Enter starts the tour. Tab shows the lessons: {} beliefs about event loops, each put to \
         the test. The list below has all programs; Enter runs the chosen one.",
        LESSONS.len()
    );
    let words = [
        "Three real runs of one small program, step by step: the same two calls, first awaited one \
         after the other, then as two tasks, then both runs side by side.",
        "A card above the run says what to look at and which key comes next.",
        &lessons,
    ];
    let columns = usize::from(inner.width).saturating_sub(2);
    let mut lines: Vec<Line<'static>> = Vec::new();
    for paragraph in words {
        lines.push(Line::default());
        let wrapped = wrap(paragraph, columns).into_iter();
        lines.extend(wrapped.map(|line| Line::from(format!(" {line}"))));
    }
    if let Some([_, (at, variant)]) = model.picker.tour()
        && let Some(scenario) = model.picker.catalogue.get(at)
    {
        lines.extend(preview(model, scenario, variant, columns));
    }
    Paragraph::new(lines).render(inner, buffer);
}

/// The program of the chosen variant in the language of the reader. It begins at the function of
/// the variant; of a lesson, at its first function. The functions of the other variants are left
/// out, and so is the declaration of the scenario at its end.
fn preview(
    model: &Model,
    scenario: &CatalogueEntry,
    chosen: usize,
    columns: usize,
) -> Vec<Line<'static>> {
    let (text, end, keyword, comment, last) = match model.language {
        Language::Python if !scenario.twin.is_empty() => {
            (&scenario.twin, "py", "def", "#", "VARIANTS = ")
        }
        Language::Python | Language::Rust => {
            (&scenario.source, "rs", "fn", "//", "loopscope::scenario!")
        }
    };
    if text.is_empty() {
        return Vec::new();
    }
    let variant = scenario.variants.get(chosen).map_or("", |(name, _)| name);
    let head = if Lesson::of(&scenario.name).is_some() {
        format!("{keyword} ")
    } else {
        format!("{keyword} {variant}(")
    };
    let others = scenario.variants.iter().map(|(name, _)| name.as_str());
    let others = others.filter(|name| *name != variant);
    let others: Vec<String> = others.map(|name| format!("{keyword} {name}(")).collect();
    let program: Vec<&str> = { text.lines() }
        .take_while(|line| !line.starts_with(last))
        .collect();
    let program = without_functions(&program, &others, comment);
    let is_head = |line: &&str| without_async(line).starts_with(&head);
    let first = program.iter().position(is_head);
    let mut lines = heading(&format!("Source: {}.{end}", scenario.name));
    lines.extend(program.iter().skip(first.unwrap_or(0)).map(|line| {
        let style = if line.trim_start().starts_with(comment) {
            model.theme.dim()
        } else {
            Style::new()
        };
        styled(cut(&format!("   {line}"), columns), style)
    }));
    lines
}

fn without_async(line: &str) -> &str {
    line.strip_prefix("async ").unwrap_or(line)
}

/// The lines of a program without the functions that have one of these heads, and without the
/// comments above them. A function ends before the next line that is not indented and does not
/// close it.
fn without_functions<'a>(program: &[&'a str], heads: &[String], comment: &str) -> Vec<&'a str> {
    let mut kept: Vec<&str> = Vec::new();
    let mut inside = false;
    for line in program {
        let is_head = heads
            .iter()
            .any(|head| without_async(line).starts_with(head));
        inside = is_head || (inside && (line.is_empty() || line.starts_with([' ', '}', ')'])));
        if is_head {
            let is_comment = |line: &&str| line.starts_with(comment);
            let comments = kept
                .iter()
                .rev()
                .take_while(|line| is_comment(line))
                .count();
            kept.truncate(kept.len() - comments);
        } else if !inside {
            kept.push(line);
        }
    }
    kept
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
        let title = scenario.text(title, model.language);
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
