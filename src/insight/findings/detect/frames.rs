//! The functions that await each other at a place, as far as the trace contains them.

use crate::trace::{LocationId, Tables};

/// The most functions that are looked at.
const DEEP: usize = 64;

/// The places from that of a wait outward: where each function is awaited.
fn outward(tables: &Tables, at: LocationId) -> impl Iterator<Item = LocationId> + '_ {
    let outer = move |at: &LocationId| {
        let outer = tables.frame(*at)?.outer;
        (outer != LocationId::UNKNOWN).then_some(outer)
    };
    std::iter::successors(Some(at), outer).take(DEEP)
}

/// Whether two places are in one function. Without frames, it is one if the places are close together
/// in one file.
fn is_same_function(tables: &Tables, one: LocationId, other: LocationId) -> bool {
    let places = tables.location(one).zip(tables.location(other));
    let is_one_file = places.is_some_and(|(one, other)| one.file == other.file);
    let frames = (tables.frame(one), tables.frame(other));
    is_one_file
        && match frames {
            (Some(one), Some(other)) => one.function == other.function,
            (None, None) => places.is_some_and(|(one, other)| one.line.abs_diff(other.line) <= 20),
            (Some(_), None) | (None, Some(_)) => false,
        }
}

/// The place on the way from `at` outward that is in the same function as `like`.
pub(super) fn in_function_of(
    tables: &Tables,
    at: LocationId,
    like: LocationId,
) -> Option<LocationId> {
    tables.frame(at)?;
    outward(tables, at).find(|place| is_same_function(tables, *place, like))
}

/// For two waits of one task, the place of the first one in the function that both are made from.
pub(super) fn common(tables: &Tables, first: LocationId, next: LocationId) -> Option<LocationId> {
    if first == next {
        return Some(first);
    }
    let chain = |at: LocationId| {
        let mut chain: Vec<LocationId> = outward(tables, at).collect();
        chain.reverse();
        chain
    };
    let (first, next) = (chain(first), chain(next));
    let differing = first.iter().zip(&next).find(|(one, other)| one != other);
    let (one, other) = differing?;
    is_same_function(tables, *one, *other).then_some(*one)
}
