//! `cargo xtask`: what a developer of this project runs. `cargo xtask --help` lists the tasks.

#![forbid(unsafe_code)]

use std::{
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::Duration,
};

use clap::{Parser, Subcommand};
use xtask::{
    conformance::{self, Options},
    figures, instructions, pictures,
};

/// Tasks of developers.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", disable_help_subcommand = true)]
struct Xtask {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Check everything that has to hold before a change goes in (`.ci/run`)
    Ci,
    /// Accept changed snapshots, and write the pictures and the generated parts of README and docs anew
    Bless,
    /// Draw the pictures of README and docs
    Pictures {
        /// The folder to write them to
        #[arg(default_value = "docs")]
        folder: PathBuf,
        /// The binary that draws them [default: a release build]
        #[arg(long)]
        program: Option<PathBuf>,
    },
    /// Compare the scenarios with the same programs under CPython's asyncio
    Conformance(Options),
    /// Measure all figures, or those whose names begin with one of these
    Bench {
        /// Show them beside the last ones in benches/results
        #[arg(long)]
        compare: bool,
        /// Keep them in benches/results, with date and processor
        #[arg(long)]
        save: bool,
        /// Such as `record` or `screen.key`
        names: Vec<String>,
    },
    /// Count the instructions of the loop with valgrind, and compare with benches/instructions/committed.csv
    Instructions {
        /// Write the numbers instead of comparing them
        #[arg(long)]
        accept: bool,
        /// Such as `yield` or `spawn` [default: all]
        works: Vec<String>,
    },
    /// Check all that is promised of `loopscope python`, one line for each row and interpreter, and the wheel
    Python {
        /// Under each CPython that is found, instead of `python3` alone
        #[arg(long)]
        all: bool,
        /// Measure the costs as well, which takes some minutes for each interpreter
        #[arg(long)]
        costs: bool,
        /// Such as `programs` or `frameworks`; `python/tests/table.py` describes them [default: all]
        rows: Vec<String>,
    },
    /// Block for this long: the child process of a scenario, which runs its own program again
    #[command(hide = true)]
    Work {
        #[arg(long)]
        seconds: f64,
    },
}

fn main() -> ExitCode {
    let done = match Xtask::parse().task {
        Task::Ci => run(&mut Command::new(root().join(".ci/run"))),
        Task::Bless => bless(),
        Task::Pictures { folder, program } => draw(&folder, program),
        Task::Conformance(options) => return compare(&options),
        Task::Bench {
            compare,
            save,
            names,
        } => bench(compare, save, &names),
        Task::Instructions { accept, works } => count(accept, &works),
        Task::Python { all, costs, rows } => python(all, costs, &rows),
        Task::Work { seconds } => {
            loopscope::block_for(Duration::from_secs_f64(seconds));
            Ok(())
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report_error(&error);
            ExitCode::FAILURE
        }
    }
}

/// The folder of the workspace.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}

fn run(command: &mut Command) -> io::Result<()> {
    let status = command.status()?;
    if status.success() {
        Ok(())
    } else {
        Err(io::Error::other(format!(
            "{}: {status}",
            command.get_program().display()
        )))
    }
}

/// Measures, and shows the figures beside the last ones or keeps them.
fn bench(compare: bool, save: bool, names: &[String]) -> io::Result<()> {
    let mut bench = cargo();
    bench
        .args(["bench", "--package", "loopscope-program", "--"])
        .args(names);
    if !compare && !save {
        return run(&mut bench);
    }
    let folder = root().join("benches/results");
    let date = Command::new("date").args(["-u", "+%F"]).output()?.stdout;
    let date = String::from_utf8_lossy(&date).trim().to_owned();
    let results = figures::measure(&mut bench, date, &mut print)?;
    if compare {
        match figures::last(&folder)? {
            Some(last) => print(results.beside(&last).trim_end()),
            None => print("benches/results has no earlier figures"),
        }
    }
    if save {
        let path = figures::path(&folder, &results);
        fs::write(&path, results.to_text())?;
        print(&format!("written: {}", path.display()));
    }
    Ok(())
}

/// Fails if a number of instructions is too high.
fn count(accept: bool, works: &[String]) -> io::Result<()> {
    if instructions::check(root(), &target(), works, accept, &mut print)? {
        Ok(())
    } else {
        Err(io::Error::other(
            "the loop takes more instructions than before",
        ))
    }
}

/// Prints a line. A reader that has gone away is not an error.
fn print(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// The folder of what cargo builds, if relative, below that of the workspace.
fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from)
}

/// The tests write what they would otherwise compare. The pictures come last: they are drawn by the
/// program.
fn bless() -> io::Result<()> {
    let tests = run(cargo()
        .args(["test", "--package", "loopscope", "--test", "library"])
        .env("INSTA_UPDATE", "always")
        .env("BLESS", "1"));
    draw(Path::new("docs"), None)?;
    tests
}

/// The scripts install packages into temporary environments, and say what they skip.
fn python(all: bool, costs: bool, rows: &[String]) -> io::Result<()> {
    run(cargo().args(["build", "--package", "loopscope-program"]))?;
    let program = root().join(target()).join("debug/loopscope");
    let tests = root().join("python/tests");
    let mut table = Command::new("python3");
    table.arg("-B").arg(tests.join("table.py"));
    table.arg("--loopscope").arg(program);
    table
        .args(all.then_some("--all"))
        .args(costs.then_some("--costs"));
    let holds = run(table.args(rows));
    if rows.is_empty() {
        run(&mut Command::new(tests.join("wheel.sh")))?;
    }
    holds
}

fn draw(folder: &Path, program: Option<PathBuf>) -> io::Result<()> {
    let folder = root().join(folder);
    if let Some(program) = program {
        return pictures::draw(&program, &folder);
    }
    run(cargo().args([
        "build",
        "--quiet",
        "--release",
        "--package",
        "loopscope-program",
    ]))?;
    pictures::draw(&root().join(target()).join("release/loopscope"), &folder)
}

/// The exit code says whether all agree (0), some do not (1), or nothing could be compared (2).
fn compare(options: &Options) -> ExitCode {
    if let Err(error) = conformance::on_signals() {
        let _ = writeln!(io::stderr(), "xtask: {error}");
    }
    match conformance::compare(options) {
        Ok(rows) => {
            let text = if options.json {
                format!("{}\n", conformance::json(&rows))
            } else {
                conformance::table(&rows)
            };
            let mut out = io::stdout();
            match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                    report_error(&format!("cannot write to standard output: {error}"));
                    ExitCode::FAILURE
                }
                _ => ExitCode::from(u8::from(rows.iter().any(conformance::Row::disagrees))),
            }
        }
        Err(error) => {
            report_error(&error);
            ExitCode::from(2)
        }
    }
}

fn report_error(error: &impl ToString) {
    let line = loopscope::trace::sanitized(&error.to_string(), "");
    let _ = writeln!(io::stderr(), "xtask: {line}");
}
