//! Child processes: `smol::process`, recorded.
//!
//! A task that awaits the end of a child is shown as waiting for that child, by its program.
//!
//! ```
//! use loopscope::process::{Command, Stdio};
//!
//! loopscope::block_on(async {
//!     let output = Command::new("echo").arg("hello").output().await?;
//!     assert_eq!(output.stdout, b"hello\n");
//!     let mut child = Command::new("cat").stdin(Stdio::piped()).spawn()?;
//!     assert!(child.try_status()?.is_none());
//!     assert!(child.status().await?.success()); // closes the child's input
//!     std::io::Result::Ok(())
//! })
//! .unwrap();
//! ```

use std::{
    ffi::OsStr,
    fmt,
    future::Future,
    io,
    ops::{Deref, DerefMut},
    os::fd::OwnedFd,
    panic::Location,
    path::Path,
};

use futures_lite::{future::try_zip, io::AsyncReadExt};

pub use async_process::{ExitStatus, Output, Stdio, driver, unix};

use crate::{
    runtime::task::{Io, Located},
    trace::ResourceKind,
};

use super::traced::Traced;

pub use ChildCommand as Command;

/// A program to be started: `smol::process::Command`, under that name.
///
/// Methods that are not here, those of [`unix::CommandExt`] among them, are reached through
/// [`Deref`].
pub struct ChildCommand {
    inner: async_process::Command,
    /// Which of input, output and errors were set. [`Command::output`] has other defaults than
    /// [`Command::spawn`].
    set: StdioSet,
}

#[derive(Clone, Copy, Default)]
struct StdioSet {
    stdin: bool,
    stdout: bool,
    stderr: bool,
}

macro_rules! settings {
    ($($(#[$doc:meta])* $name:ident<$($kind:ident: $bound:path),+>($($value:ident: $type:ty),+);)+) => {
        $(
            $(#[$doc])*
            pub fn $name<$($kind: $bound),+>(&mut self, $($value: $type),+) -> &mut ChildCommand {
                self.inner.$name($($value),+);
                self
            }
        )+
    };
}

impl ChildCommand {
    /// A program, to be started with no arguments.
    pub fn new<S: AsRef<OsStr>>(program: S) -> ChildCommand {
        async_process::Command::new(program).into()
    }

    settings! {
        /// Adds an argument.
        arg<S: AsRef<OsStr>>(argument: S);
        /// Sets an environment variable.
        env<K: AsRef<OsStr>, V: AsRef<OsStr>>(key: K, value: V);
        /// Removes an environment variable.
        env_remove<K: AsRef<OsStr>>(key: K);
        /// Sets the working directory.
        current_dir<P: AsRef<Path>>(folder: P);
    }

    /// Adds arguments.
    pub fn args<I, S>(&mut self, arguments: I) -> &mut ChildCommand
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        self.inner.args(arguments);
        self
    }

    /// Sets environment variables.
    pub fn envs<I, K, V>(&mut self, variables: I) -> &mut ChildCommand
    where
        I: IntoIterator<Item = (K, V)>,
        K: AsRef<OsStr>,
        V: AsRef<OsStr>,
    {
        self.inner.envs(variables);
        self
    }

    /// Removes all environment variables.
    pub fn env_clear(&mut self) -> &mut ChildCommand {
        self.inner.env_clear();
        self
    }

    /// Sets where the program's input comes from.
    pub fn stdin<T: Into<Stdio>>(&mut self, input: T) -> &mut ChildCommand {
        self.set.stdin = true;
        self.inner.stdin(input);
        self
    }

    /// Sets where the program's output goes.
    pub fn stdout<T: Into<Stdio>>(&mut self, output: T) -> &mut ChildCommand {
        self.set.stdout = true;
        self.inner.stdout(output);
        self
    }

    /// Sets where the program's errors go.
    pub fn stderr<T: Into<Stdio>>(&mut self, errors: T) -> &mut ChildCommand {
        self.set.stderr = true;
        self.inner.stderr(errors);
        self
    }

    /// Whether a child whose [`Child`] is dropped is awaited in the background, which is the default.
    pub fn reap_on_drop(&mut self, reap: bool) -> &mut ChildCommand {
        self.inner.reap_on_drop(reap);
        self
    }

    /// Whether a child is killed when its [`Child`] is dropped.
    pub fn kill_on_drop(&mut self, kill: bool) -> &mut ChildCommand {
        self.inner.kill_on_drop(kill);
        self
    }

    /// Starts the program.
    #[track_caller]
    pub fn spawn(&mut self) -> io::Result<Child> {
        let made = Location::caller();
        let program = Path::new(self.inner.get_program());
        let program = program.file_name().unwrap_or(program.as_os_str());
        let program = program.to_string_lossy().into_owned();
        Ok(Child::new(self.inner.spawn()?, program, made))
    }

    /// Starts the program and waits until it exits.
    #[track_caller]
    pub fn status(&mut self) -> impl Future<Output = io::Result<ExitStatus>> + use<> {
        let (child, made) = (self.spawn(), Location::caller());
        Located::made_at(made, async move { child?.status().await })
    }

    /// Starts the program, reads what it prints, and waits until it exits.
    #[track_caller]
    pub fn output(&mut self) -> impl Future<Output = io::Result<Output>> + use<> {
        let (set, command) = (self.set, &mut self.inner);
        if !set.stdin {
            command.stdin(Stdio::null());
        }
        if !set.stdout {
            command.stdout(Stdio::piped());
        }
        if !set.stderr {
            command.stderr(Stdio::piped());
        }
        let (child, made) = (self.spawn(), Location::caller());
        // What was not set is as before for the next `spawn`.
        let command = &mut self.inner;
        if !set.stdin {
            command.stdin(Stdio::inherit());
        }
        if !set.stdout {
            command.stdout(Stdio::inherit());
        }
        if !set.stderr {
            command.stderr(Stdio::inherit());
        }
        Located::made_at(made, async move { child?.output().await })
    }
}

impl From<async_process::Command> for ChildCommand {
    fn from(inner: async_process::Command) -> ChildCommand {
        ChildCommand {
            inner,
            set: StdioSet::default(),
        }
    }
}

impl From<std::process::Command> for ChildCommand {
    fn from(command: std::process::Command) -> ChildCommand {
        async_process::Command::from(command).into()
    }
}

impl Deref for ChildCommand {
    type Target = async_process::Command;

    fn deref(&self) -> &async_process::Command {
        &self.inner
    }
}

impl DerefMut for ChildCommand {
    fn deref_mut(&mut self) -> &mut async_process::Command {
        &mut self.inner
    }
}

impl fmt::Debug for ChildCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// The input of a child.
pub type ChildStdin = Traced<async_process::ChildStdin>;
/// The output of a child.
pub type ChildStdout = Traced<async_process::ChildStdout>;
/// The errors of a child.
pub type ChildStderr = Traced<async_process::ChildStderr>;

/// A program that was started: `smol::process::Child`.
pub struct Child {
    /// Writes to the child's input, if it is a pipe.
    pub stdin: Option<ChildStdin>,
    /// Reads the child's output, if it is a pipe.
    pub stdout: Option<ChildStdout>,
    /// Reads the child's errors, if they go to a pipe.
    pub stderr: Option<ChildStderr>,
    inner: async_process::Child,
    program: String,
}

impl Child {
    fn new(
        mut inner: async_process::Child,
        program: String,
        made: &'static Location<'static>,
    ) -> Child {
        let name = |part: &str| format!("{part} of {program}");
        let [stdin, stdout, stderr] = ["stdin", "stdout", "stderr"].map(name);
        Child {
            stdin: (inner.stdin.take())
                .map(|pipe| Traced::wrap_as(ResourceKind::Stream, &stdin, pipe, made)),
            stdout: (inner.stdout.take())
                .map(|pipe| Traced::wrap_as(ResourceKind::Stream, &stdout, pipe, made)),
            stderr: (inner.stderr.take())
                .map(|pipe| Traced::wrap_as(ResourceKind::Stream, &stderr, pipe, made)),
            inner,
            program,
        }
    }

    /// The number of the process.
    pub fn id(&self) -> u32 {
        self.inner.id()
    }

    /// Kills the child.
    pub fn kill(&mut self) -> io::Result<()> {
        self.inner.kill()
    }

    /// The status of the child, if it has exited.
    pub fn try_status(&mut self) -> io::Result<Option<ExitStatus>> {
        self.inner.try_status()
    }

    /// Closes the child's input, and waits until the child exits.
    #[track_caller]
    pub fn status(&mut self) -> impl Future<Output = io::Result<ExitStatus>> + use<> {
        self.stdin.take();
        Io::of(ResourceKind::Child, &self.program, self.inner.status())
    }

    /// Closes the child's input, reads what the child prints, and waits until it exits.
    #[track_caller]
    pub fn output(mut self) -> impl Future<Output = io::Result<Output>> {
        let status = self.status();
        let (stdout, stderr) = (self.stdout.take(), self.stderr.take());
        Located::new(async move {
            let reading = try_zip(read_all(stdout), read_all(stderr));
            let (stdout, stderr) = reading.await?;
            let status = status.await?;
            Ok(Output {
                status,
                stdout,
                stderr,
            })
        })
    }
}

async fn read_all<S>(pipe: Option<Traced<S>>) -> io::Result<Vec<u8>>
where
    Traced<S>: futures_lite::io::AsyncRead + Unpin,
{
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        pipe.read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}

impl fmt::Debug for Child {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Child")
            .field("stdin", &self.stdin)
            .field("stdout", &self.stdout)
            .field("stderr", &self.stderr)
            .finish_non_exhaustive()
    }
}

macro_rules! pipes {
    ($($pipe:ty),+) => {
        $(
            impl Traced<$pipe> {
                /// The pipe, as the input or output of another program.
                pub async fn into_stdio(self) -> io::Result<Stdio> {
                    self.inner.into_stdio().await
                }
            }

            impl TryFrom<Traced<$pipe>> for OwnedFd {
                type Error = io::Error;

                fn try_from(pipe: Traced<$pipe>) -> io::Result<OwnedFd> {
                    pipe.inner.try_into()
                }
            }
        )+
    };
}

pipes!(
    async_process::ChildStdin,
    async_process::ChildStdout,
    async_process::ChildStderr
);
