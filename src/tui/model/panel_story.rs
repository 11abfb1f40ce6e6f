//! What panel 5 shows at the position of a run: the story, the log above it, and the count.
//!
//! A story may take a millisecond to put together, so it is composed once for each position, when
//! it is first drawn, and kept until something that it depends on changes.

use std::{cell::RefCell, rc::Rc};

use crate::{
    insight::Language,
    replay::Replay,
    scene::{
        news::Detail,
        story::{LogLine, Story, story_with_log},
    },
    trace::Position,
    tui::model::news_count::NewsCount,
};

/// The most lines of the log above the story.
const LOG: usize = 60;

/// How many events are counted for one picture.
const COUNTED: usize = 200_000;

/// What panel 5 shows.
#[derive(Debug)]
pub(crate) struct PanelStory {
    pub(crate) story: Story,
    /// The events before the story, oldest first.
    pub(crate) log: Vec<LogLine>,
}

/// What a story depends on. The end of the trace is part of it, because a sentence may look one
/// event ahead.
type StoryKey = (Position, Position, Detail, Language);

/// The story of the position that was drawn last, and the count so far.
#[derive(Debug, Default)]
pub(crate) struct StoryCache {
    kept: RefCell<Option<(StoryKey, Rc<PanelStory>)>>,
    count: RefCell<NewsCount>,
}

impl StoryCache {
    /// The story at the position of the replay.
    pub(crate) fn at(&self, replay: &Replay, detail: Detail, language: Language) -> Rc<PanelStory> {
        let key = (replay.position(), replay.end(), detail, language);
        if let Some((of, kept)) = &*self.kept.borrow()
            && *of == key
        {
            return Rc::clone(kept);
        }
        let (story, log) = story_with_log(replay, detail, language, LOG);
        let new = Rc::new(PanelStory { story, log });
        *self.kept.borrow_mut() = Some((key, Rc::clone(&new)));
        new
    }

    /// The number of the last event that carries news, and how many there are in all. Each is
    /// `None` until enough of a long trace has been counted.
    pub(crate) fn number(&self, replay: &Replay) -> (Option<u64>, Option<u64>) {
        let mut count = self.count.borrow_mut();
        count.extend(replay, COUNTED);
        (count.until(replay, replay.position()), count.total(replay))
    }

    /// Forgets everything: positions now mean other events.
    pub(crate) fn clear(&mut self) {
        *self = StoryCache::default();
    }
}
