//! The tasks, or the places, by which times are grouped, in bounded memory.
//!
//! A trace may have millions of tasks and of places. At most [`KEPT`] of them have times of their own
//! in the end. While a trace is read, there may be twice as many; when there are more, or when their
//! histograms have more than [`MOST_BUCKETS`] buckets in use, one half is *folded*: those whose longest
//! time is shortest are added to one group for all others. What was folded stays folded, so each
//! time is counted once.

use crate::insight::id_map::IdMap;
use crate::trace::Span;

use super::{
    LatencyKey,
    histogram::Histogram,
    report::{LatencyGroup, TimeStats, WorstTime},
};

/// The most tasks or places with times of their own.
pub(super) const KEPT: usize = 1000;

/// The most buckets that the histograms of all groups may have in use: 16 MB.
const MOST_BUCKETS: usize = 1 << 20;

/// The highest number of a task or place that is remembered as folded: the flags take 16 MB. Higher
/// numbers have no times of their own.
const HIGHEST: usize = 1 << 26;

/// Durations, with the longest of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Times {
    pub(super) histogram: Histogram,
    pub(super) worst: Option<WorstTime>,
}

impl Times {
    /// Counts a duration. Of two that are equally long, the first is remembered.
    pub(super) fn record(&mut self, time: &WorstTime) {
        self.histogram.record(time.span);
        if self.worst.is_none_or(|worst| worst.span < time.span) {
            self.worst = Some(*time);
        }
    }

    fn merge(&mut self, other: &Times) {
        self.histogram.merge(&other.histogram);
        if let Some(worst) = other.worst
            && self.worst.is_none_or(|own| own.span < worst.span)
        {
            self.worst = Some(worst);
        }
    }

    fn longest(&self) -> Span {
        self.worst.map_or(Span::ZERO, |worst| worst.span)
    }

    pub(super) fn stats(&self) -> TimeStats {
        TimeStats {
            quantiles: self.histogram.quantiles(),
            worst: self.worst,
        }
    }
}

/// The times of a task or a place.
#[derive(Clone, Debug)]
struct GroupTimes {
    key: LatencyKey,
    ready: Times,
    polls: Times,
}

impl GroupTimes {
    fn new(key: LatencyKey) -> GroupTimes {
        GroupTimes {
            key,
            ready: Times::default(),
            polls: Times::default(),
        }
    }

    fn longest(&self) -> Span {
        self.ready.longest().max(self.polls.longest())
    }

    fn buckets(&self) -> usize {
        self.ready.histogram.buckets_in_use() + self.polls.histogram.buckets_in_use()
    }

    fn merge(&mut self, other: &GroupTimes) {
        self.ready.merge(&other.ready);
        self.polls.merge(&other.polls);
    }

    fn report(&self) -> LatencyGroup {
        LatencyGroup {
            key: self.key,
            ready: self.ready.stats(),
            polls: self.polls.stats(),
        }
    }
}

/// All groups of one kind.
#[derive(Debug, Default)]
pub(super) struct GroupTable {
    rows: Vec<GroupTimes>,
    places: IdMap<LatencyKey, usize>,
    /// How many buckets the histograms of `rows` have in use.
    buckets: usize,
    /// The times of all that were folded.
    others: Option<Box<GroupTimes>>,
    /// How many were folded.
    folded: u64,
    /// A flag for each number that was folded.
    flags: Vec<u64>,
}

impl GroupTable {
    /// Counts the time from becoming ready to the start of the poll.
    pub(super) fn ready(&mut self, key: LatencyKey, time: &WorstTime) {
        self.record(key, time, |row| &mut row.ready);
    }

    /// Counts the duration of a poll.
    pub(super) fn poll(&mut self, key: LatencyKey, time: &WorstTime) {
        self.record(key, time, |row| &mut row.polls);
    }

    fn record(
        &mut self,
        key: LatencyKey,
        time: &WorstTime,
        of: impl FnOnce(&mut GroupTimes) -> &mut Times,
    ) {
        let place = match self.places.get(&key) {
            Some(place) => Some(*place),
            None => self.add(key),
        };
        let Some(place) = place else {
            let others = self
                .others
                .get_or_insert_with(|| Box::new(GroupTimes::new(key)));
            of(others).record(time);
            return;
        };
        let times = of(&mut self.rows[place]);
        let before = times.histogram.buckets_in_use();
        times.record(time);
        self.buckets += times.histogram.buckets_in_use() - before;
        if self.buckets > MOST_BUCKETS {
            self.fold(self.rows.len() / 2);
        }
    }

    /// Adds a group, unless it is one of the others. Returns its place.
    fn add(&mut self, key: LatencyKey) -> Option<usize> {
        // How many numbers beyond the highest there are is not counted: `folded` is then too low.
        if key.number() >= HIGHEST || self.is_folded(key) {
            return None;
        }
        if self.rows.len() >= 2 * KEPT {
            self.fold(KEPT);
        }
        self.places.insert(key, self.rows.len());
        self.rows.push(GroupTimes::new(key));
        Some(self.rows.len() - 1)
    }

    /// Keeps this many groups, those with the longest times, in their order.
    fn fold(&mut self, kept: usize) {
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        order.sort_by_key(|place| (std::cmp::Reverse(self.rows[*place].longest()), *place));
        let mut folded = order.split_off(kept.min(order.len()));
        folded.sort_unstable();
        for place in &folded {
            let row = &self.rows[*place];
            set(&mut self.flags, row.key.number());
            self.others
                .get_or_insert_with(|| Box::new(GroupTimes::new(row.key)))
                .merge(row);
        }
        self.folded += folded.len() as u64;
        order.sort_unstable();
        self.rows = order.iter().map(|at| self.rows[*at].clone()).collect();
        let places = self.rows.iter().zip(0..);
        self.places = places.map(|(row, place)| (row.key, place)).collect();
        self.buckets = self.rows.iter().map(GroupTimes::buckets).sum();
    }

    fn is_folded(&self, key: LatencyKey) -> bool {
        let number = key.number();
        let word = self.flags.get(number / 64);
        word.is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    /// The groups, those with the longest times first, and the number of others with their times.
    pub(super) fn report(&self) -> (Vec<LatencyGroup>, Option<(u64, LatencyGroup)>) {
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        order.sort_by_key(|place| (std::cmp::Reverse(self.rows[*place].longest()), *place));
        let beyond = order.split_off(KEPT.min(order.len()));
        let groups = order.iter().map(|at| self.rows[*at].report()).collect();
        let mut others = self.others.clone();
        for at in &beyond {
            let row = &self.rows[*at];
            others
                .get_or_insert_with(|| Box::new(GroupTimes::new(row.key)))
                .merge(row);
        }
        let count = self.folded + beyond.len() as u64;
        (groups, others.map(|others| (count, others.report())))
    }
}

fn set(flags: &mut Vec<u64>, number: usize) {
    if number / 64 >= flags.len() {
        flags.resize(number / 64 + 1, 0);
    }
    flags[number / 64] |= 1 << (number % 64);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{LocationId, Position, TaskId};

    fn time(nanos: u64) -> WorstTime {
        WorstTime {
            span: Span(nanos),
            task: None,
            at: LocationId::UNKNOWN,
            position: Position(0),
        }
    }

    #[test]
    fn many_tasks_take_bounded_memory_and_all_are_counted() {
        let mut groups = GroupTable::default();
        for round in 0..2 {
            for task in 0..100_000_u32 {
                let nanos = u64::from(task % 7) * 1000 + round;
                groups.ready(LatencyKey::Task(TaskId(task)), &time(nanos));
            }
            groups.ready(LatencyKey::Task(TaskId(5)), &time(1 << 40));
            assert!(groups.rows.len() <= 2 * KEPT && groups.places.len() == groups.rows.len());
        }
        let (kept, others) = groups.report();
        assert_eq!(kept.len(), KEPT);
        let (count, others) = others.unwrap();
        assert_eq!(count, 100_000 - KEPT as u64);
        let mut sum = others.ready.quantiles.count;
        sum += kept.iter().map(|g| g.ready.quantiles.count).sum::<u64>();
        assert_eq!(sum, 200_002);
        let longest = kept[0].ready.quantiles.max.max(others.ready.quantiles.max);
        assert_eq!(longest, Span(1 << 40));
    }

    #[test]
    fn histograms_of_many_buckets_take_bounded_memory() {
        let mut groups = GroupTable::default();
        for number in 0..4_000_000_u64 {
            let task = TaskId(u32::try_from(number % 1500).unwrap());
            let nanos = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (number % 50);
            groups.poll(LatencyKey::Task(task), &time(nanos));
        }
        assert!(groups.buckets <= MOST_BUCKETS);
        let buckets: usize = groups.rows.iter().map(GroupTimes::buckets).sum();
        assert_eq!(groups.buckets, buckets);
        let (kept, others) = groups.report();
        let mut sum = others.unwrap().1.polls.quantiles.count;
        sum += kept.iter().map(|g| g.polls.quantiles.count).sum::<u64>();
        assert_eq!(sum, 4_000_000);
    }

    #[test]
    fn numbers_beyond_the_highest_have_no_times_of_their_own() {
        let mut groups = GroupTable::default();
        groups.poll(LatencyKey::Task(TaskId(u32::MAX)), &time(5));
        let (kept, others) = groups.report();
        assert!(kept.is_empty() && groups.flags.is_empty());
        assert_eq!(others.unwrap().1.polls.quantiles.count, 1);
    }
}
