//! How much larger or smaller than usual the user has made each panel.

use super::Panel;

/// The most steps in either direction.
const MOST: i16 = 20;

/// The steps by which each panel was made larger; negative if it was made smaller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PanelSizes {
    steps: [i16; Panel::ALL.len()],
}

impl PanelSizes {
    /// The steps of a panel. A step is a row of panels 4 and 5, and four columns of any other.
    pub(crate) fn of(&self, panel: Panel) -> i16 {
        self.steps[panel as usize]
    }

    /// Makes a panel larger or smaller by a step.
    pub(crate) fn change(&mut self, panel: Panel, larger: bool) {
        let steps = &mut self.steps[panel as usize];
        let step = if larger { 1 } else { -1 };
        *steps = (*steps + step).clamp(-MOST, MOST);
    }
}
