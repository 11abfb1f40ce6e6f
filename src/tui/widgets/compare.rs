//! The comparison: two runs side by side, their lanes on one axis.
//!
//! ```text
//!   A source │ B source                      on a full screen
//!   timelines, A above B
//!   A queues │ B queues │ numbers of both    the numbers on a wide screen
//!   what makes the difference
//! ```
//!
//! On a smaller screen the lines around the current one are below the queues of each run.

use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Position as Cell, Rect},
    style::Style,
    text::Line,
    widgets::{Paragraph, Row, Table, Widget},
};

use crate::{
    insight::{
        ComparedFindings, Comparison, Language, LessonResult, Side, difference_here, endings,
    },
    scene::{
        comparison_table::{ComparisonRow, comparison_rows},
        format::seconds,
        moment::moment_sentence,
        queues,
        source_view::{self, SourceListing},
        summary_line,
    },
    trace::Aspect,
};

use crate::tui::{
    layout::SizeClass,
    model::{
        Model,
        findings::RunFindings,
        guide::{Guide, LessonStage},
        run_pane::RunPane,
    },
    theme::Theme,
    widgets::{
        loop_panel,
        panel::{LETTERS, bordered, popup},
        program,
        text::{cells, cut, put_at, styled, wrap},
        timeline::{LaneHit, SharedTimeline, hit_in_shared, lanes_of_all, lanes_wanted},
    },
};

/// The title of the panel of words.
const TITLE: &str = "What makes the difference";

/// The areas of the screen. A part that does not fit has no rows.
struct CompareLayout {
    sources: Rect,
    lanes: Rect,
    queues: Rect,
    words: Rect,
}

/// Divides the screen.
///
/// 1. The size class determines the heights of queues and words.
/// 2. If the size class shows sources, 5 rows are reserved for them. The lanes get the rows that
///    they need, but at most 40 and at most the rows that remain.
/// 3. The sources get all rows that are left. Without sources the lanes get them.
fn compare_layout(model: &Model, body: Rect, size: SizeClass) -> CompareLayout {
    let lanes = cells(lanes_wanted(model)).saturating_add(9);
    let [sources, queues, words] = match size {
        SizeClass::Line | SizeClass::Single => [0, 0, 0],
        SizeClass::Compact if body.height < 14 => [0, 0, 0],
        SizeClass::Compact => return compact_layout(model, body),
        SizeClass::Narrow => [0, 10, 7],
        // A tall screen has room for the whole table and for all sentences.
        SizeClass::Full if body.height >= 50 => [5, 19, 11],
        SizeClass::Full => [5, 10, 8],
    };
    let spare = body.height.saturating_sub(sources + queues + words);
    let lanes = if sources > 0 {
        lanes.clamp(10, 40).min(spare)
    } else {
        spare
    };
    let rows = [
        body.height.saturating_sub(lanes + queues + words),
        lanes,
        queues,
        words,
    ];
    let [sources, lanes, queues, words] =
        body.layout(&Layout::vertical(rows.map(Constraint::Length)));
    CompareLayout {
        sources,
        lanes,
        queues,
        words,
    }
}

/// Divides a compact screen, in which the lower border of a panel is covered by the upper border of
/// the next one.
///
/// 1. The queues have five rows and the words four; in a low body the words are left out.
/// 2. The lanes get a row for each task of the whole run, so that a spawn moves no panel.
/// 3. The source below the queues gets what is left: one row at least, three where they fit.
fn compact_layout(model: &Model, body: Rect) -> CompareLayout {
    let words = if body.height < 19 { 0 } else { 4 };
    let borders = if words > 0 { 4 } else { 3 };
    let spare = body.height.saturating_sub(borders + QUEUE_ROWS + words);
    let wanted = cells(lanes_of_all(model)).saturating_add(2);
    let source = spare.saturating_sub(wanted).clamp(1, 3.max(spare / 3));
    let mut top = body.y;
    let mut take = |content: u16| {
        let area = Rect {
            y: top,
            height: content + 2,
            ..body
        };
        top += content + 1;
        area.intersection(body)
    };
    CompareLayout {
        sources: Rect::default(),
        lanes: take(spare.saturating_sub(source)),
        queues: take(QUEUE_ROWS + source),
        words: if words > 0 {
            take(words)
        } else {
            Rect::default()
        },
    }
}

/// The rows of the queues: one each.
const QUEUE_ROWS: u16 = 5;

/// The screen of two runs side by side.
pub(crate) struct CompareScreen<'a> {
    pub(crate) model: &'a Model,
    pub(crate) size: SizeClass,
}

impl Widget for &CompareScreen<'_> {
    fn render(self, body: Rect, buffer: &mut Buffer) {
        let (model, size) = (self.model, self.size);
        let [a, b] = model.panes.as_slice() else {
            return;
        };
        let areas = compare_layout(model, body, size);
        let listings = [a, b].map(|pane| {
            source_view::source_view(&pane.replay, pane.chosen(), model.language_for(pane))
        });
        // A bordered area of two rows or less would show nothing.
        let halves = Layout::horizontal([Constraint::Fill(1); 2]);
        let has_sources = areas.sources.height > 2;
        if has_sources {
            let halves: [Rect; 2] = areas.sources.layout(&halves);
            for ((pane, area), at) in [a, b].into_iter().zip(halves).zip(0..) {
                source(model, pane, at, (&listings[at], area), buffer);
            }
        }
        SharedTimeline { model }.render(areas.lanes, buffer);
        if areas.queues.height > 2 {
            let widths = if size >= SizeClass::Narrow {
                [30, 30, 40]
            } else {
                [1, 1, 0]
            };
            let [left, right, rest] = areas
                .queues
                .layout(&Layout::horizontal(widths.map(Constraint::Fill)));
            for ((pane, area), at) in [a, b].into_iter().zip([left, right]).zip(0..) {
                let listing = Some(&listings[at]).filter(|_| !has_sources);
                queues_of(model, pane, at, (listing, area), buffer);
            }
            if let Some(comparison) = model.comparison.as_deref().filter(|_| rest.width > 20) {
                if conceals_answer(model, comparison) {
                    let inner = bordered(model.theme, rest, buffer, "Whole run", "", false);
                    let words = "at the end of both runs: G";
                    put_at(buffer, inner, (1, 0), words, model.theme.dim());
                } else {
                    let rows = known_rows(model, comparison);
                    numbers(model, comparison, &rows, rest, buffer);
                }
            }
        }
        words(model, areas.words, buffer);
    }
}

/// The run, task and column at a cell of the shared timeline.
pub(crate) fn lane_at(model: &Model, body: Rect, size: SizeClass, cell: Cell) -> Option<LaneHit> {
    hit_in_shared(model, compare_layout(model, body, size).lanes, cell)
}

/// The title of a pane: its letter and the short title of its run.
fn pane_title(pane: &RunPane, at: usize) -> String {
    format!(
        "{}  {}",
        LETTERS[at.min(1)],
        summary_line::short_title(&pane.replay)
    )
}

/// Draws the source of one run and marks the lines that the other run's source does not have.
fn source(
    model: &Model,
    pane: &RunPane,
    at: usize,
    (listing, area): (&SourceListing<'_>, Rect),
    buffer: &mut Buffer,
) {
    let state = pane.replay.state();
    let head = pane.replay.index().head();
    let place = format!(
        "tick {}/{}  event {}/{}",
        state.tick(),
        head.tick(),
        pane.replay.position().0,
        pane.replay.end().0
    );
    let language = model.language_for(pane);
    let differing = model
        .differing
        .get(at)
        .filter(|_| language == Language::Rust);
    // The legend of the sign stays as long as there are such lines.
    let words = if differing.is_some_and(|lines| !lines.is_empty()) {
        format!("+ only in {}   {place}", LETTERS[at.min(1)])
    } else {
        place
    };
    let inner = bordered(
        model.theme,
        area,
        buffer,
        &pane_title(pane, at),
        &words,
        model.active == at,
    );
    let options = program::SourceOptions {
        rows: inner.height.into(),
        line: pane.line,
        breakpoints: &pane.breakpoints,
        differing,
    };
    program::source(model.theme, listing, inner, &options, buffer);
}

/// Draws each queue of one run in one line, and below them the lines around the current one, if they
/// are not shown elsewhere.
fn queues_of(
    model: &Model,
    pane: &RunPane,
    at: usize,
    (listing, area): (Option<&SourceListing<'_>>, Rect),
    buffer: &mut Buffer,
) {
    let now = seconds(pane.now());
    let name = format!("{} at t={now}", LETTERS[at.min(1)]);
    let inner = bordered(model.theme, area, buffer, &name, "", model.active == at);
    let language = model.language_for(pane);
    let mut queues = queues::queues(&pane.replay, 8, pane.now(), language);
    // A run in which nothing happens at the time that is shown has moved nothing.
    if pane.now() <= pane.replay.state().now() {
        queues.mark_moves(&pane.told.at(&pane.replay, model.detail, language).story);
    }
    let lines = loop_panel::brief_lines(model.theme, &queues, inner.width.into());
    let used = cells(lines.len());
    Paragraph::new(lines).render(inner, buffer);
    if let Some(listing) = listing.filter(|_| inner.height > used) {
        let below = Rect {
            y: inner.y + used,
            height: inner.height - used,
            ..inner
        };
        let options = program::SourceOptions {
            rows: below.height.into(),
            line: pane.line,
            breakpoints: &pane.breakpoints,
            differing: None,
        };
        program::source(model.theme, listing, below, &options, buffer);
    }
}

/// In place of the conclusion of a lesson, as long as it is concealed.
const CONCEALED: &str =
    "What makes the difference is shown when both runs have ended. G: go there, u: show it now.";

/// Whether the numbers and the conclusion of a lesson are concealed: the reader is to see what
/// happens before it is summed up. The end of the runs reveals them, and so do the key for the
/// future and the last part of a guided lesson.
fn conceals_answer(model: &Model, comparison: &Comparison) -> bool {
    let revealed = matches!(
        &model.guide,
        Some(Guide::Lesson(path)) if path.stage == LessonStage::Reveal
    );
    let ended = model.panes.iter().all(RunPane::is_over);
    comparison.lesson.is_some() && !revealed && !ended && !model.future
}

/// Draws that a thread compares the runs.
fn computing(model: &Model, area: Rect, buffer: &mut Buffer) {
    let inner = bordered(model.theme, area, buffer, TITLE, "", false);
    let words = "computing… keys work meanwhile";
    put_at(buffer, inner, (1, 0), words, model.theme.dim());
}

/// Draws what the runs differ in: the conclusion, what each run does at this moment, the lesson, and
/// the difference at this moment.
fn words(model: &Model, area: Rect, buffer: &mut Buffer) {
    if area.height <= 2 {
        return;
    }
    let [a, b] = model.panes.as_slice() else {
        return;
    };
    let Some(comparison) = model.comparison.as_deref() else {
        return computing(model, area, buffer);
    };
    let title = comparison.lesson.as_ref().map_or_else(
        || TITLE.to_owned(),
        |lesson| format!("Lesson {:02}", lesson.number),
    );
    let conceals = conceals_answer(model, comparison);
    let keys = if comparison.lesson.is_some() {
        "L next lesson   d next difference"
    } else {
        "d next   D previous difference"
    };
    let inner = bordered(model.theme, area, buffer, &title, keys, false);
    let columns = usize::from(inner.width).saturating_sub(2);
    let language = model.language.for_runs(&a.replay, &b.replay);
    let open = too_early(model);
    let (is_open, concealed) = (open.is_some(), [CONCEALED.to_owned()]);
    let lines = match &open {
        Some(open) => std::slice::from_ref(open),
        None if conceals => &concealed[..],
        None => &comparison.lines,
    };
    let mut conclusion = lines.iter();
    let mut texts: Vec<String> = conclusion.next().cloned().into_iter().collect();
    // In a low panel, what is wrong with one run only has to be among the first rows.
    let mut only = findings(a, b).filter(|_| !conceals && !is_open);
    if area.height <= LOW {
        texts.extend(only.take());
    }
    for (pane, letter) in [a, b].into_iter().zip(LETTERS) {
        let sentence = moment_sentence(&pane.replay, pane.now(), language);
        texts.push(format!("{letter}: {sentence}"));
    }
    texts.extend(conclusion.cloned());
    texts.extend(only);
    let lesson = comparison.lesson.iter().flat_map(LessonResult::lines);
    // The belief comes first. What happens and the rule are the answer.
    let told = if conceals || is_open { 1 } else { usize::MAX };
    texts.extend(
        lesson
            .take(told)
            .map(|(name, text)| format!("{name}: {text}")),
    );
    if !is_open {
        let here = difference_here(&a.replay, &b.replay, language);
        texts.push(here.map_or_else(
            || "Δ here: none".to_owned(),
            |words| format!("Δ here: {words}"),
        ));
    }
    let lines: Vec<String> = { texts.iter() }
        .flat_map(|text| wrap(text, columns))
        .collect();
    // The conclusion is first, so that it is seen where not all lines fit.
    let style = |row| {
        if row == 0 {
            Theme::strong()
        } else {
            Style::new()
        }
    };
    let lines = lines.into_iter().zip(0..);
    let lines: Vec<Line<'_>> = lines
        .map(|(line, row)| styled(format!(" {line}"), style(row)))
        .collect();
    Paragraph::new(lines).render(inner, buffer);
}

/// The rows of a low panel of words, its border included.
const LOW: u16 = 6;

/// What is wrong with one run only; `None` until both have been read.
fn findings(a: &RunPane, b: &RunPane) -> Option<String> {
    let known = [a, b].map(|pane| &pane.findings);
    if known.iter().any(|findings| findings.is_pending()) {
        return None;
    }
    let [a, b] = known.map(RunFindings::report);
    ComparedFindings::new(a, b).sentence()
}

/// What is said instead of a conclusion while one of the runs is live: a loop that has not run, or
/// has not ended, is not compared with another.
fn too_early(model: &Model) -> Option<String> {
    let [a, b] = model.panes.as_slice() else {
        return None;
    };
    let open = a.is_live() || b.is_live();
    open.then(|| {
        let endings = endings([&a.replay, &b.replay]);
        format!("{endings}: two runs are compared when both have ended.")
    })
}

/// The rows of the table. A number that one of the recordings does not contain has no row.
fn known_rows(model: &Model, comparison: &Comparison) -> Vec<ComparisonRow> {
    let [a, b] = model.panes.as_slice() else {
        return Vec::new();
    };
    if too_early(model).is_some() {
        return Vec::new();
    }
    let runs = [a, b].map(|pane| &pane.replay.log().meta);
    comparison_rows(&comparison.a, &comparison.b, runs)
}

/// The fewest rows that the table keeps beside the sentences. In a lower popup the sentences are
/// left out.
const LEAST_ROWS: usize = 7;

/// The numbers of both runs in three columns: A, B and the difference.
fn numbers(
    model: &Model,
    comparison: &Comparison,
    rows: &[ComparisonRow],
    area: Rect,
    buffer: &mut Buffer,
) {
    let is_known = too_early(model).is_none();
    let hint = match (is_known, comparison.longer() == Some(Side::A)) {
        (false, _) => "when both have ended",
        (true, true) => "B is faster",
        (true, false) => "w all rows",
    };
    let dim = model.theme.dim();
    let inner = bordered(model.theme, area, buffer, "Whole run", hint, false);
    let columns = usize::from(inner.width);
    // 17 columns are set aside for the names. The three columns of numbers share the others, each
    // 5 to 11 wide. The names then get all columns that the numbers do not use.
    let number = (columns.saturating_sub(17) / 3).clamp(5, 11);
    let name = columns.saturating_sub(3 * number + 2);
    let cell = |text: &str, style| styled(cut(text, number), style).right_aligned();
    let rows = rows.iter().map(|row| {
        Row::new([
            styled(cut(row.name, name), dim),
            cell(&row.a, Style::new()),
            cell(&row.b, Style::new()),
            cell(&row.change, Theme::strong()),
        ])
    });
    let heads = ["A", "B", "Δ"].map(|head| cell(head, dim));
    let header = Row::new([Line::default()].into_iter().chain(heads));
    let widths = [name, number, number, number].map(|columns| Constraint::Length(cells(columns)));
    let area = Rect {
        x: inner.x.saturating_add(1),
        width: inner.width.saturating_sub(1),
        ..inner
    };
    Table::new(rows, widths)
        .header(header)
        .column_spacing(0)
        .render(area, buffer);
}

/// All numbers of both runs in a popup, with the critical path of each run.
pub(crate) struct NumbersPopup<'a> {
    pub(crate) model: &'a Model,
}

impl Widget for &NumbersPopup<'_> {
    fn render(self, body: Rect, buffer: &mut Buffer) {
        let model = self.model;
        let Some(comparison) = model.comparison.as_deref() else {
            let area = popup(body, (40, 3), buffer);
            return computing(model, area, buffer);
        };
        // A trace without waits has no critical path.
        let panes = model.panes.iter().zip(&comparison.paths);
        let is_open = too_early(model).is_some();
        let known = panes.filter(|(pane, _)| !is_open && pane.replay.log().meta.has(Aspect::Waits));
        let sentences: Vec<&String> = known.map(|(_, path)| path).collect();
        let width = body.width.min(76);
        let columns = usize::from(width).saturating_sub(4);
        let lines: Vec<String> = sentences
            .iter()
            .flat_map(|text| wrap(text, columns))
            .collect();
        let mut rows = known_rows(model, comparison);
        // Borders, header and a blank line take four rows. If rows are scarce, the sentences
        // replace the last rows of the table.
        let room = usize::from(body.height).saturating_sub(4 + lines.len());
        let explained = room >= LEAST_ROWS;
        if explained {
            rows.truncate(room);
        }
        let height = rows.len() + 4 + if explained { lines.len() } else { 0 };
        let area = popup(body, (width, cells(height)), buffer);
        numbers(model, comparison, &rows, area, buffer);
        for (line, row) in lines.iter().zip(rows.len() + 3..).take_while(|_| explained) {
            put_at(buffer, area, (2, row), line, Style::new());
        }
    }
}
