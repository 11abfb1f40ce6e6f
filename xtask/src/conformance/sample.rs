//! Random sets of parameters, and how to simplify one on which two runs disagree.

use std::cmp::Ordering;

use loopscope::scenario::{Param, Range};

/// A value for each parameter, in their order.
pub(super) type Values = Vec<String>;

/// The defaults and `wanted` random sets, or fewer if there are not that many different ones.
pub(super) fn sets(params: &[Param], wanted: usize, rng: &mut fastrand::Rng) -> Vec<Values> {
    let mut sets = vec![defaults(params)];
    let mut misses = 0;
    while sets.len() <= wanted && misses < 50 {
        let set = random(params, rng);
        if sets.contains(&set) {
            misses += 1;
        } else {
            misses = 0;
            sets.push(set);
        }
    }
    sets
}

/// The default values.
fn defaults(params: &[Param]) -> Values {
    params.iter().map(|param| param.default.into()).collect()
}

/// A random value for each parameter, within its range.
///
/// Most are small, and often two are equal: loops differ where several timers are due at one
/// moment.
fn random(params: &[Param], random: &mut fastrand::Rng) -> Values {
    let value = |param: &Param| match param.range {
        _ if random.u8(..6) == 0 => param.default.into(),
        Range::Seconds(least, most) => {
            let milliseconds = match random.u8(..4) {
                0 => 0,
                1 => random.u64(..3000),
                2 => random.u64(..30) * 100,
                _ => random.u64(..8) * 500,
            };
            seconds(
                Moment::of(least)
                    .max(Moment(milliseconds))
                    .min(Moment::of(most)),
            )
        }
        Range::Count(least, most) => {
            let span = if random.u8(..4) == 0 { 60 } else { 8 };
            let few = random.u32(least..=most.min(least.saturating_add(span)));
            few.to_string()
        }
        Range::Text => param.default.into(),
    };
    params.iter().map(value).collect()
}

/// Sets that are simpler in one value, the simplest first. Repeating this ends.
pub(super) fn simpler(params: &[Param], values: &Values) -> Vec<Values> {
    let mut sets = Vec::new();
    for (at, (param, value)) in params.iter().zip(values).enumerate() {
        let mut choices = choices(param, value);
        choices.retain(|choice| order(param, choice, value) == Ordering::Less);
        choices.sort_by(|a, b| order(param, a, b));
        choices.dedup();
        sets.extend(choices.into_iter().map(|choice| {
            let mut set = values.clone();
            choice.clone_into(&mut set[at]);
            set
        }));
    }
    sets
}

/// Values that may be simpler than this one.
fn choices(param: &Param, value: &str) -> Vec<String> {
    let mut choices = vec![param.default.to_owned()];
    match param.range {
        Range::Seconds(least, most) => {
            let Moment(now) = Moment::read(value);
            let rounder = [1000, 500, 100, 10].map(|step| now / step * step);
            let others = [0, 1000, 2000, now / 2, now.saturating_sub(1000)];
            let allowed = Moment::of(least)..=Moment::of(most);
            choices.extend(
                rounder
                    .into_iter()
                    .chain(others)
                    .map(Moment)
                    .filter(|moment| allowed.contains(moment))
                    .map(seconds),
            );
        }
        Range::Count(least, _) => {
            let now: u32 = value.parse().unwrap_or(least);
            let fewer = [least, least.midpoint(now), now.saturating_sub(1).max(least)];
            choices.extend(fewer.map(|count| count.to_string()));
        }
        Range::Text => {}
    }
    choices
}

/// Orders values by simplicity: the default, then fewer digits, then the smaller value.
fn order(param: &Param, a: &str, b: &str) -> Ordering {
    let key = |value: &str| (value != param.default, value.len(), Moment::read(value));
    key(a).cmp(&key(b))
}

/// Whole milliseconds, so that both languages read the same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Moment(u64);

impl Moment {
    fn of(seconds: f64) -> Moment {
        Moment(
            u64::try_from(std::time::Duration::from_secs_f64(seconds).as_millis())
                .unwrap_or(u64::MAX),
        )
    }

    fn read(value: &str) -> Moment {
        Moment::of(value.parse().unwrap_or(0.0))
    }
}

/// Seconds without needless zeros: `1.5`, `2`.
fn seconds(Moment(milliseconds): Moment) -> String {
    let text = format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARAMS: [Param; 3] = [
        Param::seconds("work", "1", 60.0, "how long"),
        Param::count("items", "6", 1, 100, "how many"),
        Param::text("url", "none", "where"),
    ];

    #[test]
    fn no_set_is_tried_twice() {
        let mut random = fastrand::Rng::with_seed(1);
        assert_eq!(sets(&[], 200, &mut random), [Values::new()]);
        let few = [Param::count("few", "1", 1, 3, "how many")];
        let mut found = sets(&few, 200, &mut random);
        assert_eq!(found[0], ["1"]);
        found.sort();
        assert_eq!(found, [["1"], ["2"], ["3"]]);
        assert_eq!(sets(&PARAMS, 200, &mut random).len(), 201);
    }

    #[test]
    fn random_values_are_in_range_and_repeatable() {
        let mut one = fastrand::Rng::with_seed(7);
        let mut other = one.clone();
        let mut all = Vec::new();
        for _ in 0..100 {
            let values = random(&PARAMS, &mut one);
            let mut args = loopscope::scenario::Args::new(&PARAMS);
            for (param, value) in PARAMS.iter().zip(&values) {
                args.set(&PARAMS, param.name, value).unwrap();
            }
            assert_eq!(values, random(&PARAMS, &mut other));
            all.push(values);
        }
        all.sort();
        all.dedup();
        assert!(all.len() > 50, "only {} different sets", all.len());
    }

    #[test]
    fn shrinking_ends_at_the_simplest_set_that_still_fails() {
        let fails = |set: &Values| {
            set[0].parse::<f64>().unwrap() > 1.2 && set[1].parse::<u32>().unwrap() >= 3
        };
        let mut set: Values = vec!["2.875".into(), "9".into(), "none".into()];
        let mut steps = 0;
        while let Some(next) = simpler(&PARAMS, &set).into_iter().find(fails) {
            set = next;
            steps += 1;
            assert!(steps < 100, "no end");
        }
        assert_eq!(set, ["2", "6", "none"]);
    }
}
