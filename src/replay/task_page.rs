//! The pages of the task table.

use std::{collections::BTreeMap, sync::Arc};

use super::{groups::GroupId, task::TaskState};

/// How many tasks a page holds.
pub(super) const PAGE: usize = 256;

/// The tasks of a page that are members of a group of tasks. Few tasks are, so a page has this table
/// only once one of its tasks is.
pub(super) type PageGroups = Option<Arc<[Option<GroupId>; PAGE]>>;

/// The rows of [`PAGE`] tasks with successive numbers; the last page may have fewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) rows: PageRows,
    pub(super) groups: PageGroups,
}

/// The rows of a page, which is of one of three kinds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PageRows {
    /// A row for each task.
    Open {
        rows: Vec<TaskState>,
        unfinished: usize,
    },
    /// All tasks have ended. Such a page never changes again, so all copies of the table share it.
    Ended(Arc<[TaskState]>),
    /// The tasks were declared behind a gap.
    Declared(Arc<DeclaredPage>),
}

/// The rows of a page of tasks that were declared behind a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DeclaredPage {
    /// The row of each task that had no event yet.
    pub(super) unknown: TaskState,
    /// The rows of the others, by their place in the page.
    pub(super) touched: BTreeMap<usize, TaskState>,
    pub(super) unfinished: usize,
}

impl DeclaredPage {
    pub(super) fn row(&self, at: usize) -> &TaskState {
        self.touched.get(&at).unwrap_or(&self.unknown)
    }
}

/// The row of a declared task that has an event.
#[cold]
pub(super) fn touch<'a>(
    page: &'a mut Arc<DeclaredPage>,
    at: usize,
    touched: &mut usize,
) -> &'a mut TaskState {
    let page = Arc::make_mut(page);
    page.touched.entry(at).or_insert_with(|| {
        *touched += 1;
        page.unknown.clone()
    })
}

impl Page {
    pub(super) fn rows(&self) -> impl Iterator<Item = &TaskState> {
        let (rows, declared) = match &self.rows {
            PageRows::Open { rows, .. } => (rows.as_slice(), None),
            PageRows::Ended(rows) => (&**rows, None),
            PageRows::Declared(page) => (&[][..], Some(page)),
        };
        let declared = declared.into_iter();
        rows.iter()
            .chain(declared.flat_map(|page| (0..PAGE).map(|at| page.row(at))))
    }

    /// The rows of an open page, and of a page of declared tasks those that had an event, with their
    /// places in the page.
    pub(super) fn own_rows(&self) -> impl Iterator<Item = (u32, &TaskState)> {
        let (rows, declared) = match &self.rows {
            PageRows::Open { rows, .. } => (rows.as_slice(), None),
            PageRows::Ended(_) => (&[][..], None),
            PageRows::Declared(page) => (&[][..], Some(&page.touched)),
        };
        let touched = declared.into_iter().flatten();
        // A page has 256 places.
        let touched = touched.filter_map(|(at, row)| Some((u32::try_from(*at).ok()?, row)));
        (0..).zip(rows).chain(touched)
    }

    #[inline]
    pub(super) fn group(&self, at: usize) -> Option<GroupId> {
        self.groups.as_ref()?[at]
    }
}
