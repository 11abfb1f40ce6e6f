//! The critical path of a run, which `K` draws through the timeline.
//!
//! It is looked for when the user asks, one slice of the trace in each frame. The line is that of the
//! trace as it was when its end was reached: a live run that continues has another path later.

use crate::{
    insight::{CriticalPath, Language, NoPath, PathReader, PathSegment},
    replay::Replay,
    scene::{
        critical::{CriticalView, PartView},
        tasks::file_name,
    },
    trace::{Moment, TaskId},
};

/// How many events are read for one frame.
const SLICE: u64 = 50_000;

/// How many segments are looked at for the next task on the path.
const LOOKED_AT: usize = 64;

/// The line through the timeline of a run.
#[derive(Debug, Default)]
pub(crate) enum PathLine {
    /// The user has not asked for it.
    #[default]
    Off,
    /// The trace is being read.
    Reading(Box<PathReader>),
    /// The segments, from the start of the run to its end.
    Shown(Vec<PathSegment>),
}

impl PathLine {
    /// Begins to read a run.
    pub(crate) fn begin(&mut self, replay: &Replay) -> Result<(), NoPath> {
        *self = PathLine::Reading(Box::new(PathReader::new(replay)?));
        Ok(())
    }

    /// Reads the next slice. Returns what the path consists of, once it is known, or why it is not looked
    /// for.
    pub(crate) fn advance(&mut self, replay: &Replay, language: Language) -> Option<String> {
        let PathLine::Reading(reader) = self else {
            return None;
        };
        let path = match reader.feed_some(replay, SLICE) {
            Ok(false) => return None,
            Ok(true) => match std::mem::take(self) {
                PathLine::Reading(reader) => reader.path(),
                PathLine::Off | PathLine::Shown(_) => return None,
            },
            Err(why) => Err(why),
        };
        let path = match path {
            Ok(path) => path,
            Err(why) => {
                *self = PathLine::Off;
                return Some(why.words());
            }
        };
        let words = path_words(replay, &path, language);
        *self = PathLine::Shown(path.segments);
        Some(words)
    }

    pub(crate) fn is_reading(&self) -> bool {
        matches!(self, PathLine::Reading(_))
    }

    pub(crate) fn is_off(&self) -> bool {
        matches!(self, PathLine::Off)
    }

    /// The task through which the path leads at a moment, or next after it.
    pub(crate) fn task_at(&self, at: Moment) -> Option<TaskId> {
        let segments = self.segments();
        let place = segments.partition_point(|segment| segment.to <= at);
        let mut next = segments.iter().skip(place).take(LOOKED_AT);
        next.find_map(|segment| segment.task)
    }

    /// The segments of the line, if it is shown.
    pub(crate) fn segments(&self) -> &[PathSegment] {
        match self {
            PathLine::Shown(segments) => segments,
            PathLine::Off | PathLine::Reading(_) => &[],
        }
    }
}

/// The longest part of the path, for the status line.
fn path_words(replay: &Replay, path: &CriticalPath, language: Language) -> String {
    let view = CriticalView::new(replay, path, language);
    match view.parts.into_iter().next() {
        Some(part) if part.share > 0.0 => part_words(part),
        Some(_) | None => "critical path: the run takes no time".to_owned(),
    }
}

fn part_words(mut part: PartView) -> String {
    // The absolute path of a library would take the whole line.
    if let Some(line) = &mut part.location
        && line.file.starts_with('/')
    {
        line.file = file_name(&line.file).to_owned();
    }
    format!(
        "critical path: {:.0} % {}",
        part.share * 100.0,
        part.phrase()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{scene::findings::ProgramLine, trace::Span};

    #[test]
    fn a_library_is_named_without_its_folder() {
        for (file, shown) in [
            ("/usr/lib/python3/asyncio/tasks.py", "tasks.py:7"),
            ("web/app.py", "web/app.py:7"),
        ] {
            let part = PartView {
                kind: "timer",
                words: "waiting for a timer at",
                location: Some(ProgramLine {
                    file: file.to_owned(),
                    line: 7,
                    text: Vec::new(),
                }),
                task: None,
                tasks: 0,
                time: Span(1),
                share: 0.5,
                segments: 1,
            };
            let expected = format!("critical path: 50 % waiting for a timer at {shown}");
            assert_eq!(part_words(part), expected);
        }
    }
}
