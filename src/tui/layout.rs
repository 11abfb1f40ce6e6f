//! The layout of the screen, by the size of the terminal.
//!
//! ```text
//!   header                              120x36 and up: all panels
//!   1 Program │ 2 Loop │ 3 Tasks        100x30: no panel 6; panel 5 shows the last line of output
//!   4 Timeline                          72x19:  the same in fewer rows: 2 │ 3, then 1, 4 and 5
//!   5 Why             │ 6 Output        60x15:  panels 4 and 5; above them one of 1, 2, 3 and 6
//!   scrubber                                    (in a low body: 5, and one of 1, 2, 3, 4 and 6)
//!   keys, status                        40x8:   one panel and the status line
//!                                       less:   one line that names the size needed
//! ```
//!
//! The source gets the columns that its longest line needs, as far as panels 2 and 3 keep what they
//! need at least. The user can make each panel larger or smaller; [`PanelSizes`] remembers that.

use ratatui::layout::{Constraint, Layout, Rect};

use crate::tui::{
    model::{Model, Panel, Screen, panel_sizes::PanelSizes},
    widgets::text::{cells, width},
};

/// How much fits on the screen, from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SizeClass {
    /// Below 40x8: one line.
    Line,
    /// From 40x8 on: one panel.
    Single,
    /// From 60x15 on: three panels, the top one of which can be switched.
    Compact,
    /// From 100x30 on: all panels except the output.
    Narrow,
    /// From 120x36 on: all panels.
    Full,
}

impl SizeClass {
    pub(super) fn of(area: Rect) -> SizeClass {
        match (area.width, area.height) {
            (..40, _) | (_, ..8) => SizeClass::Line,
            (..60, _) | (_, ..15) => SizeClass::Single,
            (..100, _) | (_, ..30) => SizeClass::Compact,
            (..120, _) | (_, ..36) => SizeClass::Narrow,
            _ => SizeClass::Full,
        }
    }
}

/// The parts that every screen has. A part that is left out is empty.
#[derive(Clone, Debug, Default)]
pub(super) struct ScreenAreas {
    pub(super) header: Rect,
    /// The card of the tour or of a lesson.
    pub(super) card: Rect,
    pub(super) body: Rect,
    pub(super) scrubber: Rect,
    pub(super) footer: Rect,
    pub(super) status: Rect,
}

/// Divides the screen into header, card, body and the lines below. The start screen has no scrubber.
pub(super) fn frame(model: &Model, area: Rect) -> ScreenAreas {
    let (header, scrubber, footer) = match SizeClass::of(area) {
        SizeClass::Line => {
            return ScreenAreas {
                status: area,
                ..ScreenAreas::default()
            };
        }
        SizeClass::Single => (0, 0, 0),
        SizeClass::Compact => (1, 1, 1),
        SizeClass::Narrow | SizeClass::Full => (1, 1, 2),
    };
    let on_picker = model.screen == Screen::Picker;
    let scrubber = if on_picker { 0 } else { scrubber };
    let card = if on_picker || model.guide.is_none() {
        0
    } else {
        card_rows(SizeClass::of(area), model.screen)
    };
    let [header, card, body, scrubber, footer, status] = area.layout(&Layout::vertical([
        Constraint::Length(header),
        Constraint::Length(card),
        Constraint::Fill(1),
        Constraint::Length(scrubber),
        Constraint::Length(footer),
        Constraint::Length(1),
    ]));
    ScreenAreas {
        header,
        card,
        body,
        scrubber,
        footer,
        status,
    }
}

/// The rows of the card of the tour or of a lesson: its text, and a border where there is room.
/// Two runs need the rows for their lanes, so the card is lower there.
fn card_rows(size: SizeClass, screen: Screen) -> u16 {
    match (size, screen) {
        (SizeClass::Line | SizeClass::Single, _) => 0,
        (SizeClass::Compact, _) => 4,
        (SizeClass::Narrow | SizeClass::Full, Screen::Compare) => 5,
        (SizeClass::Narrow | SizeClass::Full, Screen::Main | Screen::Picker) => 6,
    }
}

/// The panels of the main screen that are shown, and their areas.
pub(super) fn panels(model: &Model, body: Rect, size: SizeClass) -> Vec<(Panel, Rect)> {
    match size {
        SizeClass::Line => Vec::new(),
        _ if model.maximised => vec![(model.focus, body)],
        SizeClass::Single => vec![(model.focus, body)],
        SizeClass::Compact => compact(model, body),
        SizeClass::Narrow | SizeClass::Full => full(model, body, size),
    }
}

/// Whether a compact screen shows the queues, the source and the explanation together: with the card
/// of a guide, too, 80x24 is enough.
fn has_all(body: Rect) -> bool {
    body.width >= 72 && body.height >= 15
}

/// Whether the body is too low to show the timeline beside another panel.
fn is_low(rows: u16) -> bool {
    rows < 16
}

/// The panels that Tab cycles through.
///
/// On a small compact screen these are the panels of which only one is shown at the top. On a narrow
/// screen these are all panels except the output, which is not shown. On any other screen, and while
/// a panel is maximised, these are all panels.
pub(super) fn tab_order(model: &Model, area: Rect) -> Vec<Panel> {
    let body = frame(model, area).body;
    let low = is_low(body.height);
    let stays = |panel: &Panel| match SizeClass::of(area) {
        _ if model.maximised => false,
        SizeClass::Compact if has_all(body) => false,
        SizeClass::Compact => *panel == Panel::Why || (*panel == Panel::Timeline && !low),
        SizeClass::Narrow => *panel == Panel::Output,
        _ => false,
    };
    Panel::ALL
        .into_iter()
        .filter(|panel| !stays(panel))
        .collect()
}

/// Whether the panel at the top is the one that Tab switches.
pub(super) fn turns_top(model: &Model, area: Rect) -> bool {
    let compact = SizeClass::of(area) == SizeClass::Compact;
    compact && !model.maximised && !has_all(frame(model, area).body)
}

/// All panels in as few rows as possible: the lower border of a panel is covered by the upper border
/// of the next one. The output takes the place of the tasks while it has the focus.
///
/// Panels 2 and 3 have five rows, the source three and the timeline four; the explanation has the
/// rest. Further rows are shared. If the rows do not suffice, the timeline is left out; while it has
/// the focus, it takes the place of the source.
fn small(model: &Model, body: Rect) -> Vec<(Panel, Rect)> {
    let mut contents = [5_u16, 3, 4, 3];
    // Each panel takes one row for its upper border, and the last one another for its lower border.
    let rows = body.height.saturating_sub(5);
    match rows.checked_sub(contents.iter().sum()) {
        Some(spare) => {
            let order = [1, 3, 2, 1, 0, 3];
            let given = order.into_iter().cycle().take(spare.into());
            given.for_each(|panel| contents[panel] += 1);
        }
        // The timeline gives its rows to the explanation.
        None => contents[2] = 0,
    }
    let [queues, source, lanes, _] = contents;
    let lanes = match lanes {
        0 => 0,
        lanes => lanes
            .saturating_add_signed(model.sizes.of(Panel::Timeline))
            .max(2),
    };
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
    let first = take(queues);
    let columns =
        (first.width.min(5_000) * 13 / 20).saturating_add_signed(4 * model.sizes.of(Panel::Loop));
    let [left, right] = first.layout(&Layout::horizontal([
        Constraint::Length(columns.clamp(24, first.width.saturating_sub(20))),
        Constraint::Fill(1),
    ]));
    let beside = if model.focus == Panel::Output {
        Panel::Output
    } else {
        Panel::Tasks
    };
    let below = if lanes == 0 && model.focus == Panel::Timeline {
        Panel::Timeline
    } else {
        Panel::Program
    };
    let mut panels = vec![(Panel::Loop, left), (beside, right), (below, take(source))];
    if lanes > 0 {
        panels.push((Panel::Timeline, take(lanes)));
    }
    // The last panel gets what is left.
    panels.push((Panel::Why, take(body.height)));
    panels
}

/// The panels of a compact screen: the one at the top, the timeline if there is room, and panel 5.
fn compact(model: &Model, body: Rect) -> Vec<(Panel, Rect)> {
    if has_all(body) {
        return small(model, body);
    }
    if is_low(body.height) {
        let [top, why] = body.layout(&Layout::vertical([
            Constraint::Fill(1),
            Constraint::Length(5),
        ]));
        return vec![(model.top, top), (Panel::Why, why)];
    }
    let rows = timeline_rows(model, 4).min(body.height / 3 + 1);
    let why = if body.height >= 18 { 7 } else { 5 };
    let layout = Layout::vertical([
        Constraint::Fill(1),
        Constraint::Length(rows),
        Constraint::Length(why),
    ]);
    let [top, timeline, why] = body.layout(&layout);
    let turned = if model.top == Panel::Timeline {
        Panel::Loop
    } else {
        model.top
    };
    vec![
        (turned, top),
        (Panel::Timeline, timeline),
        (Panel::Why, why),
    ]
}

/// All panels; below 120x36 without panel 6, because panel 5 shows the last line of output there.
fn full(model: &Model, body: Rect, size: SizeClass) -> Vec<(Panel, Rect)> {
    let sizes = &model.sizes;
    let grown = |rows: u16, panel| rows.saturating_add_signed(sizes.of(panel)).max(4);
    let why = match body.height {
        50.. => 12,
        33.. => 10,
        _ => 8,
    };
    let why = grown(why, Panel::Why).min(body.height / 2);
    // The top row keeps 13 rows, so that panel 2 can show all queues. The timeline gets at most the
    // others, but never fewer than 10 rows, unless the user changes that.
    let most = (body.height - why).saturating_sub(13).max(10);
    let timeline = grown(timeline_rows(model, 8).min(most), Panel::Timeline);
    let layout = Layout::vertical([
        Constraint::Fill(1),
        Constraint::Length(timeline.min((body.height - why).saturating_sub(5))),
        Constraint::Length(why),
    ]);
    let [top, timeline, bottom] = body.layout(&layout);
    let columns = top_columns(sizes, source_columns(model), top.width);
    let [program, middle, tasks] = top.layout(&Layout::horizontal(columns.map(Constraint::Length)));
    let mut panels = vec![
        (Panel::Program, program),
        (Panel::Loop, middle),
        (Panel::Tasks, tasks),
        (Panel::Timeline, timeline),
    ];
    if size == SizeClass::Full {
        // Lines of output are short, and lines of the explanation are read best up to 110 columns.
        let output = (bottom.width.min(5_000) * 3 / 10).clamp(30, 70);
        let output = output.saturating_add_signed(4 * sizes.of(Panel::Output));
        let [why, output] = bottom.layout(&Layout::horizontal([
            Constraint::Fill(1),
            Constraint::Length(output.clamp(20, bottom.width / 2)),
        ]));
        panels.extend([(Panel::Why, why), (Panel::Output, output)]);
    } else {
        panels.push((Panel::Why, bottom));
    }
    panels
}

/// The fewest columns of panels 1, 2 and 3.
const LEAST: [u16; 3] = [20, 33, 27];

/// The columns that panels 2 and 3 can use.
const USEFUL: [u16; 2] = [48, 66];

/// The columns of panels 1, 2 and 3.
///
/// 1. Panels 2 and 3 get their fewest columns, and panel 1 what its source needs of the rest.
/// 2. Columns that are left over go to panel 2, then to panel 3, up to what they can use, and then to
///    panel 1.
/// 3. What the user has added to a panel, or taken from it, is exchanged with the panels beside it.
fn top_columns(sizes: &PanelSizes, needed: u16, all: u16) -> [u16; 3] {
    let [least, middle, right] = LEAST;
    let room = all.saturating_sub(middle + right);
    let source = needed.clamp(least, room.max(least));
    let mut spare = all.saturating_sub(source + middle + right);
    let mut columns = [source, middle, right];
    for (panel, useful) in [1, 2].into_iter().zip(USEFUL) {
        let more = useful.saturating_sub(columns[panel]).min(spare);
        columns[panel] += more;
        spare -= more;
    }
    columns[0] += spare;
    for (panel, others) in [
        (Panel::Program, [1, 2]),
        (Panel::Loop, [2, 0]),
        (Panel::Tasks, [1, 0]),
    ] {
        let at = panel as usize;
        let wanted = 4 * sizes.of(panel);
        for other in others {
            let (from, to) = if wanted > 0 { (other, at) } else { (at, other) };
            let moved = wanted.unsigned_abs().min(columns[from].saturating_sub(16));
            columns[from] -= moved;
            columns[to] += moved;
            if moved == wanted.unsigned_abs() {
                break;
            }
        }
    }
    columns
}

/// The columns with which panel 1 cuts no line of code: those of the longest line, the numbers, the
/// tasks at the right and the borders. Comments are not counted, nor is the declaration at the end of
/// a scenario, of which nothing is executed.
fn source_columns(model: &Model) -> u16 {
    /// A larger source is not measured for each frame.
    const LARGEST: usize = 64 * 1024;
    /// The most bytes of all sources that are measured.
    const MOST: usize = 512 * 1024;
    let Some(pane) = model.pane() else {
        return 0;
    };
    let sources = &pane.replay.log().meta.sources;
    let code = |text: &str| {
        let lines = text
            .lines()
            .take_while(|line| !line.starts_with("loopscope::scenario!"));
        let lines = lines.filter(|line| !line.trim_start().starts_with(['/', '#']));
        lines.map(width).max()
    };
    let small = sources.iter().filter(|(_, text)| text.len() <= LARGEST);
    let small = small.scan(MOST, |left, source| {
        *left = left.checked_sub(source.1.len())?;
        Some(source)
    });
    let longest = small.filter_map(|(_, text)| code(text)).max();
    longest.map_or(if sources.is_empty() { 0 } else { 90 }, |longest| {
        cells(longest + 12).min(116)
    })
}

/// The rows that the timeline asks for: a lane for each task, and `more`.
fn timeline_rows(model: &Model, more: u16) -> u16 {
    let tasks = model
        .pane()
        .map_or(0, |pane| pane.replay.tables().tasks().len());
    cells(tasks).saturating_add(more).clamp(more + 1, 60)
}

/// The area of a panel of the main screen, if it is shown.
pub(super) fn find(model: &Model, area: Rect, panel: Panel) -> Option<Rect> {
    if model.screen != Screen::Main {
        return None;
    }
    let body = frame(model, area).body;
    let found = panels(model, body, SizeClass::of(area))
        .into_iter()
        .find(|(other, _)| *other == panel);
    found.map(|(_, rect)| rect)
}
