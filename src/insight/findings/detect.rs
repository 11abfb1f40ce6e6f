//! The detectors: each looks for the mistakes of one kind.
//!
//! A detector has a method for each event that it needs, which [`Visitor`](super::visit::Visitor)
//! calls, and keeps only what no [`State`](crate::replay::State) contains. What depends on the
//! present state, and is not proven once and for all, is claimed by its method `conclude`, which
//! changes nothing.

pub(super) mod abandoned;
pub(super) mod channels;
mod dead_timeout;
pub(super) mod fate;
mod frames;
pub(super) mod growth;
pub(super) mod guarded;
pub(super) mod handles;
pub(super) mod harm;
pub(super) mod herd;
pub(super) mod hold;
pub(super) mod hung;
pub(super) mod interval;
pub(super) mod inversion;
pub(super) mod late;
pub(super) mod limited;
mod lock_order;
pub(super) mod locks;
pub(super) mod lost;
mod lost_items;
pub(super) mod nested;
mod noise;
pub(super) mod open_poll;
pub(super) mod order;
pub(super) mod passed_over;
pub(super) mod peers;
mod permits;
pub(super) mod pool;
pub(super) mod pressure;
pub(super) mod retry;
pub(super) mod series;
pub(super) mod spin;
pub(super) mod stuck;
mod stuck_circles;
mod stuck_proofs;
mod stuck_resources;
pub(super) mod unfair;
pub(super) mod unpolled;
pub(super) mod values;
pub(super) mod write_buffer;
