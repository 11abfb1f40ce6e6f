//! Comments in the source that allow a finding.
//!
//! A comment has the form `loopscope: allow(ID, ID) REASON`. It covers its own line and, if it stands
//! on a line of its own, the line below it.

/// What the comments at a line say about a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommentAnswer {
    /// They allow it, and say why.
    Allows,
    /// They allow it without a reason.
    LacksReason,
    /// Nothing.
    Silent,
}

/// What a line of source and the comment lines above it say about a rule.
pub(super) fn answer(id: &str, lines: &[String]) -> CommentAnswer {
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
        answer(id, &lines)
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
}
