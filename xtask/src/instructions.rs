//! `cargo xtask instructions`: how many instructions the loop takes for a unit of work, compared with
//! the committed numbers. Times differ between processors and runs; these numbers do not.
//!
//! A number is the difference of two runs of `loopscope-instructions` under callgrind, with two
//! counts of units, divided by the difference of the counts: what a process does once cancels out.
//! What it does until the work begins is not counted at all, because the calibration of the clock
//! takes as many instructions as fit into some milliseconds.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What the committed numbers are in, below the root of the workspace.
const COMMITTED: &str = "benches/instructions/committed.csv";

/// The function of `loopscope-instructions` whose instructions are counted, with those of what it calls.
const MEASURED: &str = "loopscope_instructions::measured";

/// By how much a number may be above the committed one, in percent.
const MOST: u64 = 3;

/// A unit of work on a runtime, and its instructions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// Such as `yield` or `spawn`.
    pub work: String,
    /// The loop recorded or not, or a peer.
    pub runtime: String,
    /// Instructions for one unit.
    pub instructions: u64,
}

impl Count {
    /// Whether `now` is more than the limit above this number.
    fn is_exceeded_by(&self, now: u64) -> bool {
        now * 100 > self.instructions * (100 + MOST)
    }
}

/// Reads the lines `work,runtime,instructions` of a file of numbers, below its heading.
pub fn parse(text: &str) -> Option<Vec<Count>> {
    let count = |line: &str| {
        let mut fields = line.split(',');
        let mut field = || fields.next().map(str::to_owned);
        Some(Count {
            work: field()?,
            runtime: field()?,
            instructions: field()?.parse().ok()?,
        })
    };
    text.lines().skip(1).map(count).collect()
}

/// Compares all numbers, or those of the named works, with the committed ones; with `accept`, writes
/// them instead. Returns whether none is exceeded.
///
/// # Errors
///
/// If the program cannot be built or run, or the file cannot be read or written.
pub fn check(
    root: &Path,
    target: &Path,
    works: &[String],
    accept: bool,
    line: &mut dyn FnMut(&str),
) -> io::Result<bool> {
    if !has_valgrind() {
        line("instructions: skipped, valgrind is not installed");
        return Ok(true);
    }
    let program = build(root, target)?;
    let path = root.join(COMMITTED);
    let wrong = || io::Error::other(format!("{COMMITTED}: a line is not work,runtime,number"));
    let mut counts = parse(&fs::read_to_string(&path)?).ok_or_else(wrong)?;
    let mut is_kept = true;
    for count in &mut counts {
        if !works.is_empty() && !works.contains(&count.work) {
            continue;
        }
        let now = measure(&program, &count.work, &count.runtime)?;
        let is_over = count.is_exceeded_by(now);
        is_kept &= !is_over;
        line(&row(count, now, is_over && !accept));
        if accept {
            count.instructions = now;
        }
    }
    if accept {
        let rows = counts
            .iter()
            .map(|count| format!("{},{},{}\n", count.work, count.runtime, count.instructions));
        let text: String = ["work,runtime,instructions\n".into()]
            .into_iter()
            .chain(rows)
            .collect();
        fs::write(path, text)?;
    } else if !is_kept {
        line(&format!(
            "instructions: more than {MOST} % above {COMMITTED}; `cargo xtask instructions --accept` writes the new numbers"
        ));
    }
    Ok(is_kept || accept)
}

fn row(count: &Count, now: u64, is_over: bool) -> String {
    let name = format!("{}.{}", count.work, count.runtime);
    let mark = if is_over { "  too many" } else { "" };
    format!(
        "{name:28} {:>6} committed {now:>6} now{mark}",
        count.instructions
    )
}

fn has_valgrind() -> bool {
    let mut valgrind = Command::new("valgrind");
    valgrind.arg("--version").stdout(Stdio::null());
    valgrind.status().is_ok_and(|status| status.success())
}

fn build(root: &Path, target: &Path) -> io::Result<PathBuf> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .current_dir(root)
        .args(["build", "--quiet", "--profile", "instructions"])
        .args(["--package", "loopscope-instructions"]);
    let status = cargo.status()?;
    if !status.success() {
        return Err(io::Error::other(format!("cargo build: {status}")));
    }
    Ok(root
        .join(target)
        .join("instructions/loopscope-instructions"))
}

/// The instructions of one unit. The two counts are multiples of what the works do at once.
fn measure(program: &Path, work: &str, runtime: &str) -> io::Result<u64> {
    const FEW: u64 = 100_000;
    const MANY: u64 = 300_000;
    let few = instructions(program, work, runtime, FEW)?;
    let many = instructions(program, work, runtime, MANY)?;
    Ok(many.saturating_sub(few) / (MANY - FEW))
}

/// The instructions of a whole run.
fn instructions(program: &Path, work: &str, runtime: &str, count: u64) -> io::Result<u64> {
    let run = Command::new("valgrind")
        // How often a stack is walked depends on the clock.
        .env("LOOPSCOPE_LINES", "off")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(format!("--toggle-collect={MEASURED}"))
        .arg(program)
        .args([work, runtime, &count.to_string()])
        .output()?;
    let said = String::from_utf8_lossy(&run.stderr);
    // None at all means that the function was not found.
    let collected = collected(&said).filter(|count| *count > 0 && run.status.success());
    collected.ok_or_else(|| io::Error::other(format!("{work} on {runtime}: {said}")))
}

/// The number in callgrind's line `==1== Collected : 123`.
fn collected(said: &str) -> Option<u64> {
    let line = said.lines().find(|line| line.contains("Collected"))?;
    line.rsplit_once(':')?.1.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_may_be_three_percent_higher() {
        let counts = parse("work,runtime,instructions\nyield,off,200\nspawn,memory,1000\n");
        let counts = counts.unwrap_or_default();
        assert_eq!(counts.len(), 2);
        assert!(!counts[0].is_exceeded_by(206) && counts[0].is_exceeded_by(207));
        assert!(!counts[1].is_exceeded_by(10) && counts[1].is_exceeded_by(1031));
        assert_eq!(parse("work,runtime,instructions\nyield,off\n"), None);
    }

    #[test]
    fn the_number_is_found_in_what_callgrind_says() {
        let said = "==7== Events    : Ir\n==7== Collected : 45624000\n==7==\n";
        assert_eq!(collected(said), Some(45_624_000));
        assert_eq!(collected("valgrind: not found"), None);
    }

    #[test]
    fn each_committed_line_is_a_work_and_a_number() {
        let text = include_str!("../../benches/instructions/committed.csv");
        assert!(parse(text).is_some_and(|counts| counts.len() > 8));
    }
}
