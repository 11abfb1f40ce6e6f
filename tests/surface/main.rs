//! The face is smol's: the same programs, compiled once against `smol` and once against this crate, do the same.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "in a test, what is not there is a failure, and programs look at clocks and start threads"
)]

mod outside;

/// A program, and what it says when it is done.
type Program = (&'static str, fn() -> String);

mod on_smol {
    mod tasks {
        use smol as rt;
        include!("tasks.rs");
    }
    mod waits {
        use smol as rt;
        include!("waits.rs");
    }
    mod io {
        use smol as rt;
        include!("io.rs");
    }
    pub(crate) const ALL: [&[super::Program]; 3] = [tasks::ALL, waits::ALL, io::ALL];
}

mod on_loopscope {
    mod tasks {
        use loopscope as rt;
        include!("tasks.rs");
    }
    mod waits {
        use loopscope as rt;
        include!("waits.rs");
    }
    mod io {
        use loopscope as rt;
        include!("io.rs");
    }
    pub(crate) const ALL: [&[super::Program]; 3] = [tasks::ALL, waits::ALL, io::ALL];
}

#[test]
fn programs_do_on_loopscope_what_they_do_on_smol() {
    let pairs = on_smol::ALL.iter().zip(on_loopscope::ALL);
    for ((name, on_smol), (_, on_loopscope)) in pairs.flat_map(|(a, b)| a.iter().zip(b)) {
        assert_eq!(on_loopscope(), on_smol(), "{name}");
    }
}
