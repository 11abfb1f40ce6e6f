//! What one poll gives and another one takes without a wake.

use std::collections::VecDeque;

use crate::insight::id_map::IdMap;

use crate::replay::State;
use crate::trace::{ResourceId, ResourceKind, ResourceOp};

/// The most messages and permits whose polls are remembered.
const MOST_TOKENS: usize = 1 << 20;

/// The polls that have put messages into channels, made room in them, and released permits. What
/// one poll gives another one takes, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    given: IdMap<(ResourceId, Token), VecDeque<u32>>,
    /// How many permits and places nothing has taken since their resource was created.
    fresh: IdMap<(ResourceId, Token), u32>,
    count: usize,
}

/// What is given and taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Token {
    Message,
    Space,
    Permit,
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

    fn give(&mut self, resource: ResourceId, token: Token, node: u32) {
        if self.count < MOST_TOKENS {
            self.count += 1;
            self.given
                .entry((resource, token))
                .or_default()
                .push_back(node);
        }
    }

    /// Takes the oldest, after the `fresh` ones that no poll has given.
    fn take(&mut self, resource: ResourceId, token: Token, fresh: u32) -> Option<u32> {
        let left = self.fresh.entry((resource, token)).or_insert(fresh);
        if *left > 0 {
            *left -= 1;
            return None;
        }
        let oldest = self.given.get_mut(&(resource, token))?.pop_front()?;
        self.count -= 1;
        Some(oldest)
    }

    /// About how many bytes they take.
    pub(super) fn memory(&self) -> usize {
        const ROW: usize = size_of::<((ResourceId, Token), VecDeque<u32>)>();
        self.given.capacity() * ROW
            + self.count * size_of::<u32>()
            + self.fresh.capacity() * size_of::<((ResourceId, Token), u32)>()
    }

    pub(super) fn forget(&mut self, resource: ResourceId) {
        for token in [Token::Message, Token::Space, Token::Permit] {
            let given = self.given.remove(&(resource, token));
            self.count -= given.map_or(0, |given| given.len());
            self.fresh.remove(&(resource, token));
        }
    }
}
