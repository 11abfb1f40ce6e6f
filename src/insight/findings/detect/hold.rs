//! Polls that hold the loop: `blocking`, with the `latetimer` that follow from it. `deadtimeout` has a file of
//! its own.
//!
//! A long poll is harmless while nothing waits. Each of these proves harm:
//!
//! * a timer of another task was due before the poll ended;
//! * another task was in the ready queue before the poll began (also one that became ready inside the
//!   poll, if the events of the poll have their own times), or several callbacks that I/O, timers or
//!   threads had put there;
//! * directly after the tick of the poll, without a wait, I/O wakes more tasks than the poll itself could
//!   have woken with what it wrote or closed. How long their data waited is not known.
//!
//! One poll over the limit is enough if it delayed a task by half of the limit. A shorter poll is a
//! finding if it is repeated at one place, is far longer than the median poll, and does not end with
//! a yield: work in chunks yields on purpose. Several of one place in one tick are as one long poll.
//!
//! On a real clock a poll also lasts long because the operating system has given the processor to
//! another program. One poll that is less than twice the limit then counts only on a quiet machine. How quiet
//! it is, the loop itself tells: when it parks until a deadline, it continues somewhat later. See also
//! [`noise`](super::noise).

use crate::insight::{id_map::IdMap, language::Language};

use crate::replay::{EventStep, Running};
use crate::trace::{
    Advance, CallbackId, Event, LocationId, Moment, PollOutcome, PollSample, Position, Span,
    TaskEvent, TaskId, TimerId, Wait, WakeEffect, WokenBy,
};

use super::{
    super::{
        claim::{Claim, Claims, Spot},
        limits::Limits,
        proof::Proof,
        rule::Rule,
    },
    harm::{Harm, SEARCHED, harm},
    noise::UndecidedPolls,
    open_poll::OpenPoll,
};

/// The most delayed tasks that are named in the evidence.
const NAMED: usize = 16;

/// A repeated poll is this many times as long as the median poll.
const MEDIAN_FACTOR: u64 = 10;

/// The sum of the delays that makes repeated polls a finding.
const REPEATED_DELAY: Span = Span(200_000_000);

/// Looks for polls that hold the loop.
#[derive(Debug)]
pub(in crate::insight::findings) struct HoldDetector {
    poll: Span,
    again: Span,
    times: u64,
    late: Span,
    pub(super) timeout: Span,
    lengths: Lengths,
    repeated: IdMap<LocationId, RepeatedPolls>,
    /// The number of the tick.
    tick: u64,
    /// Timers that the open poll has cancelled, with their deadlines.
    pub(super) cancelled: Vec<(Moment, Position)>,
    /// A long poll after which no wait has come yet.
    last: Option<LongPoll>,
    /// Single polls that may be long only because the machine was busy.
    single: Vec<(LongPoll, Harm)>,
    /// The callbacks that no step has scheduled in this tick, and when.
    arrived: Vec<(CallbackId, Moment)>,
    /// Until when the loop is parked.
    parked_until: Option<Moment>,
    /// The longest time by which a parked loop continued too late.
    overslept: Span,
    undecided: UndecidedPolls,
}

/// A long poll.
#[derive(Clone, Debug)]
struct LongPoll {
    task: Option<TaskId>,
    spot: Spot,
    also: LocationId,
    took: Span,
    started: Position,
    ended: Position,
    woken: Vec<Position>,
    /// How many sockets the poll has used itself.
    sockets: u32,
    /// The place of the poll without the line at which it was seen, which is another one each time for a poll
    /// that computes.
    repeats: LocationId,
    /// In Rust, the same: a computation is seen now at this line and now at that, and its function is not
    /// known, so that the lines between the same two awaits are one finding.
    group: Option<LocationId>,
    /// For how long its thread computed, if that was measured.
    processor: Option<Span>,
}

/// Polls of medium length at one place.
#[derive(Clone, Debug, Default)]
struct RepeatedPolls {
    times: u64,
    /// How many polls were over the limit.
    long: u64,
    delay: Span,
    /// Those of the last tick that had one.
    at_once: PollsOfTick,
    evidence: Vec<Position>,
}

/// Polls of medium length at one place in one tick.
#[derive(Clone, Debug, Default)]
struct PollsOfTick {
    tick: u64,
    polls: u64,
    took: Span,
    /// The longest delay by one of them, and what that one has delayed.
    worst: Span,
    harm: Option<Harm>,
}

impl RepeatedPolls {
    /// Adds a poll to those of its tick.
    fn in_tick(&mut self, tick: u64, took: Span, (worst, harm): (Span, &Harm)) -> &PollsOfTick {
        let at_once = &mut self.at_once;
        if at_once.tick != tick {
            *at_once = PollsOfTick {
                tick,
                ..PollsOfTick::default()
            };
        }
        at_once.polls += 1;
        at_once.took += took;
        if at_once.harm.is_none() || worst > at_once.worst {
            (at_once.worst, at_once.harm) = (worst, Some(harm.clone()));
        }
        at_once
    }
}

/// How many polls had which length, by powers of two nanoseconds.
#[derive(Debug)]
struct Lengths {
    counts: [u64; 64],
    total: u64,
}

impl Lengths {
    #[inline]
    fn add(&mut self, length: Span) {
        let power = (length.nanos() | 1).ilog2();
        self.counts[power as usize] += 1;
        self.total += 1;
    }

    /// The median, at most a factor of two too high.
    fn median(&self) -> Span {
        let mut seen = 0;
        for (power, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen * 2 >= self.total {
                return Span(if power == 0 { 0 } else { 2 << power });
            }
        }
        Span::ZERO
    }
}

impl HoldDetector {
    pub(in crate::insight::findings) fn new(limits: &Limits) -> HoldDetector {
        HoldDetector {
            poll: limits.span(Rule::Blocking, "poll"),
            again: limits.span(Rule::Blocking, "again"),
            times: limits.count(Rule::Blocking, "times"),
            late: limits.span(Rule::LateTimer, "late"),
            timeout: limits.span(Rule::DeadTimeout, "late"),
            lengths: Lengths {
                counts: [0; 64],
                total: 0,
            },
            repeated: IdMap::default(),
            tick: 0,
            cancelled: Vec::new(),
            last: None,
            single: Vec::new(),
            arrived: Vec::new(),
            parked_until: None,
            overslept: Span::ZERO,
            undecided: UndecidedPolls::default(),
        }
    }

    #[inline]
    pub(in crate::insight::findings) fn poll_ended(
        &mut self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        claims: &mut Claims,
    ) {
        let took = poll.took(step);
        self.lengths.add(took);
        if took < self.again.min(self.poll) && took < self.timeout {
            self.cancelled.clear();
            return;
        }
        self.long_poll(step, poll, took, claims);
    }

    #[inline(never)]
    fn long_poll(
        &mut self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        took: Span,
        claims: &mut Claims,
    ) {
        let (spot, also) = poll.spot(step);
        let sample = OpenPoll::sample(step);
        if sample.is_some_and(PollSample::has_waited_for_processor) {
            self.cancelled.clear();
            return;
        }
        let processor = sample.and_then(|sample| sample.processor);
        let harm = harm(step, poll, &self.arrived);
        let mut made = self.dead_timeouts(step, poll, took);
        made.extend(self.guarded_work(step, poll, took, &harm));
        self.undecided.push(step, (took, processor), made, claims);
        let repeats = match poll.await_spot(step).0.at {
            LocationId::UNKNOWN => spot.at,
            at => at,
        };
        let is_rust = Language::Rust.for_run(step.replay) == Language::Rust;
        let held = LongPoll {
            task: poll.task,
            spot,
            also,
            took,
            started: poll.started,
            ended: step.position(),
            woken: Vec::new(),
            sockets: poll.sockets,
            repeats,
            group: is_rust.then_some(repeats),
            processor,
        };
        let worst = harm.worst.map_or(Span::ZERO, |(_, by)| by);
        if took <= self.poll {
            self.medium_poll(step, held, worst, &harm, claims);
        } else if worst < Span(self.poll.nanos() / 2) {
            self.last = Some(held);
        } else {
            self.last = None;
            self.harmful_poll(step, held, harm, claims);
        }
    }

    /// A long poll has delayed others.
    fn harmful_poll(
        &mut self,
        step: &EventStep<'_>,
        held: LongPoll,
        harm: Harm,
        claims: &mut Claims,
    ) {
        if self.is_no_accident(step, &held) {
            let made = self.claims(&held, &harm);
            let took = (held.took, held.processor);
            self.undecided.push(step, took, made, claims);
        } else if self.single.len() < NAMED {
            self.single.push((held, harm));
        }
    }

    /// A poll below the limit ends: it counts if it is repeated at one place.
    fn medium_poll(
        &mut self,
        step: &EventStep<'_>,
        mut held: LongPoll,
        worst: Span,
        harm_of_poll: &Harm,
        claims: &mut Claims,
    ) {
        let (took, processor) = (held.took, held.processor);
        let yields = matches!(
            step.event,
            Event::Task(TaskEvent::PollEnd { task, outcome: PollOutcome::Pending, .. })
                if step.before.tasks.get(task).is_some_and(|row| row.wait == Wait::Yield)
        );
        let usual = Span(self.lengths.median().nanos().saturating_mul(MEDIAN_FACTOR));
        if yields || took < self.again || took < usual {
            return;
        }
        let tick = self.tick;
        let repeated = self.repeated.entry(held.repeats).or_default();
        // One after the other, in one tick, they are as one long poll.
        let at_once = repeated.in_tick(tick, took, (worst, harm_of_poll));
        let is_long = at_once.polls > 1
            && at_once.took > self.poll
            && at_once.worst >= Span(self.poll.nanos() / 2);
        let harm = at_once.harm.clone().filter(|_| is_long);
        // A shorter one may be that of a busy machine.
        let least = if OpenPoll::is_virtual(step) {
            self.again
        } else {
            Span(self.again.nanos().saturating_mul(2))
        };
        let counts = took >= least && worst >= Span(self.again.nanos() / 2);
        if counts {
            repeated.times += 1;
            repeated.delay += harm_of_poll.sum;
            repeated.evidence.push(step.position());
            repeated.evidence.truncate(NAMED);
        }
        let is_often = counts && repeated.times >= self.times && repeated.delay >= REPEATED_DELAY;
        if is_often || is_long {
            held.woken = std::mem::take(&mut repeated.evidence);
            let made = self.claims(&held, harm.as_ref().unwrap_or(harm_of_poll));
            self.undecided.push(step, (took, processor), made, claims);
        }
    }

    /// Whether a long poll is that of the program. On a real clock the operating system may have given
    /// the processor to another program meanwhile, so that a poll of twice the limit, or two polls at
    /// one place, are needed.
    fn is_no_accident(&mut self, step: &EventStep<'_>, held: &LongPoll) -> bool {
        if OpenPoll::is_virtual(step) || held.took.nanos() >= self.poll.nanos().saturating_mul(2) {
            return true;
        }
        let repeated = self.repeated.entry(held.repeats).or_default();
        repeated.long += 1;
        if repeated.long == 2 {
            self.single
                .retain(|(single, _)| single.repeats != held.repeats);
        }
        repeated.long >= 2
    }

    /// The claims about a long poll and what it has delayed.
    fn claims(&self, held: &LongPoll, harm: &Harm) -> Vec<Claim> {
        let proof = Proof::Blocking {
            held: held.took,
            delayed: harm.delayed,
            callbacks: harm.callbacks,
            worst: harm.worst,
            after_io: held.woken.len() as u64,
            processor: held.processor,
        };
        let blocking = Claim::new(held.task, held.spot, proof)
            .grouped(held.group)
            .cost(harm.sum)
            .also([held.also])
            .evidence([held.started, held.ended])
            .evidence(held.woken.iter().copied());
        let cause = blocking.key();
        let mut claims = vec![blocking];
        for (task, at, late) in harm.timers.iter().take(NAMED) {
            if *late >= self.late {
                let proof = Proof::LateTimer { late: *late };
                let late = Claim::new(*task, held.spot, proof)
                    .grouped(held.group)
                    .cost(*late)
                    .also([*at])
                    .evidence([held.ended])
                    .follows(Some(cause));
                claims.push(late);
            }
        }
        claims
    }

    /// A tick begins.
    #[inline]
    pub(in crate::insight::findings) fn tick_starts(&mut self) {
        self.arrived.clear();
        self.tick += 1;
    }

    /// A callback enters the ready queue.
    pub(in crate::insight::findings) fn scheduled(
        &mut self,
        step: &EventStep<'_>,
        callback: CallbackId,
    ) {
        let is_outside = matches!(step.before.running, Running::Nothing);
        if is_outside && self.arrived.len() < SEARCHED {
            self.arrived.push((callback, step.at()));
        }
    }

    /// A timer was cancelled by the open poll.
    pub(in crate::insight::findings) fn timer_cancelled(
        &mut self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        timer: TimerId,
    ) {
        let Some(timer) = step.before.timer(timer) else {
            return;
        };
        if timer.task.is_some() && timer.task == poll.task && poll.is_running(step) {
            self.cancelled.push((timer.deadline, step.position()));
        }
    }

    /// The loop waits: nothing was late in the ticks before.
    pub(in crate::insight::findings) fn parked(&mut self, until: Option<Moment>) {
        self.last = None;
        self.parked_until = until;
    }

    /// Loop time moves forward between two polls.
    pub(in crate::insight::findings) fn advanced(
        &mut self,
        step: &EventStep<'_>,
        why: Advance,
        claims: &mut Claims,
    ) {
        if why == Advance::Waited
            && let Some(until) = self.parked_until.take()
        {
            let late = step.at().since(until);
            self.overslept = self.overslept.max(late);
            self.undecided.continued_late(late, claims);
        }
    }

    /// The long polls that are not yet decided on, and the single ones if the machine was quiet.
    pub(in crate::insight::findings) fn conclude(&self, claims: &mut Claims) {
        if self.overslept.nanos() < self.poll.nanos() / 4 {
            for (held, harm) in &self.single {
                claims.push_all(self.claims(held, harm));
            }
        }
        self.undecided.conclude(claims);
    }

    /// A task was woken between two ticks.
    pub(in crate::insight::findings) fn woken(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        by: WokenBy,
        effect: WakeEffect,
    ) {
        if let Some(held) = &mut self.last
            && by == WokenBy::Io
            && effect == WakeEffect::Enqueued
            && held.task != Some(task)
            && held.woken.len() < NAMED
        {
            held.woken.push(step.position());
        }
    }

    /// A run phase begins: all I/O that waited during the tick before has arrived.
    #[inline]
    pub(in crate::insight::findings) fn run_phase(
        &mut self,
        step: &EventStep<'_>,
        claims: &mut Claims,
    ) {
        let found = |held: &mut LongPoll| held.woken.len() > held.sockets as usize;
        if let Some(held) = self.last.take_if(found) {
            self.harmful_poll(step, held, Harm::default(), claims);
        }
    }
}
