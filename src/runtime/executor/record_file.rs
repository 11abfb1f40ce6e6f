//! The file that a recording is written to.
//!
//! A recording is written into its file while the run is under way, so that a killed program leaves
//! a file that opens. A file that is there already is therefore replaced in these steps:
//!
//! 1. [`RecordFile::create`] opens the file without changing it, and locks it. Another process that
//!    records to the same file holds that lock, so the two never write into each other's recording.
//! 2. The first bytes are compared with those of a recording. A file that holds something else is
//!    refused, unless the caller asks for it.
//! 3. The first write empties the file. A run that is refused before it starts writes nothing: it
//!    leaves the old content, and a file that was created for it is removed again.
//!
//! A write beyond the limit on the size of files (`ulimit -f`) sends SIGXFSZ, which ends a process
//! by default. A write that would exceed the limit is therefore not made: it fails as a write to a
//! full disk does. The signal itself stays as it is, so the writes of the program that is recorded
//! behave as they do without a recording.

use std::{
    fs::{self, File, TryLockError},
    io::{self, ErrorKind, IsTerminal, Read, Seek, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use crate::trace::file::MAGIC;

/// With [`RecordFile::synced`], the disk has all but about the last seconds of this length.
const SYNC_EVERY: Duration = Duration::from_secs(2);

/// A file for a recording. It replaces an older recording, and no other file.
///
/// ```no_run
/// use loopscope::{runtime::{RecordFile, Store}, trace::Meta};
///
/// let file = RecordFile::create("run.loopscope".as_ref(), false)?;
/// let store = Store::to_file(file, &Meta::default(), |_| {})?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct RecordFile {
    file: File,
    path: PathBuf,
    /// Whether it is a file on a disk: not a pipe, a terminal or a device.
    is_regular: bool,
    /// Whether the file was created, and nothing has been written to it.
    is_new: bool,
    /// How many bytes have been written; `None` before the first write.
    written: Option<u64>,
    sync_every: Option<Duration>,
}

impl RecordFile {
    /// Opens a file for a recording. A file that exists has to be empty or a recording; with
    /// `force`, it may be any file. Its content stays until the first write.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::AlreadyExists`] if the file is not a recording, [`ErrorKind::ResourceBusy`] if
    /// another process records to it, and the errors of opening a file for writing.
    pub fn create(path: &Path, force: bool) -> io::Result<RecordFile> {
        match fs::metadata(path) {
            Ok(there) if there.is_dir() => Err(ErrorKind::IsADirectory.into()),
            Ok(there) if !there.is_file() => RecordFile::special(path, &there, force),
            Ok(there) => {
                // A file that may be written but not read holds nothing that is known.
                let file = File::options().read(true).write(true).open(path);
                let file = file.or_else(|_| File::options().write(true).open(path))?;
                let mut file = RecordFile::regular(file, path, false)?;
                if there.len() > 0 && !force && !file.is_recording() {
                    return Err(io::Error::new(
                        ErrorKind::AlreadyExists,
                        "the file exists and is not a recording",
                    ));
                }
                Ok(file)
            }
            Err(_) => {
                let open = File::options()
                    .write(true)
                    .create(true)
                    .truncate(false)
                    .open(path);
                RecordFile::regular(open?, path, true)
            }
        }
    }

    /// Creates a file for a recording.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::AlreadyExists`] if there is such a file, and the errors of creating a file.
    pub fn create_new(path: &Path) -> io::Result<RecordFile> {
        RecordFile::regular(File::create_new(path)?, path, true)
    }

    /// The file is written to the disk itself, past the system's cache, every two seconds. The end
    /// of a recording is so in any case. After a crash of the machine the recording opens up to
    /// what the disk has.
    #[must_use]
    pub fn synced(mut self) -> RecordFile {
        self.sync_every = Some(SYNC_EVERY);
        self
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn regular(file: File, path: &Path, is_new: bool) -> io::Result<RecordFile> {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::new(
                    ErrorKind::ResourceBusy,
                    "another process is recording to this file",
                ));
            }
            // Some file systems have no locks.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        Ok(RecordFile {
            file,
            path: path.to_owned(),
            is_regular: true,
            is_new,
            written: None,
            sync_every: None,
        })
    }

    /// Opens a pipe or a device. A disk is not overwritten without being asked.
    #[cfg(unix)]
    fn special(path: &Path, there: &fs::Metadata, force: bool) -> io::Result<RecordFile> {
        use rustix::fs::OFlags;
        use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};

        if there.file_type().is_block_device() && !force {
            return Err(io::Error::new(
                ErrorKind::AlreadyExists,
                "this is a disk and not a file",
            ));
        }
        // To open a pipe that no program reads would wait for a reader.
        let flags = OFlags::NONBLOCK.bits().cast_signed();
        let open = File::options().write(true).custom_flags(flags).open(path);
        let file = open.map_err(|error| match error.raw_os_error() {
            Some(code) if code == rustix::io::Errno::NXIO.raw_os_error() => {
                io::Error::new(ErrorKind::BrokenPipe, "no program reads from this pipe")
            }
            _ => error,
        })?;
        if file.is_terminal() {
            return Err(io::Error::new(
                ErrorKind::InvalidInput,
                "this is a terminal, and a recording is not text",
            ));
        }
        rustix::fs::fcntl_setfl(&file, OFlags::empty())?;
        Ok(RecordFile {
            file,
            path: path.to_owned(),
            is_regular: false,
            is_new: false,
            written: None,
            sync_every: None,
        })
    }

    #[cfg(not(unix))]
    fn special(_: &Path, _: &fs::Metadata, _: bool) -> io::Result<RecordFile> {
        Err(io::Error::new(ErrorKind::Unsupported, "this is not a file"))
    }

    /// Whether the file begins as a recording does. A recording whose writer was killed at once may
    /// be as short as a part of that.
    fn is_recording(&mut self) -> bool {
        let mut start = Vec::new();
        let most = MAGIC.len() as u64;
        let read = (&mut self.file).take(most).read_to_end(&mut start);
        read.is_ok() && self.file.rewind().is_ok() && MAGIC.starts_with(&start)
    }

    /// How often the file has to be synced.
    pub(super) fn sync_every(&self) -> Option<Duration> {
        self.sync_every
    }

    /// Waits until the disk has what was written.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        if !self.is_regular {
            return Ok(());
        }
        match self.file.sync_data() {
            // Some file systems have nothing to sync.
            Err(error) if is_unsupported(&error) => Ok(()),
            other => other,
        }
    }

    /// How many bytes of `length` may be written.
    fn room(&self, length: usize) -> io::Result<usize> {
        let Some(limit) = size_limit().filter(|_| self.is_regular && length > 0) else {
            return Ok(length);
        };
        match limit.saturating_sub(self.written.unwrap_or(0)) {
            0 => Err(too_large()),
            room => Ok(usize::try_from(room).map_or(length, |room| room.min(length))),
        }
    }
}

/// The limit on the size of files.
#[cfg(unix)]
pub fn size_limit() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Fsize).current
}

#[cfg(not(unix))]
pub fn size_limit() -> Option<u64> {
    None
}

fn is_unsupported(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Unsupported | ErrorKind::InvalidInput
    )
}

/// The error of a write beyond the limit.
fn too_large() -> io::Error {
    io::Error::new(
        ErrorKind::FileTooLarge,
        "the limit on the size of files is reached (see `ulimit -f`)",
    )
}

impl Write for RecordFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.written.is_none() {
            if self.is_regular {
                self.file.set_len(0)?;
            }
            self.written = Some(0);
        }
        let room = self.room(bytes.len())?;
        let count = self.file.write(&bytes[..room])?;
        self.written = self.written.map(|written| written + count as u64);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A file that was created for a run that then wrote nothing is removed.
impl Drop for RecordFile {
    fn drop(&mut self) {
        if self.is_new && self.written.is_none() {
            // An empty file that stays does no harm.
            let _ = fs::remove_file(&self.path);
        }
    }
}
