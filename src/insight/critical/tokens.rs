//! What one poll gives and another one takes without a wake.

use std::collections::VecDeque;

use crate::replay::{SlotTable, State};
use crate::trace::{ResourceId, ResourceKind, ResourceOp};

/// The most messages and permits whose polls are remembered.
const MOST_TOKENS: usize = 1 << 20;

/// The polls that have put messages into channels, made room in them, and released permits. What
/// one poll gives another one takes, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    /// The tokens of each resource, by [`Token`].
    supplies: SlotTable<[TokenSupply; 3]>,
    count: usize,
}

/// What is given and taken.
#[derive(Clone, Copy, Debug)]
enum Token {
    Message,
    Space,
    Permit,
}

/// The tokens of one kind of a resource.
#[derive(Debug, Default)]
struct TokenSupply {
    given: VecDeque<u32>,
    /// How many permits or places nothing has taken since the resource was created; `None` before the first
    /// is taken.
    fresh: Option<u32>,
}

impl Tokens {
    /// An operation in a poll. Returns the poll that gave what this one takes.
    pub(super) fn operation(
        &mut self,
        state: &State,
        resource: ResourceId,
        op: ResourceOp,
        node: u32,
    ) -> Option<u32> {
        let found = state.resource(resource)?;
        match (op, found.kind) {
            (ResourceOp::Sent, ResourceKind::Channel) => {
                self.give(resource, Token::Message, node);
                if found.limit == 0 {
                    return None;
                }
                self.take(resource, Token::Space, found.limit)
            }
            (ResourceOp::Received, ResourceKind::Channel) => {
                if found.limit > 0 {
                    self.give(resource, Token::Space, node);
                }
                self.take(resource, Token::Message, 0)
            }
            (ResourceOp::Acquired, ResourceKind::Lock | ResourceKind::Semaphore) => {
                self.take(resource, Token::Permit, found.limit.max(1))
            }
            (ResourceOp::Released, ResourceKind::Lock | ResourceKind::Semaphore) => {
                self.give(resource, Token::Permit, node);
                None
            }
            _ => None,
        }
    }

    fn supply(&mut self, resource: ResourceId, token: Token) -> &mut TokenSupply {
        let supplies = self
            .supplies
            .get_or_fill(resource.index(), Default::default);
        &mut supplies[token as usize]
    }

    fn give(&mut self, resource: ResourceId, token: Token, node: u32) {
        if self.count < MOST_TOKENS {
            self.count += 1;
            self.supply(resource, token).given.push_back(node);
        }
    }

    /// Takes the oldest, after the `fresh` ones that no poll has given.
    fn take(&mut self, resource: ResourceId, token: Token, fresh: u32) -> Option<u32> {
        let supply = self.supply(resource, token);
        let left = supply.fresh.get_or_insert(fresh);
        if *left > 0 {
            *left -= 1;
            return None;
        }
        let oldest = supply.given.pop_front()?;
        self.count -= 1;
        Some(oldest)
    }

    /// About how many bytes they take.
    pub(super) fn memory(&self) -> usize {
        self.supplies.weight() + self.count * size_of::<u32>()
    }

    pub(super) fn forget(&mut self, resource: ResourceId) {
        let forgotten = self.supplies.take(resource.index());
        let given = forgotten.iter().flatten().map(|supply| supply.given.len());
        self.count -= given.sum::<usize>();
    }
}
