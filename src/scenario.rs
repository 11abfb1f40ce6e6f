//! Programs to look at: what a scenario is, and how one is run.
//!
//! A scenario is a file of real `async fn`s with several variants, so that a wrong and a right way, or a sequential and a
//! concurrent one, can be laid side by side. The catalogue itself is in `scenarios/`, compiled into the program, and sees
//! only this crate's public face.

mod param;
mod run;

use std::{error::Error, future::Future, pin::Pin};

pub use param::{Args, Param, ParamError, Range};
pub use run::{Ended, Plan};

use crate::trace::{ClockKind, TickPolicy};

/// A program with its variants.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What it is about, in a line.
    pub title: &'static str,
    /// The ways to do it. The first two are compared when nothing else is said.
    pub variants: &'static [Variant],
    /// What can be set.
    pub params: &'static [Param],
    /// Whether it serves clients from outside, at `--listen`.
    pub listens: bool,
    /// The file that it stands in, and its text.
    pub file: &'static str,
    /// The text of that file.
    pub source: &'static str,
    /// The other files of its program, in a directory of its name: each with its text.
    pub parts: &'static [(&'static str, &'static str)],
    /// The same program in Python, if it has a twin: the file and its text.
    pub twin: Option<(&'static str, &'static str)>,
}

/// One way to do it.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What is special about it, in a few words.
    pub title: &'static str,
    /// The clock that it runs on unless another is asked for.
    pub clock: ClockKind,
    /// What a tick of its loop runs.
    pub tick_policy: TickPolicy,
    /// Its main function.
    pub main: fn(Args) -> Main,
}

/// The future of a variant's main function.
pub type Main = Pin<Box<dyn Future<Output = Done>>>;

/// What a variant's main function returns.
pub type Done = Result<(), Box<dyn Error>>;

impl Variant {
    /// A variant that waits for nothing real: it runs on the virtual clock.
    pub const fn new(name: &'static str, title: &'static str, main: fn(Args) -> Main) -> Variant {
        Variant {
            name,
            title,
            clock: ClockKind::Virtual,
            tick_policy: TickPolicy::Snapshot,
            main,
        }
    }

    /// A variant with real sockets, files or threads: it runs on the real clock.
    pub const fn real(name: &'static str, title: &'static str, main: fn(Args) -> Main) -> Variant {
        Variant {
            clock: ClockKind::Real,
            ..Variant::new(name, title, main)
        }
    }

    /// A variant whose loop drains its ready queue in each tick, instead of taking a snapshot.
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

/// Makes a function's result a [`Done`]: nothing, or a result of any error.
pub trait IntoDone {
    /// The same as a [`Done`].
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

/// Says at the end of a scenario's file what it is called, which of its functions are its variants, and what can be set.
///
/// A variant names its arguments and how each is read from the parameter of the same name (a method of [`Args`]);
/// `real` in front of its title puts it on the real clock, `drain` on a loop that drains its ready queue. `twin: true`
/// says that the same program stands in the Python file of the same name.
#[macro_export]
macro_rules! scenario {
    (
        name: $name:literal,
        title: $title:literal,
        $(parts: [$($part:literal),+ $(,)?],)?
        $(listens: $listens:literal,)?
        $(twin: $twin:ident,)?
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
            )),+],
            params: &{
                #[allow(unused_imports, reason = "a scenario may have no parameters")]
                use $crate::scenario::Param;
                [$($param),*]
            },
            listens: false $(|| $listens)?,
            file: concat!($name, ".rs"),
            source: include_str!(concat!($name, ".rs")),
            parts: &[$($((concat!($name, "/", $part), include_str!(concat!($name, "/", $part)))),+)?],
            twin: $crate::scenario!(@twin $name $($twin)?),
        };
    };
    (@twin $name:literal true) => { Some((concat!($name, ".py"), include_str!(concat!($name, ".py")))) };
    (@twin $name:literal) => { None };
    (@variant $name:expr, $about:expr, $main:expr) => { $crate::scenario::Variant::new($name, $about, $main) };
    (@variant $name:expr, $about:expr, $main:expr, $how:ident) => { $crate::scenario::Variant::$how($name, $about, $main) };
    (@arg $args:ident $arg:ident args) => { $args.clone() };
    (@arg $args:ident $arg:ident text) => { $args.text(stringify!($arg)).to_owned() };
    (@arg $args:ident $arg:ident $kind:ident) => { $args.$kind(stringify!($arg)) };
}
