//! A histogram of durations with a bounded relative error, as HDR histograms have it.
//!
//! The buckets are log-linear: each power of two is divided into 32 buckets of equal width, so a
//! bucket is at most 1/32 as wide as its lowest value. Durations below 64 ns have a bucket each. The
//! whole range of 64 bits has 1,920 buckets.
//!
//! Only buckets that are in use have an entry, because most of the histograms of a trace have few:
//! those of a task with ten polls have ten at most. The crate `hdrhistogram` allocates all buckets of
//! its range at once, about 50 KB for a histogram of the same precision, and a trace has thousands of
//! histograms.
//!
//! An entry keeps the longest duration of its bucket. A quantile is this duration, so it is always
//! one that was recorded: on a virtual clock, on which the same durations occur again and again, it
//! is mostly exact. In any case it is at most 1/32 above the exact quantile, and never below it.

use crate::trace::Span;

/// How many buckets a power of two is divided into, as a power of two.
const PRECISION: u32 = 5;

/// How often each duration occurs, with a relative error of at most 1/32.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// In the order of their durations.
    entries: Vec<BucketCount>,
    count: u64,
}

/// A bucket that is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct BucketCount {
    /// The longest duration in it.
    longest: u64,
    count: u64,
}

/// The quantiles of a histogram. All are zero if it is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quantiles {
    /// How many durations there are.
    pub count: u64,
    /// The median: half of the durations are as long or shorter.
    pub p50: Span,
    /// 95 % of the durations are as long or shorter.
    pub p95: Span,
    /// 99 % of the durations are as long or shorter.
    pub p99: Span,
    /// The longest duration.
    pub max: Span,
}

/// The lowest duration of the bucket of a duration.
#[inline]
fn lowest(nanos: u64) -> u64 {
    let bits = u64::BITS - nanos.leading_zeros();
    // The highest bit and the five below it tell the bucket.
    let shift = bits.saturating_sub(PRECISION + 1);
    nanos >> shift << shift
}

impl Histogram {
    /// An empty histogram.
    pub fn new() -> Histogram {
        Histogram::default()
    }

    /// Counts a duration.
    pub fn record(&mut self, duration: Span) {
        self.add(duration.nanos(), 1);
    }

    fn add(&mut self, nanos: u64, count: u64) {
        self.count = self.count.saturating_add(count);
        let low = lowest(nanos);
        let at = self.entries.partition_point(|entry| entry.longest < low);
        match self.entries.get_mut(at) {
            Some(entry) if lowest(entry.longest) == low => {
                entry.longest = entry.longest.max(nanos);
                entry.count = entry.count.saturating_add(count);
            }
            _ => {
                let longest = nanos;
                self.entries.insert(at, BucketCount { longest, count });
            }
        }
    }

    /// Adds what another histogram has counted.
    pub fn merge(&mut self, other: &Histogram) {
        for entry in &other.entries {
            self.add(entry.longest, entry.count);
        }
    }

    /// How many durations were counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// How many buckets are in use: a measure of the memory that it takes.
    pub fn buckets_in_use(&self) -> usize {
        self.entries.len()
    }

    /// The longest duration of each bucket that is in use, with the number of durations in it.
    pub fn buckets(&self) -> impl Iterator<Item = (Span, u64)> {
        let entries = self.entries.iter();
        entries.map(|entry| (Span(entry.longest), entry.count))
    }

    /// The longest duration.
    pub fn max(&self) -> Span {
        self.entries
            .last()
            .map_or(Span::ZERO, |entry| Span(entry.longest))
    }

    /// The duration that this share of all durations, in thousandths, does not exceed.
    pub fn quantile(&self, thousandths: u64) -> Span {
        let wanted = (u128::from(self.count) * u128::from(thousandths)).div_ceil(1000);
        let mut seen = 0_u128;
        for entry in &self.entries {
            seen += u128::from(entry.count);
            if seen >= wanted {
                return Span(entry.longest);
            }
        }
        self.max()
    }

    /// The quantiles that are shown.
    pub fn quantiles(&self) -> Quantiles {
        Quantiles {
            count: self.count,
            p50: self.quantile(500),
            p95: self.quantile(950),
            p99: self.quantile(990),
            max: self.max(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_at_most_a_32nd_as_wide_as_its_lowest_value() {
        for nanos in (0..200_000).chain([u64::MAX, u64::MAX - 1, 1 << 63, (1 << 63) - 1]) {
            let low = lowest(nanos);
            assert!(low <= nanos && nanos - low <= low / 32, "{nanos} {low}");
            assert_eq!(lowest(low), low);
        }
    }

    #[test]
    fn a_histogram_has_at_most_1920_buckets() {
        let mut histogram = Histogram::new();
        for shift in 0..64 {
            for nanos in 0..4096_u64 {
                histogram.record(Span(nanos.rotate_right(shift)));
            }
        }
        assert_eq!(histogram.count(), 64 * 4096);
        assert!(histogram.buckets_in_use() <= 1920, "{histogram:?}");
        assert_eq!(histogram.max(), Span(u64::MAX << 52));
    }

    #[test]
    fn few_durations_have_exact_quantiles() {
        let mut histogram = Histogram::new();
        assert_eq!(histogram.quantiles(), Quantiles::default());
        for ms in [10, 20, 300] {
            histogram.record(Span(ms * 1_000_000));
        }
        let of = histogram.quantiles();
        assert_eq!((of.p50, of.p99), (Span(20_000_000), Span(300_000_000)));
        assert_eq!((of.count, of.max), (3, Span(300_000_000)));
    }
}
