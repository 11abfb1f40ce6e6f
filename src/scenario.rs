//! Scenarios: example programs with variants, and how to run one.
//!
//! A scenario is a file of real `async fn`s with several variants, so that a wrong and a right way,
//! or a sequential and a concurrent one, can be compared. The catalogue is in `scenarios/`; it is
//! compiled into the program and uses only the public API of this crate.

mod param;
mod run;

use std::{error::Error, future::Future, pin::Pin};

pub use param::{Args, Param, ParamError, Range};
pub use run::{Ended, Plan};

use crate::trace::{ClockKind, TickPolicy};

/// An example program with its variants.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// Its name on the command line.
    pub name: &'static str,
    /// Its subject, in a line.
    pub title: &'static str,
    /// Its variants. `compare` takes the first two unless others are named.
    pub variants: &'static [Variant],
    /// Its parameters.
    pub params: &'static [Param],
    /// Whether it can serve outside clients, at `--listen`.
    pub listens: bool,
    /// The name of its file.
    pub file: &'static str,
    /// The text of that file.
    pub source: &'static str,
    /// The names and texts of its other files, in a directory of its name.
    pub parts: &'static [(&'static str, &'static str)],
    /// The same program in Python, its twin: the name of the file and its text.
    pub twin: Option<(&'static str, &'static str)>,
    /// Which lines of the two programs correspond where their texts do not show it: the name of the
    /// file and its text, see `insight::Twin`.
    pub pairs: Option<(&'static str, &'static str)>,
}

/// One variant of a scenario.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// Its name on the command line.
    pub name: &'static str,
    /// How it differs from the others, in a few words.
    pub title: &'static str,
    /// Its clock, unless another one is requested.
    pub clock: ClockKind,
    /// What it does outside of this process.
    pub effect: OutsideEffect,
    /// What a tick of its loop polls.
    pub tick_policy: TickPolicy,
    /// The parameters that its main function takes; `None` if it takes all of them.
    pub params: Option<&'static [&'static str]>,
    /// Its main function.
    pub main: fn(Args) -> Main,
}

/// What a variant does outside of this process. Each variant declares it, and a run whose
/// description comes from a file is started only without such an effect: a recording must not act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutsideEffect {
    /// Nothing. It computes, waits and prints.
    None,
    /// It starts threads, which compute and sleep.
    Threads,
    /// It listens at an address, or connects to one.
    Sockets,
    /// It creates, reads or deletes files or directories.
    Files,
    /// It starts other programs.
    Processes,
}

impl OutsideEffect {
    /// Whether something outside of this process can notice a run: then what a file says must not
    /// start it.
    pub const fn is_outside(self) -> bool {
        match self {
            OutsideEffect::None | OutsideEffect::Threads => false,
            OutsideEffect::Sockets | OutsideEffect::Files | OutsideEffect::Processes => true,
        }
    }

    /// What the variant does, after its name: `opens sockets`.
    pub const fn words(self) -> &'static str {
        match self {
            OutsideEffect::None => "computes and waits",
            OutsideEffect::Threads => "starts threads",
            OutsideEffect::Sockets => "opens sockets",
            OutsideEffect::Files => "uses files",
            OutsideEffect::Processes => "starts programs",
        }
    }
}

/// The future of a variant's main function.
pub type Main = Pin<Box<dyn Future<Output = Done>>>;

/// What a variant's main function returns.
pub type Done = Result<(), Box<dyn Error>>;

impl Variant {
    /// A variant without real I/O or threads, on the virtual clock.
    pub const fn new(name: &'static str, title: &'static str, main: fn(Args) -> Main) -> Variant {
        Variant {
            name,
            title,
            clock: ClockKind::Virtual,
            effect: OutsideEffect::None,
            tick_policy: TickPolicy::Snapshot,
            params: None,
            main,
        }
    }

    /// The same variant, with the parameters that it takes.
    #[must_use]
    pub const fn takes(mut self, params: Option<&'static [&'static str]>) -> Variant {
        self.params = params;
        self
    }

    /// A variant on the real clock that has no effect outside of this process.
    pub const fn real(name: &'static str, title: &'static str, main: fn(Args) -> Main) -> Variant {
        Variant {
            clock: ClockKind::Real,
            ..Variant::new(name, title, main)
        }
    }

    /// The same variant, with an effect outside of this process.
    #[must_use]
    const fn with(mut self, effect: OutsideEffect) -> Variant {
        self.effect = effect;
        self
    }

    /// A variant that starts threads, on the real clock.
    pub const fn threads(
        name: &'static str,
        title: &'static str,
        main: fn(Args) -> Main,
    ) -> Variant {
        Variant::real(name, title, main).with(OutsideEffect::Threads)
    }

    /// A variant that listens at an address or connects to one, on the real clock.
    pub const fn sockets(
        name: &'static str,
        title: &'static str,
        main: fn(Args) -> Main,
    ) -> Variant {
        Variant::real(name, title, main).with(OutsideEffect::Sockets)
    }

    /// A variant that uses files or directories, on the real clock.
    pub const fn files(name: &'static str, title: &'static str, main: fn(Args) -> Main) -> Variant {
        Variant::real(name, title, main).with(OutsideEffect::Files)
    }

    /// A variant that starts other programs, on the real clock.
    pub const fn processes(
        name: &'static str,
        title: &'static str,
        main: fn(Args) -> Main,
    ) -> Variant {
        Variant::real(name, title, main).with(OutsideEffect::Processes)
    }

    /// A variant whose loop drains its ready queue in each tick instead of taking a snapshot.
    pub const fn drain(name: &'static str, title: &'static str, main: fn(Args) -> Main) -> Variant {
        Variant {
            tick_policy: TickPolicy::Drain,
            ..Variant::new(name, title, main)
        }
    }
}

impl Scenario {
    /// The variant of this name.
    pub fn variant(&self, name: &str) -> Option<&'static Variant> {
        self.variants.iter().find(|variant| variant.name == name)
    }

    /// The parameter of this name.
    pub fn param(&self, name: &str) -> Option<&'static Param> {
        self.params.iter().find(|param| param.name == name)
    }
}

/// Converts the result of a main function to [`Done`].
pub trait IntoDone {
    /// The result as a [`Done`].
    fn into_done(self) -> Done;
}

impl IntoDone for () {
    fn into_done(self) -> Done {
        Ok(())
    }
}

impl<E: Into<Box<dyn Error>>> IntoDone for Result<(), E> {
    fn into_done(self) -> Done {
        self.map_err(Into::into)
    }
}

/// Declares a scenario at the end of its file: its name, its variants and its parameters.
///
/// A variant names its arguments, and for each the method of [`Args`] that reads the parameter of
/// the same name. The word in front of its title says how it runs: `drain` with a loop that drains
/// its ready queue, all others on the real clock. `threads`, `sockets`, `files` and `processes` name
/// its [`OutsideEffect`], and `real` says that it has none. `twin: true` declares that the Python file of the same name is the same
/// program, and `pairs: true` that the file with the extension `pairs` says which of their lines
/// correspond.
#[macro_export]
macro_rules! scenario {
    (
        name: $name:literal,
        title: $title:literal,
        $(parts: [$($part:literal),+ $(,)?],)?
        $(listens: $listens:literal,)?
        $(twin: $twin:ident,)?
        $(pairs: $pairs:ident,)?
        variants: [$($variant:ident($($arg:ident: $kind:ident),*) $($how:ident)? $about:literal),+ $(,)?],
        params: [$($param:expr),* $(,)?] $(,)?
    ) => {
        /// This scenario, for the catalogue.
        pub(crate) const SCENARIO: $crate::scenario::Scenario = $crate::scenario::Scenario {
            name: $name,
            title: $title,
            variants: &[$($crate::scenario!(
                @variant stringify!($variant), $about,
                |args| Box::pin(async move {
                    let _ = &args;
                    $crate::scenario::IntoDone::into_done($variant($($crate::scenario!(@arg args $arg $kind)),*).await)
                })
                $(, $how)?
            ).takes($crate::scenario!(@takes $($arg $kind)*))),+],
            params: &{
                #[allow(unused_imports, reason = "a scenario may have no parameters")]
                use $crate::scenario::Param;
                [$($param),*]
            },
            listens: false $(|| $listens)?,
            file: concat!($name, ".rs"),
            source: include_str!(concat!($name, ".rs")),
            parts: &[$($((concat!($name, "/", $part), include_str!(concat!($name, "/", $part)))),+)?],
            twin: $crate::scenario!(@beside $name ".py" $($twin)?),
            pairs: $crate::scenario!(@beside $name ".pairs" $($pairs)?),
        };
    };
    (@beside $name:literal $extension:literal true) => { Some((concat!($name, $extension), include_str!(concat!($name, $extension)))) };
    (@beside $name:literal $extension:literal) => { None };
    (@takes args args) => { None };
    (@takes $($arg:ident $kind:ident)*) => { Some(&[$(stringify!($arg)),*]) };
    (@variant $name:expr, $about:expr, $main:expr) => { $crate::scenario::Variant::new($name, $about, $main) };
    (@variant $name:expr, $about:expr, $main:expr, $how:ident) => { $crate::scenario::Variant::$how($name, $about, $main) };
    (@arg $args:ident $arg:ident args) => { $args.clone() };
    (@arg $args:ident $arg:ident text) => { $args.text(stringify!($arg)).to_owned() };
    (@arg $args:ident $arg:ident $kind:ident) => { $args.$kind(stringify!($arg)) };
}
