//! Runs a scenario.

use std::{cell::RefCell, error::Error, io, iter, panic::resume_unwind, rc::Rc};

use crate::{
    runtime::{Builder, ChoiceRefused, LiveTrace, LoopControl, OnIdle, Store},
    trace::{ClockKind, Log, Meta, Moment, Outcome, Schedule},
};

use super::{Args, Scenario, Variant};

/// A run of a scenario, before it starts.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The scenario.
    pub scenario: &'static Scenario,
    /// Its variant.
    pub variant: &'static Variant,
    /// The values of its parameters.
    pub args: Args,
    /// The clock.
    pub clock: ClockKind,
    /// The seed of the random numbers.
    pub seed: u64,
    /// The choices that deviate from the usual order.
    pub schedule: Schedule,
    /// The run stops at this moment.
    pub until: Option<Moment>,
    /// The run stops after this many events.
    pub max_events: u64,
}

/// The result of a run.
#[derive(Debug)]
pub struct Ended {
    /// How it ended.
    pub outcome: Outcome,
    /// The error that its main function returned.
    pub error: Option<String>,
    /// Whether the error concerns the requested address, which may be in use.
    pub bad_address: bool,
    /// A choice of the schedule that was not possible.
    pub refused: Option<ChoiceRefused>,
    /// The trace; without records if a [`LiveTrace`] or a [`Store`] has received them.
    pub log: Log,
}

impl Plan {
    /// A run with the default values.
    pub fn new(scenario: &'static Scenario, variant: &'static Variant) -> Plan {
        Plan {
            scenario,
            variant,
            args: Args::new(scenario.params),
            clock: variant.clock,
            seed: 0,
            schedule: Schedule::default(),
            until: None,
            max_events: 10_000_000,
        }
    }

    /// The metadata of the trace of this run.
    pub fn meta(&self) -> Meta {
        Meta {
            scenario: self.scenario.name.into(),
            variant: self.variant.name.into(),
            title: self.variant.title.into(),
            params: self
                .args
                .values()
                .filter(|(name, value)| self.describes(name, value))
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            clock: self.clock,
            seed: self.seed,
            sources: iter::once((self.scenario.file, self.scenario.source))
                .chain(self.scenario.parts.iter().copied())
                .chain(self.scenario.twin)
                .chain(self.scenario.pairs)
                .map(|(file, text)| (file.into(), text.into()))
                .collect(),
            tick_policy: self.variant.tick_policy,
            schedule: self.schedule.clone(),
            unknown: Vec::new(),
        }
    }

    /// Whether the value of a parameter is part of the description of this run: the variant takes
    /// the parameter, or it was set for another variant.
    fn describes(&self, name: &str, value: &str) -> bool {
        let Some(param) = self.scenario.param(name) else {
            return false;
        };
        let is_default = value == param.default;
        let taken = { self.variant.params }.is_none_or(|params| params.contains(&param.name));
        !is_default || (taken && !param.default_is_unset)
    }

    /// Runs the scenario on this thread, to its end.
    pub fn run(&self, live: Option<LiveTrace>, control: LoopControl) -> Ended {
        self.run_into(live, None, control)
    }

    /// Like [`Plan::run`], and also writes the trace into `store`. The store's
    /// [`StoreHandle`](crate::runtime::StoreHandle) returns the error of a file that could not be
    /// written.
    pub fn run_into(
        &self,
        live: Option<LiveTrace>,
        store: Option<Store>,
        control: LoopControl,
    ) -> Ended {
        let mut builder = Builder::new()
            .clock(self.clock)
            .seed(self.seed)
            .tick_policy(self.variant.tick_policy)
            .meta(self.meta())
            .schedule(self.schedule.clone())
            .record(true)
            .record_bytes(true)
            .max_events(self.max_events)
            .on_idle(OnIdle::End)
            .control(control)
            .main_name("main");
        if let Some(until) = self.until {
            builder = builder.until(until);
        }
        if let Some(live) = live {
            builder = builder.live_trace(live);
        }
        if let Some(store) = store {
            builder = builder.store(store);
        }
        let failure: Rc<RefCell<Option<Box<dyn Error>>>> = Rc::default();
        let run = builder.run({
            let (main, failure) = ((self.variant.main)(self.args.clone()), Rc::clone(&failure));
            async move {
                if let Err(error) = main.await {
                    // The loop records a panic of the main task as a failed run. `resume_unwind`
                    // panics without printing the message.
                    let message = error.to_string();
                    *failure.borrow_mut() = Some(error);
                    resume_unwind(Box::new(message));
                }
            }
        });
        let failure = failure.borrow_mut().take();
        Ended {
            outcome: run.outcome,
            bad_address: failure.as_deref().is_some_and(is_about_the_address),
            error: failure.map(|error| error.to_string()),
            refused: run.refused,
            log: run.log,
        }
    }
}

fn is_about_the_address(error: &(dyn Error + 'static)) -> bool {
    use io::ErrorKind::{AddrInUse, AddrNotAvailable, InvalidInput, PermissionDenied};
    let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
    matches!(
        kind,
        Some(AddrInUse | AddrNotAvailable | InvalidInput | PermissionDenied)
    )
}
