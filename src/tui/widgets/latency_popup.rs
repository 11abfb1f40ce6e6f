//! The list of ready-to-run and run times.
//!
//! ```text
//! ┏ Latency: by task ━━━━━━━━━━━━━━━ ← → length of polls, Tab by spawn place ┓
//! ┃                         from ready to the poll                           ┃
//! ┃                  polls     p50     p95     p99     max                   ┃
//! ┃   all tasks        140     0ms     2ms    80ms   280ms                   ┃
//! ┃                                                                          ┃
//! ┃ ▸ #3 reader         12     1ms    90ms   280ms   280ms                   ┃
//! ┃   #1 parser         40     0ms     1ms     2ms     2ms                   ┃
//! ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
//! ```
//!
//! The first tab lists the ten longest times instead, each with the event at which its poll begins. A
//! wide screen shows both kinds of times, a narrow one those by which the rows are sorted. A comparison
//! shows the sums of both runs, and the rows of the active one.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::Line,
    widgets::{List, ListState, StatefulWidget, Widget},
};

use crate::{
    insight::{LatencyReport, TimeStats, WorstTime},
    scene::{
        findings::ProgramLine,
        format::seconds,
        latency::{LatencyWords, by_words, quantile_words, span_words},
        tasks::file_name,
    },
};

use crate::tui::{
    model::{
        Model, Screen,
        latency::{LatencyList, LatencyTab},
        run_pane::RunPane,
    },
    theme::Theme,
    widgets::{
        panel::{LETTERS, bordered, popup},
        text::{cells, cut, pad, put, styled, wrap},
    },
};

/// The columns of a number.
const NUMBER: usize = 8;

/// The list of times.
pub(crate) struct LatencyPopup<'a> {
    pub(crate) model: &'a Model,
    pub(crate) pane: &'a RunPane,
    pub(crate) list: LatencyList,
}

/// A place on the screen, in few columns: `main.rs:12`.
fn short_line(line: &ProgramLine) -> String {
    format!("{}:{}", file_name(&line.file), line.line)
}

impl Widget for &LatencyPopup<'_> {
    fn render(self, body: Rect, buffer: &mut Buffer) {
        let columns = body.width.saturating_sub(4).clamp(body.width.min(40), 124);
        let inside = usize::from(columns).saturating_sub(2);
        let (head, rows) = if let Some(report) = self.pane.latency.report() {
            (self.head(report, inside), self.rows(report, inside, body))
        } else {
            (vec![styled(" reading the run", Style::new())], Vec::new())
        };
        let height = head.len() + rows.len() + 2;
        let area = popup(body, (columns, cells(height)), buffer);
        let inner = bordered(
            self.model.theme,
            area,
            buffer,
            &self.title(),
            &self.hint(),
            true,
        );
        for (line, row) in head.iter().zip(0..) {
            put(buffer, inner, row, line);
        }
        let taken = cells(head.len()).min(inner.height);
        let list = Rect {
            y: inner.y + taken,
            height: inner.height - taken,
            ..inner
        };
        let mut state = ListState::default().with_selected(Some(self.list.row));
        StatefulWidget::render(List::new(rows), list, buffer, &mut state);
    }
}

impl LatencyPopup<'_> {
    fn title(&self) -> String {
        let what = match self.list.tab {
            LatencyTab::Longest => "the longest",
            LatencyTab::Groups(by) => by_words(by),
        };
        let measure = measure_words(self.list.by_polls);
        if self.model.screen == Screen::Compare {
            let letter = LETTERS[self.model.active.min(1)];
            return format!("Latency of {letter}, {what}: {measure}");
        }
        format!("Latency, {what}: {measure}")
    }

    fn hint(&self) -> String {
        let next = match self.list.tab.neighbour(true) {
            LatencyTab::Longest => "the longest",
            LatencyTab::Groups(by) => by_words(by),
        };
        format!("Tab {next}")
    }

    /// The notes, the heads of the columns, and the sums.
    fn head(&self, report: &LatencyReport, columns: usize) -> Vec<Line<'static>> {
        let theme = self.model.theme;
        let language = self.model.language_for(self.pane);
        let notes = LatencyWords::new(&self.pane.replay, language).notes(report);
        let mut lines: Vec<Line<'static>> = notes
            .iter()
            .flat_map(|note| wrap(note, columns.saturating_sub(2)))
            .map(|row| styled(format!(" {row}"), theme.dim()))
            .collect();
        let shape = Shape::of(columns, self.list.by_polls);
        lines.extend(shape.heads().map(|head| styled(head, theme.dim())));
        if self.model.screen == Screen::Compare {
            for (pane, letter) in self.model.panes.iter().zip(LETTERS) {
                let name = format!("   {letter}, all tasks");
                if let Some(of) = pane.latency.report() {
                    lines.push(styled(shape.row(&name, &of.ready, &of.polls), Style::new()));
                }
            }
        } else {
            let all = shape.row("   all tasks", &report.ready, &report.polls);
            lines.push(styled(all, Style::new()));
        }
        lines.push(Line::default());
        lines
    }

    /// The rows of the tab. Of a long list, only those around the chosen one are put into words.
    fn rows(&self, report: &LatencyReport, columns: usize, body: Rect) -> Vec<Line<'static>> {
        if self.list.tab == LatencyTab::Longest {
            return self.longest(report, columns);
        }
        let language = self.model.language_for(self.pane);
        let words = LatencyWords::new(&self.pane.replay, language);
        let shape = Shape::of(columns, self.list.by_polls);
        let shown = usize::from(body.height);
        let rows = self.list.groups(report).into_iter().zip(0..);
        rows.map(|(group, at)| {
            if self.list.row.abs_diff(at) > shown {
                return Line::default();
            }
            let name = words.row(group).phrase_with(&short_line);
            let (sign, style) = self.sign(at);
            let name = format!(" {sign} {name}");
            styled(shape.row(&name, &group.ready, &group.polls), style)
        })
        .collect()
    }

    fn longest(&self, report: &LatencyReport, columns: usize) -> Vec<Line<'static>> {
        let times = self.list.longest(report);
        if times.is_empty() {
            let none = " No such time is longer than 0.";
            return vec![styled(none, self.model.theme.dim())];
        }
        let rows = times.iter().zip(0..);
        rows.map(|(time, at)| {
            let (sign, style) = self.sign(at);
            let text = format!(" {sign} {}", self.longest_words(time));
            styled(cut(&text, columns), style)
        })
        .collect()
    }

    /// One of the longest times: `280ms  #3 reader at main.rs:12   event 14, t=0.520s`.
    fn longest_words(&self, time: &WorstTime) -> String {
        let language = self.model.language_for(self.pane);
        let row = LatencyWords::new(&self.pane.replay, language).worst(time);
        let name = row.phrase_with(&short_line);
        let span = span_words(row.span);
        format!(
            "{span:>NUMBER$}  {name}   event {}, t={}",
            row.position.0,
            seconds(row.at)
        )
    }

    fn sign(&self, at: usize) -> (&'static str, Style) {
        if at == self.list.row {
            ("▸", Theme::strong())
        } else {
            (" ", Style::new())
        }
    }
}

/// What the durations are, by which rows are sorted.
fn measure_words(by_polls: bool) -> &'static str {
    if by_polls {
        "length of polls"
    } else {
        "ready to poll"
    }
}

/// The columns of the table.
struct Shape {
    /// The columns of a row.
    columns: usize,
    /// Which times are shown: from ready to poll, and polls.
    shown: [bool; 2],
}

impl Shape {
    fn of(columns: usize, by_polls: bool) -> Shape {
        let is_wide = columns >= 104;
        Shape {
            columns,
            shown: [is_wide || !by_polls, is_wide || by_polls],
        }
    }

    /// The columns of names.
    fn name(&self) -> usize {
        let groups = self.shown.iter().filter(|shown| **shown).count();
        let numbers = NUMBER + groups * (4 * NUMBER + 1);
        self.columns.saturating_sub(numbers + 1).max(10)
    }

    /// The two lines above the numbers.
    fn heads(&self) -> [String; 2] {
        let name = self.name();
        let heads = [measure_words(false), measure_words(true)];
        let shown = heads.iter().zip(self.shown).filter(|(_, shown)| *shown);
        let titles = shown.map(|(head, _)| format!(" {head:>width$}", width = 4 * NUMBER));
        let titles = titles.collect::<Vec<_>>().concat();
        let numbers = ["p50", "p95", "p99", "max"].map(str::to_owned);
        [
            format!("{:width$}{titles}", "", width = name + NUMBER),
            self.line("", "polls", [&numbers, &numbers]),
        ]
    }

    fn row(&self, name: &str, ready: &TimeStats, polls: &TimeStats) -> String {
        let count = polls.quantiles.count.max(ready.quantiles.count);
        let (ready, polls) = (quantile_words(ready), quantile_words(polls));
        self.line(name, &count.to_string(), [&ready, &polls])
    }

    fn line(&self, name: &str, count: &str, of: [&[String; 4]; 2]) -> String {
        let mut line = format!("{}{count:>NUMBER$}", pad(name, self.name()));
        let shown = of.iter().zip(self.shown).filter(|(_, shown)| *shown);
        for (numbers, _) in shown {
            let [p50, p95, p99, max] = numbers;
            let numbers = format!(" {p50:>NUMBER$}{p95:>NUMBER$}{p99:>NUMBER$}{max:>NUMBER$}");
            line.push_str(&numbers);
        }
        line
    }
}
