//! `cargo xtask`: what a developer of this project runs. `cargo xtask --help` lists the tasks.

use std::{
    env,
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::Duration,
};

use clap::{Parser, Subcommand};
use xtask::{
    conformance::{self, Options},
    pictures,
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
        /// Such as `record` or `screen.key`
        names: Vec<String>,
    },
    /// Check what surrounds a Python program: the wheel, pytest, small programs and well-known packages, with and without
    Python {
        /// Under each CPython that is found, instead of `python3` alone
        #[arg(long)]
        all: bool,
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
        Task::Bench { names } => run(cargo()
            .args(["bench", "--package", "loopscope-program", "--"])
            .args(names)),
        Task::Python { all } => python(all),
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
fn python(all: bool) -> io::Result<()> {
    run(cargo().args(["build", "--package", "loopscope-program"]))?;
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    let program = root().join(target).join("debug/loopscope");
    let tests = root().join("python/tests");
    let all = all.then_some("--all");
    let script = |name: &str| {
        let mut python = Command::new("python3");
        python.arg("-B").arg(tests.join(name));
        python
    };
    let programs = ["--twins", "--loopscope"];
    run(script("programs.py").args(programs).arg(&program).args(all))?;
    run(script("pytest_plugin.py").arg(&program))?;
    run(script("frameworks.py").args(all))?;
    run(&mut Command::new(tests.join("wheel.sh")))
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
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    pictures::draw(&root().join(target).join("release/loopscope"), &folder)
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
