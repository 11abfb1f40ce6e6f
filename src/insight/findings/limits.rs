//! The thresholds of the rules, with what a user has set.

use std::str::FromStr;

use crate::trace::Span;

use super::rule::{LimitValue, Rule};

/// The thresholds of all rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    set: Vec<(Rule, &'static str, LimitValue)>,
}

/// A threshold as a user writes it: `blocking=50ms`, `blocking.times=5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitSetting {
    rule: Rule,
    name: &'static str,
    value: LimitValue,
}

/// What is wrong with a threshold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LimitError {
    /// There is no `=`.
    #[error("a limit has the form ID=VALUE, for example blocking=50ms")]
    Form,
    /// No rule has this id.
    #[error("no rule is called {0}; `loopscope check --rules` lists them")]
    Rule(String),
    /// The rule has no such limit.
    #[error("the rule {0} has {1}")]
    Name(&'static str, String),
    /// The value has another form.
    #[error("the limit {0} is {1}")]
    Value(String, &'static str),
}

impl Limits {
    /// Sets one threshold.
    pub fn set(&mut self, setting: LimitSetting) {
        let LimitSetting { rule, name, value } = setting;
        self.set.push((rule, name, value));
    }

    /// The value of a threshold.
    pub fn value(&self, rule: Rule, name: &str) -> LimitValue {
        let set = self.set.iter().rev();
        let set = set
            .filter(|(of, known, _)| (*of, *known) == (rule, name))
            .map(|(_, _, value)| *value);
        let mut limits = rule.entry().limits.iter();
        let default = limits.find(|limit| limit.name == name);
        let default = default.map(|limit| limit.default);
        set.chain(default).next().unwrap_or(LimitValue::Count(0))
    }

    /// A threshold that is a length of time.
    pub(super) fn span(&self, rule: Rule, name: &str) -> Span {
        match self.value(rule, name) {
            LimitValue::Milliseconds(time) => Span(time.saturating_mul(1_000_000)),
            LimitValue::Count(_) | LimitValue::Percent(_) => Span::ZERO,
        }
    }

    /// A threshold that is a number or a share.
    pub(super) fn count(&self, rule: Rule, name: &str) -> u64 {
        match self.value(rule, name) {
            LimitValue::Count(count) | LimitValue::Percent(count) => count,
            LimitValue::Milliseconds(_) => 0,
        }
    }
}

impl FromStr for LimitSetting {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<LimitSetting, LimitError> {
        let (key, value) = text.split_once('=').ok_or(LimitError::Form)?;
        let (id, name) = match key.split_once('.') {
            Some((id, name)) => (id, Some(name)),
            None => (key, None),
        };
        let rule = Rule::from_id(id).ok_or_else(|| LimitError::Rule(id.to_owned()))?;
        let limits = rule.entry().limits;
        let found = match name {
            Some(name) => limits.iter().find(|limit| limit.name == name),
            None => limits.first(),
        };
        let found = found.ok_or_else(|| LimitError::Name(rule.id(), names(rule)))?;
        let value = found.default.with(value);
        let value = value.ok_or_else(|| {
            LimitError::Value(format!("{id}.{}", found.name), found.default.form())
        })?;
        Ok(LimitSetting {
            rule,
            name: found.name,
            value,
        })
    }
}

/// The names of a rule's limits, for a message.
fn names(rule: Rule) -> String {
    let names: Vec<&str> = rule.entry().limits.iter().map(|limit| limit.name).collect();
    if names.is_empty() {
        return "no limits".to_owned();
    }
    format!("the limits {}", names.join(", "))
}

impl LimitValue {
    /// A value of the same kind, read from a text: `50ms`, `1.5s`, `12`, `30%`.
    fn with(self, text: &str) -> Option<LimitValue> {
        match self {
            LimitValue::Milliseconds(_) => milliseconds(text).map(LimitValue::Milliseconds),
            LimitValue::Count(_) => text.parse().ok().map(LimitValue::Count),
            LimitValue::Percent(_) => {
                let number = text.strip_suffix('%').unwrap_or(text);
                number.parse().ok().map(LimitValue::Percent)
            }
        }
    }

    /// What a user has to write.
    fn form(self) -> &'static str {
        match self {
            LimitValue::Milliseconds(_) => "a time such as 50ms or 1.5s",
            LimitValue::Count(_) => "a whole number",
            LimitValue::Percent(_) => "a share such as 30%",
        }
    }
}

impl std::fmt::Display for LimitValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            LimitValue::Milliseconds(time) if time % 1000 == 0 => write!(f, "{}s", time / 1000),
            LimitValue::Milliseconds(time) => write!(f, "{time}ms"),
            LimitValue::Count(count) => write!(f, "{count}"),
            LimitValue::Percent(share) => write!(f, "{share}%"),
        }
    }
}

fn milliseconds(text: &str) -> Option<u64> {
    if let Some(number) = text.strip_suffix("ms") {
        return number.parse().ok();
    }
    let seconds: f64 = text.strip_suffix('s')?.parse().ok()?;
    let whole = (seconds * 1e3).round();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number in the range is meant"
    )]
    (0.0..=1e15).contains(&whole).then_some(whole as u64)
}

#[cfg(test)]
mod tests {
    use super::{super::rule::RULES, *};

    fn set(text: &str) -> Result<Limits, LimitError> {
        let mut limits = Limits::default();
        limits.set(text.parse()?);
        Ok(limits)
    }

    #[test]
    fn a_limit_is_set_by_its_id() {
        let limits = set("blocking=50ms").unwrap();
        assert_eq!(limits.span(Rule::Blocking, "poll"), Span(50_000_000));
        assert_eq!(limits.count(Rule::Blocking, "times"), 3);
        let limits = set("blocking.times=7").unwrap();
        assert_eq!(limits.count(Rule::Blocking, "times"), 7);
        assert_eq!(
            set("interval.drift=30%")
                .unwrap()
                .count(Rule::Interval, "drift"),
            30
        );
        let limits = set("blocking=1.5s").unwrap();
        assert_eq!(limits.span(Rule::Blocking, "poll"), Span(1_500_000_000));
    }

    #[test]
    fn a_wrong_limit_says_what_would_be_right() {
        let wrong = |text| set(text).unwrap_err().to_string();
        assert!(wrong("blocking").contains("ID=VALUE"));
        assert!(wrong("slow=1s").contains("no rule is called slow"));
        assert!(wrong("blocking.max=1s").contains("the limits poll, again, times"));
        assert!(wrong("unawaited=1s").contains("no limits"));
        assert!(wrong("blocking=often").contains("a time such as 50ms"));
    }

    #[test]
    fn every_default_is_read_back_from_its_own_words() {
        for entry in RULES {
            for limit in entry.limits {
                let text = format!("{}.{}={}", entry.id, limit.name, limit.default);
                let setting: LimitSetting = text.parse().unwrap();
                assert_eq!(setting.value, limit.default, "{text}");
            }
        }
    }
}
