//! The lists that a user chooses from: scenarios, tasks, and the tasks and branches of "what if".

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    insight::{Lesson, status_code, task_label},
    replay::{NextPoll, Replay, Status},
    scene::summary_line,
    trace::{Position, TaskId},
};

use crate::tui::source::{CatalogueEntry, RunRequest};

/// The two lists of the start screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum PickerTab {
    /// The scenarios that are not lessons.
    #[default]
    Scenarios,
    /// The lessons, in their order.
    Lessons,
}

/// A row of the start screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PickerRow {
    /// The tour for a user who is new.
    Tour,
    /// A variant: the scenario's index in the catalogue and the variant's index in the scenario. In
    /// the tab of the lessons, the lesson of the scenario.
    Variant(usize, usize),
}

/// The scenario of the tour.
pub(crate) const TOUR_SCENARIO: &str = "say_after";

/// The variants that await one call after the other; the tour runs the first that there is.
pub(crate) const IN_ORDER: [&str; 2] = ["in_order", "sequential"];

/// The variant that spawns both calls.
pub(crate) const CONCURRENT: &str = "concurrent";

/// The list of scenarios.
#[derive(Clone, Debug, Default)]
pub(crate) struct Picker {
    pub(crate) catalogue: Vec<CatalogueEntry>,
    pub(crate) tab: PickerTab,
    /// The chosen row among those that are listed.
    pub(crate) row: usize,
    /// Only scenarios that contain this text are listed: in their names, titles, variants,
    /// parameters or sources.
    pub(crate) filter: String,
    /// The parameters that were set, by scenario.
    pub(crate) set: BTreeMap<String, Vec<(String, String)>>,
}

impl Picker {
    /// The rows that are listed. The tour is the first row of the scenarios, unless they are
    /// filtered. A scenario without variants has one row, and so has a lesson in the tab of the
    /// lessons.
    pub(crate) fn rows(&self) -> Vec<PickerRow> {
        let mut rows = Vec::new();
        let filtered = !self.filter.is_empty();
        if !filtered && self.tab == PickerTab::Scenarios && self.tour().is_some() {
            rows.push(PickerRow::Tour);
        }
        for (at, scenario) in self.listed() {
            let count = match self.tab {
                PickerTab::Lessons if !filtered => 1,
                PickerTab::Lessons | PickerTab::Scenarios => scenario.variants.len().max(1),
            };
            rows.extend((0..count).map(|variant| PickerRow::Variant(at, variant)));
        }
        rows
    }

    /// The scenario of the tour, and its variants that await in order and that spawn; `None` if it
    /// cannot be started here.
    pub(crate) fn tour(&self) -> Option<[(usize, usize); 2]> {
        let mut catalogue = self.catalogue.iter();
        let at = catalogue.position(|entry| entry.name == TOUR_SCENARIO)?;
        let variants = &self.catalogue.get(at)?.variants;
        let find = |wanted: &str| variants.iter().position(|(name, _)| name == wanted);
        let in_order = IN_ORDER.into_iter().find_map(find)?;
        Some([(at, in_order), (at, find(CONCURRENT)?)])
    }

    /// Whether Enter opens a lesson's path instead of a run.
    pub(crate) fn lists_lessons(&self) -> bool {
        self.tab == PickerTab::Lessons && self.filter.is_empty()
    }

    /// The scenarios that are listed, with their indices in the catalogue: those of the tab, or
    /// those of both tabs that contain the filter's text.
    pub(crate) fn listed(&self) -> impl Iterator<Item = (usize, &CatalogueEntry)> {
        let text = self.filter.to_lowercase();
        let holds = move |words: &str| words.to_lowercase().contains(&text);
        let all = self.catalogue.iter().enumerate();
        all.filter(move |(_, scenario)| {
            if self.filter.is_empty() {
                let is_lesson = Lesson::of(&scenario.name).is_some();
                return is_lesson == (self.tab == PickerTab::Lessons);
            }
            let variants = &scenario.variants;
            let params = &scenario.params;
            [
                &scenario.name,
                &scenario.title,
                &scenario.group,
                &scenario.source,
                &scenario.twin,
            ]
            .into_iter()
            .any(|words| holds(words))
                || variants
                    .iter()
                    .any(|(name, title)| holds(name) || holds(title))
                || params
                    .iter()
                    .any(|param| holds(&param.name) || holds(&param.help))
        })
    }

    /// Shows a tab without a filter. Of the lessons, the first that is not among `done` is chosen.
    pub(crate) fn show_tab(&mut self, tab: PickerTab, done: &BTreeSet<u8>) {
        self.tab = tab;
        self.filter.clear();
        let is_next =
            |lesson: Option<&Lesson>| lesson.is_some_and(|lesson| !done.contains(&lesson.number));
        let next = self
            .listed()
            .map(|(_, entry)| Lesson::of(&entry.name))
            .position(is_next);
        self.row = next.unwrap_or(0);
    }

    /// The chosen row; `None` if the list is empty.
    pub(crate) fn entry(&self) -> Option<(usize, usize)> {
        match self.rows().get(self.row)? {
            PickerRow::Tour => None,
            PickerRow::Variant(at, variant) => Some((*at, *variant)),
        }
    }

    /// Changes the filter. The chosen row stays chosen if it is still listed.
    pub(crate) fn set_filter(&mut self, text: &str) {
        let chosen = self.entry();
        text.clone_into(&mut self.filter);
        let rows = self.rows();
        let is_chosen = |row: &PickerRow| match *row {
            PickerRow::Tour => chosen.is_none(),
            PickerRow::Variant(at, variant) => chosen == Some((at, variant)),
        };
        self.row = rows.iter().position(is_chosen).unwrap_or(0);
    }

    /// The run of a variant with the default parameters.
    pub(crate) fn default_request(&self, entry: (usize, usize)) -> Option<RunRequest> {
        let what = self.request(entry)?;
        Some(RunRequest {
            params: Vec::new(),
            ..what
        })
    }

    /// The run that a row stands for.
    pub(crate) fn request(&self, entry: (usize, usize)) -> Option<RunRequest> {
        let scenario = self.catalogue.get(entry.0)?;
        let variant = scenario.variants.get(entry.1).map(|(name, _)| name.clone());
        Some(RunRequest {
            scenario: scenario.name.clone(),
            variant: variant.unwrap_or_default(),
            params: self.set.get(&scenario.name).cloned().unwrap_or_default(),
            ..RunRequest::default()
        })
    }
}

/// The tasks that are listed: all, those whose label contains a text, or those with a status.
///
/// The labels are compared when the filter is set and when tasks are spawned, not each time the
/// list is drawn. The statuses are compared when the position changes.
#[derive(Clone, Debug, Default)]
pub(crate) struct TaskFilter {
    text: String,
    /// The tasks that pass, in the order of their ids.
    tasks: Vec<TaskId>,
    /// How many tasks have been compared.
    compared: usize,
    /// The status whose code the text is: then the tasks with this status pass.
    status: Option<Status>,
}

/// The statuses that a filter can name.
const STATUSES: [Status; 7] = [
    Status::Ready,
    Status::Running,
    Status::Timer,
    Status::Pending,
    Status::Done,
    Status::Failed,
    Status::Cancelled,
];

impl TaskFilter {
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn is_on(&self) -> bool {
        !self.text.is_empty()
    }

    /// Lists the tasks whose label contains this text, in upper or lower case. The code of a status,
    /// such as `TMR`, lists the tasks that have this status at the position. An empty text lists
    /// all.
    pub(crate) fn set(&mut self, replay: &Replay, text: &str) {
        let is_code = |status: &Status| status_code(*status).eq_ignore_ascii_case(text);
        *self = TaskFilter {
            text: text.to_owned(),
            status: STATUSES.into_iter().find(is_code),
            ..TaskFilter::default()
        };
        self.extend(replay);
    }

    /// Lists the tasks anew if they are listed by status: the position has changed.
    pub(crate) fn moved(&mut self, replay: &Replay) {
        let Some(status) = self.status else { return };
        let rows = replay.state().tasks.iter();
        let with = rows.filter(|(_, row)| row.status() == status);
        self.tasks = with.map(|(task, _)| task).collect();
    }

    /// Compares the tasks that a live run has spawned since the last call.
    pub(crate) fn extend(&mut self, replay: &Replay) {
        let all = replay.tables().tasks().len();
        if !self.is_on() {
            return;
        }
        if self.status.is_some() {
            return self.moved(replay);
        }
        let text = self.text.to_lowercase();
        let new = self.compared..all;
        let passes = |task: &TaskId| {
            task_label(replay.tables(), *task)
                .to_lowercase()
                .contains(&text)
        };
        self.tasks.extend(new.filter_map(task_id).filter(passes));
        self.compared = all;
    }

    /// How many of the first `spawned` tasks are listed.
    pub(crate) fn len(&self, spawned: usize) -> usize {
        if self.is_on() {
            self.tasks.partition_point(|task| task.index() < spawned)
        } else {
            spawned
        }
    }

    /// The task in a row of the list. The list has rows for all tasks of the run, also those that
    /// are spawned later.
    pub(crate) fn nth(&self, row: usize) -> Option<TaskId> {
        if self.is_on() {
            self.tasks.get(row).copied()
        } else {
            task_id(row)
        }
    }

    /// The row of a task, or of the next task that is listed.
    pub(crate) fn row(&self, task: TaskId) -> usize {
        if self.is_on() {
            self.tasks.partition_point(|listed| *listed < task)
        } else {
            task.index()
        }
    }
}

fn task_id(index: usize) -> Option<TaskId> {
    u32::try_from(index).ok().map(TaskId)
}

/// The open list of "what if": the tasks that could run at a poll, and the branches that were
/// started before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WhatIf {
    /// The poll at which another task can run; `None` if no poll follows.
    pub(crate) poll: Option<NextPoll>,
    /// The chosen row.
    pub(crate) row: usize,
}

/// What a row of [`WhatIf`] stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum WhatIfRow<'a> {
    /// A new branch in which this task runs first.
    Task(TaskId),
    /// A branch that was started before.
    Branch(&'a Branch),
}

/// A branch: a run in which, at some poll, a different task ran than in the original run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Branch {
    pub(crate) what: RunRequest,
    /// Its position when another run last replaced it on the screen.
    pub(crate) at: Option<Position>,
}

impl WhatIf {
    /// The rows, from the top.
    pub(crate) fn entries<'a>(&'a self, branches: &'a [Branch]) -> Vec<WhatIfRow<'a>> {
        let tasks = self.poll.iter().flat_map(|poll| &poll.ready);
        let tasks = tasks.map(|task| WhatIfRow::Task(*task));
        tasks
            .chain(branches.iter().map(WhatIfRow::Branch))
            .collect()
    }
}

/// A branch's name in the list.
pub(crate) fn branch_name(branch: &Branch) -> String {
    summary_line::branch_title(branch.what.variant.clone(), &branch.what.schedule)
}
