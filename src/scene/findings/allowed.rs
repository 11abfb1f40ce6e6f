//! Which findings a user leaves out: with `--allow`, or with a comment in the source.

use std::str::FromStr;

use crate::insight::{LimitSetting, Limits, Rule};

use super::{CommentAnswer, FindingView};

/// How a run is checked: the thresholds that are set, and what is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckSettings {
    /// The thresholds of the rules.
    pub limits: Limits,
    /// What is left out.
    pub allowed: Vec<Allowed>,
}

impl CheckSettings {
    /// From the arguments of a command.
    pub fn new(limits: &[LimitSetting], allowed: &[Allowed]) -> CheckSettings {
        let mut settings = CheckSettings {
            limits: Limits::default(),
            allowed: allowed.to_vec(),
        };
        for limit in limits {
            settings.limits.set(*limit);
        }
        settings
    }

    /// Whether an argument or a comment in the source leaves a finding out.
    pub fn leaves_out(&self, finding: &FindingView) -> bool {
        self.allowed.iter().any(|rule| rule.covers(finding))
            || finding.comment() == CommentAnswer::Allows
    }
}

/// A rule whose findings are left out, everywhere or at one line: `unbounded`,
/// `convoy@src/pool.rs:12`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
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
    pub fn covers(&self, finding: &FindingView) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

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
