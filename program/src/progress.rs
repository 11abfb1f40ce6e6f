//! What the user has finished, the tour and the lessons, in a file that outlives the program.
//!
//! The file is beside the configuration file and has its name, with the extension `progress`. It is a
//! text with a line for each finished thing:
//!
//! ```text
//! tour
//! lesson 4
//! ```
//!
//! Lines that are not understood are dropped. Without a configuration file nothing is kept, and a file that
//! cannot be read or written is no error: progress is not worth a message.

use loopscope::tui::Progress;

use super::config::{Config, read_text, write_whole};

/// What was finished in earlier runs of the program.
pub(crate) fn load(config: &Config) -> Progress {
    let text = config.progress_file();
    let text = text.and_then(|path| read_text(&path).ok());
    parse(&text.unwrap_or_default())
}

/// Keeps what is finished now.
pub(crate) fn keep(progress: &Progress, config: &Config) {
    let Some(path) = config.progress_file() else {
        return;
    };
    let _ = write_whole(&path, &text(progress));
}

fn parse(text: &str) -> Progress {
    let lessons = text
        .lines()
        .filter_map(|line| line.strip_prefix("lesson ")?.trim().parse().ok());
    Progress {
        tour: text.lines().any(|line| line.trim() == "tour"),
        lessons: lessons.collect(),
    }
}

fn text(progress: &Progress) -> String {
    let tour = progress.tour.then(|| "tour\n".to_owned());
    let lessons = progress.lessons.iter();
    let lessons = lessons.map(|number| format!("lesson {number}\n"));
    tour.into_iter().chain(lessons).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_read_as_it_was_written() {
        let progress = Progress {
            tour: true,
            lessons: [3, 22].into(),
        };
        assert_eq!(parse(&text(&progress)), progress);
        assert_eq!(parse(""), Progress::default());
        let odd = parse("lesson x\nlesson 4 \nsomething else\n");
        assert_eq!(odd.lessons, [4].into());
        assert!(!odd.tour);
    }
}
