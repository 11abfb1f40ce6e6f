//! The parameters of scenarios.

use std::time::Duration;

/// A parameter of a scenario.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it changes.
    pub help: &'static str,
    /// Its default value.
    pub default: &'static str,
    /// The values that it accepts.
    pub range: Range,
    /// Whether the default value means that the parameter is not set, as 0 for "no limit" does. Such
    /// a value is not part of the description of a run.
    pub default_is_unset: bool,
}

/// The values that a parameter accepts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Range {
    /// Seconds, with fractions.
    Seconds(f64, f64),
    /// A whole number.
    Count(u32, u32),
    /// Any text.
    Text,
}

impl Param {
    /// A parameter in seconds, from 0 to `most`.
    pub const fn seconds(
        name: &'static str,
        default: &'static str,
        most: f64,
        help: &'static str,
    ) -> Param {
        Param {
            name,
            help,
            default,
            range: Range::Seconds(0.0, most),
            default_is_unset: false,
        }
    }

    /// A whole number.
    pub const fn count(
        name: &'static str,
        default: &'static str,
        least: u32,
        most: u32,
        help: &'static str,
    ) -> Param {
        Param {
            name,
            help,
            default,
            range: Range::Count(least, most),
            default_is_unset: false,
        }
    }

    /// Any text.
    pub const fn text(name: &'static str, default: &'static str, help: &'static str) -> Param {
        Param {
            name,
            help,
            default,
            range: Range::Text,
            default_is_unset: false,
        }
    }

    /// The same parameter, whose default value means that it is not set.
    #[must_use]
    pub const fn unset(mut self) -> Param {
        self.default_is_unset = true;
        self
    }

    /// The range in words: `0 to 3600 seconds`.
    pub fn range_words(&self) -> String {
        match self.range {
            Range::Seconds(least, most) => format!("{least} to {most} seconds"),
            Range::Count(least, most) => format!("{least} to {most}"),
            Range::Text => "any text".into(),
        }
    }

    fn allows(&self, value: &str) -> bool {
        match self.range {
            Range::Seconds(least, most) => value
                .parse::<f64>()
                .is_ok_and(|value| (least..=most).contains(&value)),
            Range::Count(least, most) => value
                .parse::<u32>()
                .is_ok_and(|value| (least..=most).contains(&value)),
            Range::Text => true,
        }
    }
}

/// Why a parameter was not set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParamError {
    /// No parameter has this name.
    #[error("there is no parameter {0:?}")]
    Unknown(String),
    /// The parameter does not accept the value.
    #[error("{name} takes {range}, not {value:?}")]
    Range {
        /// The parameter.
        name: &'static str,
        /// The values that it accepts, in words.
        range: String,
        /// The given value.
        value: String,
    },
    /// The value is longer than a recording keeps.
    #[error("{name} takes at most {MOST_BYTES} bytes, not {bytes}")]
    Long {
        /// The parameter.
        name: &'static str,
        /// The length of the given value.
        bytes: usize,
    },
}

/// The longest value, in bytes. A recording is read without the parameters that are longer than 1 KiB
/// with their names, so a scenario that is run again from it would run with other values.
const MOST_BYTES: usize = 960;

/// The values of the parameters.
#[derive(Clone, Debug, Default)]
pub struct Args {
    values: Vec<(&'static str, String)>,
    listen: Option<String>,
}

impl Args {
    /// The default values.
    pub fn new(params: &'static [Param]) -> Args {
        let values = params
            .iter()
            .map(|param| (param.name, param.default.to_owned()))
            .collect();
        Args {
            values,
            listen: None,
        }
    }

    /// Sets a value.
    ///
    /// # Errors
    ///
    /// No parameter has this name, or the parameter does not accept the value, or it is too long.
    pub fn set(
        &mut self,
        params: &'static [Param],
        name: &str,
        value: &str,
    ) -> Result<(), ParamError> {
        let Some(param) = params.iter().find(|param| param.name == name) else {
            return Err(ParamError::Unknown(name.to_owned()));
        };
        if value.len() > MOST_BYTES {
            return Err(ParamError::Long {
                name: param.name,
                bytes: value.len(),
            });
        }
        if !param.allows(value) {
            let range = param.range_words();
            return Err(ParamError::Range {
                name: param.name,
                range,
                value: value.to_owned(),
            });
        }
        for (known, old) in &mut self.values {
            if *known == param.name {
                value.clone_into(old);
            }
        }
        Ok(())
    }

    /// Sets the address to listen at.
    pub fn set_listen(&mut self, address: &str) {
        self.listen = Some(address.to_owned());
    }

    /// The address to listen at; the default is a free port of this machine.
    pub fn listen(&self) -> String {
        self.listen.clone().unwrap_or_else(|| "127.0.0.1:0".into())
    }

    /// Whether an address to listen at was set.
    pub fn serves_outside(&self) -> bool {
        self.listen.is_some()
    }

    /// A parameter in seconds; 0 if no parameter has this name.
    pub fn seconds(&self, name: &str) -> Duration {
        Duration::try_from_secs_f64(self.text(name).parse().unwrap_or(0.0)).unwrap_or_default()
    }

    /// A whole number; 0 if no parameter has this name.
    pub fn count(&self, name: &str) -> u32 {
        self.text(name).parse().unwrap_or(0)
    }

    /// A text; empty if no parameter has this name.
    pub fn text(&self, name: &str) -> &str {
        self.values
            .iter()
            .find(|(known, _)| *known == name)
            .map_or("", |(_, value)| value)
    }

    /// All values, in the order of the parameters.
    pub fn values(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.values
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static PARAMS: &[Param] = &[
        Param::seconds("work", "1", 60.0, "how long"),
        Param::count("items", "6", 1, 100, "how many"),
    ];

    #[test]
    fn values_come_from_the_defaults_until_they_are_set() {
        let mut args = Args::new(PARAMS);
        assert_eq!(
            (args.seconds("work"), args.count("items")),
            (Duration::from_secs(1), 6)
        );
        args.set(PARAMS, "work", "0.25").unwrap();
        assert_eq!(args.seconds("work"), Duration::from_millis(250));
    }

    #[test]
    fn what_is_out_of_range_is_refused_with_the_range() {
        let mut args = Args::new(PARAMS);
        for value in ["-1", "61", "NaN", "soon", "inf", ""] {
            let error = args.set(PARAMS, "work", value).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("work takes 0 to 60 seconds, not {value:?}")
            );
        }
        assert_eq!(
            args.set(PARAMS, "items", "1.5").unwrap_err().to_string(),
            "items takes 1 to 100, not \"1.5\""
        );
        assert_eq!(
            args.set(PARAMS, "items", &"1".repeat(961))
                .unwrap_err()
                .to_string(),
            "items takes at most 960 bytes, not 961"
        );
        assert_eq!(
            args.set(PARAMS, "itms", "1"),
            Err(ParamError::Unknown("itms".into()))
        );
    }
}
