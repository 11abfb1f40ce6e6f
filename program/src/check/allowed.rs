//! Which findings are left out.
//!
//! A comment in the source has the form `loopscope: allow(ID, ID) REASON`. It covers its own line
//! and, if it stands on lines of its own, the line below them.

use std::str::FromStr;

use loopscope::{insight::Rule, scene::findings::FindingView};

/// What `--allow` leaves out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Allowed {
    rule: Rule,
    /// The end of the file's path, and the line; `None` for every line.
    place: Option<(String, u32)>,
}

impl FromStr for Allowed {
    type Err = String;

    fn from_str(text: &str) -> Result<Allowed, String> {
        let (id, place) = match text.split_once('@') {
            Some((id, place)) => (id, Some(place)),
            None => (text, None),
        };
        let rule = Rule::from_id(id).ok_or_else(|| {
            format!("no rule is called {id}; `loopscope check --rules` lists them")
        })?;
        let place = place.map(|place| {
            let (file, line) = place.rsplit_once(':')?;
            let line = line.parse().ok().filter(|line| *line > 0)?;
            (!file.is_empty()).then(|| (file.to_owned(), line))
        });
        match place {
            Some(None) => Err("a place has the form FILE:LINE, such as src/main.rs:12".to_owned()),
            Some(place) => Ok(Allowed { rule, place }),
            None => Ok(Allowed { rule, place: None }),
        }
    }
}

impl Allowed {
    /// Whether a finding is left out.
    pub(crate) fn covers(&self, finding: &FindingView) -> bool {
        if finding.id != self.rule.id() {
            return false;
        }
        let Some((file, line)) = &self.place else {
            return true;
        };
        let found = finding.location.as_ref();
        found.is_some_and(|found| found.line == *line && ends_with_path(&found.file, file))
    }
}

/// Whether a path ends with another one, compared by whole components.
fn ends_with_path(path: &str, end: &str) -> bool {
    let end = end.trim_start_matches("./");
    let rest = path.strip_suffix(end);
    rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
}

/// What the comments at a line say about a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CommentAnswer {
    /// They allow it, and say why.
    Allows,
    /// They allow it without a reason.
    LacksReason,
    /// Nothing.
    Silent,
}

/// What a line of source and the comment lines above it say about a rule.
pub(super) fn by_comment(id: &str, lines: &[String]) -> CommentAnswer {
    let mut answer = CommentAnswer::Silent;
    for line in lines {
        let Some((_, comment)) = line.split_once("loopscope: allow(") else {
            continue;
        };
        let Some((ids, reason)) = comment.split_once(')') else {
            continue;
        };
        if ids.split(',').any(|allowed| allowed.trim() == id) {
            if reason.chars().any(char::is_alphanumeric) {
                return CommentAnswer::Allows;
            }
            answer = CommentAnswer::LacksReason;
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(id: &str, lines: &[&str]) -> CommentAnswer {
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        by_comment(id, &lines)
    }

    #[test]
    fn a_comment_allows_a_finding_if_it_says_why() {
        let above = [
            "// loopscope: allow(convoy, blocking) one writer by design",
            "lock().await;",
        ];
        assert_eq!(said("convoy", &above), CommentAnswer::Allows);
        assert_eq!(said("blocking", &above), CommentAnswer::Allows);
        assert_eq!(said("herd", &above), CommentAnswer::Silent);
        let without = ["x.await; # loopscope: allow(herd)"];
        assert_eq!(said("herd", &without), CommentAnswer::LacksReason);
    }

    #[test]
    fn an_argument_names_a_rule_and_a_line() {
        let allowed: Allowed = "convoy@src/pool.rs:12".parse().unwrap();
        assert_eq!(allowed.place, Some(("src/pool.rs".to_owned(), 12)));
        assert!(
            "convoy@src/pool.rs"
                .parse::<Allowed>()
                .unwrap_err()
                .contains("FILE:LINE")
        );
        assert!("fast".parse::<Allowed>().unwrap_err().contains("--rules"));
        assert!(ends_with_path("/a/src/pool.rs", "src/pool.rs"));
        assert!(ends_with_path("src/pool.rs", "./src/pool.rs"));
        assert!(!ends_with_path("my_src/pool.rs", "src/pool.rs"));
    }
}
