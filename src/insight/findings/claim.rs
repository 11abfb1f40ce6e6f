//! What a detector claims, and how claims with one cause become one finding.
//!
//! A detector makes a [`Claim`] each time that it has a proof. Claims of one rule at one place are
//! one finding, with their number and the sum of their costs; the claim with the highest cost gives
//! the words and the evidence. A claim may name the finding that it follows from. It stands under
//! that finding if the finding exists, and alone otherwise.

use std::collections::HashMap;

use crate::replay::TaskState;
use crate::trace::{LocationId, Position, Span, TaskId, Wait};

use super::{
    proof::Proof,
    rule::{Rule, Severity},
};

/// The most events that a finding keeps as its evidence.
const EVIDENCE: usize = 16;

/// The most places of one rule that are kept. More are counted in the last one.
const PLACES: usize = 256;

/// The place of a cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Spot {
    /// The location in the trace.
    pub at: LocationId,
    /// What the location is to the cause.
    pub nearness: Nearness,
}

/// What a known location is to the line of a cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Nearness {
    /// It is the line.
    Exact,
    /// It is the last `.await` before the line.
    AwaitBefore,
    /// It is the next `.await` after the line.
    AwaitAfter,
    /// It is where the task was spawned; the line is in the task's function.
    Spawned,
    /// It is where the awaited object was created.
    Created,
}

impl Spot {
    /// A place that is known exactly.
    pub(super) fn exact(at: LocationId) -> Spot {
        Spot {
            at,
            nearness: Nearness::Exact,
        }
    }

    /// The place of an `.await`, or of the creation of what is awaited.
    pub(super) fn awaits(at: LocationId, at_creation: bool, wait: Wait) -> Spot {
        let nearness = if at_creation && is_made_elsewhere(wait) {
            Nearness::Created
        } else {
            Nearness::Exact
        };
        Spot { at, nearness }
    }

    /// The place at which a task waits, or waited last.
    pub(super) fn of_wait(row: &TaskState) -> Spot {
        Spot::awaits(row.wait_at, row.wait_at_creation(), row.wait)
    }

    /// Whether no location is known.
    pub fn is_unknown(self) -> bool {
        self.at == LocationId::UNKNOWN
    }
}

/// Whether what is awaited was made at another place than the `.await`: a handle or a socket, while
/// a timer or a place in a queue is made by the call that is awaited.
pub(super) fn is_made_elsewhere(wait: Wait) -> bool {
    match wait {
        Wait::Join(_) | Wait::Operation(_) | Wait::All(_) | Wait::Any(_) | Wait::Unknown => true,
        Wait::Yield | Wait::Timer(_) | Wait::Send(_) | Wait::Receive(_) | Wait::Acquire(_) => false,
    }
}

/// What makes two claims one finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct CauseKey {
    pub(super) rule: Rule,
    at: LocationId,
    /// Tells causes at unknown locations apart.
    task: Option<TaskId>,
}

/// A proven instance of a mistake.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) rule: Rule,
    pub(super) severity: Severity,
    pub(super) task: Option<TaskId>,
    pub(super) spot: Spot,
    pub(super) also: Vec<LocationId>,
    pub(super) cost: Span,
    /// The positions after the events that prove it.
    pub(super) evidence: Vec<Position>,
    pub(super) proof: Proof,
    /// The finding that this one follows from.
    pub(super) follows: Option<CauseKey>,
    /// Claims of one rule and this place are one finding, at whatever lines they are.
    pub(super) group: Option<LocationId>,
}

impl Claim {
    /// A claim with the severity of its rule.
    pub(super) fn new(task: Option<TaskId>, spot: Spot, proof: Proof) -> Claim {
        let rule = proof.rule();
        Claim {
            rule,
            severity: rule.entry().severity,
            task,
            spot,
            also: Vec::new(),
            cost: Span::ZERO,
            evidence: Vec::new(),
            proof,
            follows: None,
            group: None,
        }
    }

    /// The claim is one with others of this place, which are at other lines: the finding has the line of the
    /// claim with the highest cost.
    pub(super) fn grouped(mut self, group: Option<LocationId>) -> Claim {
        self.group = group.filter(|at| *at != LocationId::UNKNOWN);
        self
    }

    pub(super) fn cost(mut self, cost: Span) -> Claim {
        self.cost = cost;
        self
    }

    pub(super) fn severity(mut self, severity: Severity) -> Claim {
        self.severity = severity;
        self
    }

    pub(super) fn evidence(mut self, evidence: impl IntoIterator<Item = Position>) -> Claim {
        self.evidence.extend(evidence);
        self
    }

    pub(super) fn also(mut self, also: impl IntoIterator<Item = LocationId>) -> Claim {
        let own = self.spot.at;
        let known = also
            .into_iter()
            .filter(|at| *at != own && *at != LocationId::UNKNOWN);
        self.also.extend(known);
        self
    }

    pub(super) fn follows(mut self, cause: Option<CauseKey>) -> Claim {
        self.follows = cause;
        self
    }

    pub(super) fn key(&self) -> CauseKey {
        let at = self.group.unwrap_or(self.spot.at);
        let is_known = at != LocationId::UNKNOWN;
        CauseKey {
            rule: self.rule,
            at,
            task: self.task.filter(|_| !is_known),
        }
    }
}

/// The claims of one cause.
#[derive(Clone, Debug)]
pub(super) struct MergedClaim {
    /// The claim with the highest cost.
    pub(super) worst: Claim,
    pub(super) count: u64,
    pub(super) cost: Span,
    pub(super) evidence: Vec<Position>,
    pub(super) also: Vec<LocationId>,
}

/// All claims so far, by cause.
#[derive(Clone, Debug, Default)]
pub(super) struct Claims {
    /// In the order in which they were first made.
    merged: Vec<MergedClaim>,
    by_key: HashMap<CauseKey, usize>,
    /// How many causes each rule has.
    places: HashMap<Rule, usize>,
    /// The last cause of a rule that has too many.
    last: HashMap<Rule, usize>,
}

impl Claims {
    pub(super) fn push(&mut self, claim: Claim) {
        let key = claim.key();
        let known = self.by_key.get(&key).copied();
        let places = self.places.entry(claim.rule).or_default();
        let full = *places >= PLACES;
        let at = known.or_else(|| self.last.get(&claim.rule).copied().filter(|_| full));
        if let Some(merged) = at.and_then(|at| self.merged.get_mut(at)) {
            merged.add(claim);
            return;
        }
        *places += 1;
        self.by_key.insert(key, self.merged.len());
        self.last.insert(claim.rule, self.merged.len());
        self.merged.push(MergedClaim {
            count: 1,
            cost: claim.cost,
            evidence: claim.evidence.iter().copied().take(EVIDENCE).collect(),
            also: claim.also.clone(),
            worst: claim,
        });
    }

    /// Adds claims.
    pub(super) fn push_all(&mut self, claims: impl IntoIterator<Item = Claim>) {
        for claim in claims {
            self.push(claim);
        }
    }

    /// Adds a claim, if there is one.
    pub(super) fn extend_one(&mut self, claim: Option<Claim>) {
        if let Some(claim) = claim {
            self.push(claim);
        }
    }

    /// Adds the claims of another list.
    pub(super) fn extend(&mut self, other: &Claims) {
        for merged in &other.merged {
            self.push(merged.worst.clone());
        }
    }

    /// Whether a cause is known.
    pub(super) fn has(&self, key: CauseKey) -> bool {
        self.by_key.contains_key(&key)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.merged.is_empty()
    }

    pub(super) fn into_merged(self) -> Vec<MergedClaim> {
        self.merged
    }
}

impl MergedClaim {
    fn add(&mut self, claim: Claim) {
        self.count += 1;
        self.cost += claim.cost;
        for position in &claim.evidence {
            if self.evidence.len() < EVIDENCE && !self.evidence.contains(position) {
                self.evidence.push(*position);
            }
        }
        for at in &claim.also {
            if self.also.len() < EVIDENCE && !self.also.contains(at) {
                self.also.push(*at);
            }
        }
        let severity = self.worst.severity.max(claim.severity);
        if claim.cost > self.worst.cost {
            self.worst = claim;
        }
        self.worst.severity = severity;
    }
}
