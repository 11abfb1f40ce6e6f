//! The file system: `smol::fs`, recorded.
//!
//! A file system has no readiness that a loop could wait for, so smol does this work on its thread
//! pool. A task that waits for it is shown as waiting for the thread pool, with the operation and the
//! path.
//!
//! ```
//! use loopscope::{fs, io::AsyncReadExt, stream::StreamExt};
//!
//! loopscope::block_on(async {
//!     let mut text = String::new();
//!     let mut file = fs::File::open("Cargo.toml").await?;
//!     file.read_to_string(&mut text).await?;
//!     assert_eq!(text, fs::read_to_string("Cargo.toml").await?);
//!
//!     let mut entries = fs::read_dir("src").await?;
//!     let first = entries.next().await.transpose()?;
//!     assert!(first.is_some());
//!     std::io::Result::Ok(())
//! })
//! .unwrap();
//! ```

use std::{
    future::Future,
    io,
    os::fd::OwnedFd,
    panic::Location,
    path::{Path, PathBuf},
};

pub use async_fs::{DirEntry, FileType, Metadata, Permissions};

use crate::{
    runtime::task::Io,
    trace::{OperationKind, ResourceKind},
};

use super::traced::Traced;

/// An operation on a path, on the thread pool.
#[track_caller]
fn pooled<F: Future>(operation: &str, path: &Path, future: F) -> Io<F> {
    let name = format!("fs::{operation} {}", path.display());
    Io::of(ResourceKind::Pool, &name, future)
}

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident($path:ident $(, $other:ident: $type:ty)?) -> $result:ty;)+) => {
        $(
            $(#[$doc])*
            #[track_caller]
            pub fn $name<P: AsRef<Path>>(
                $path: P,
                $($other: $type,)?
            ) -> impl Future<Output = io::Result<$result>> {
                let name = $path.as_ref().to_owned();
                pooled(stringify!($name), &name, async_fs::$name($path $(, $other)?))
            }
        )+
    };
}

operations! {
    /// The absolute path of an existing file or folder, without symbolic links.
    canonicalize(path) -> PathBuf;
    /// Makes a folder.
    create_dir(path) -> ();
    /// Makes a folder, and those that it is to be in.
    create_dir_all(path) -> ();
    /// What the file system knows of a file or folder.
    metadata(path) -> Metadata;
    /// Reads a whole file.
    read(path) -> Vec<u8>;
    /// The path that a symbolic link contains.
    read_link(path) -> PathBuf;
    /// Reads a whole file as text.
    read_to_string(path) -> String;
    /// Removes an empty folder.
    remove_dir(path) -> ();
    /// Removes a folder and everything in it.
    remove_dir_all(path) -> ();
    /// Removes a file.
    remove_file(path) -> ();
    /// Changes the permissions of a file or folder.
    set_permissions(path, permissions: Permissions) -> ();
    /// Like [`metadata`], of a symbolic link itself.
    symlink_metadata(path) -> Metadata;
}

macro_rules! operations_on_two {
    ($($(#[$doc:meta])* $name:ident -> $result:ty;)+) => {
        $(
            $(#[$doc])*
            #[track_caller]
            pub fn $name<P: AsRef<Path>, Q: AsRef<Path>>(
                from: P,
                to: Q,
            ) -> impl Future<Output = io::Result<$result>> {
                let name = from.as_ref().to_owned();
                pooled(stringify!($name), &name, async_fs::$name(from, to))
            }
        )+
    };
}

operations_on_two! {
    /// Copies a file, and returns its length.
    copy -> u64;
    /// Makes a hard link.
    hard_link -> ();
    /// Renames a file or folder.
    rename -> ();
}

/// Writes a whole file.
#[track_caller]
pub fn write<P: AsRef<Path>, C: AsRef<[u8]>>(
    path: P,
    contents: C,
) -> impl Future<Output = io::Result<()>> {
    let name = path.as_ref().to_owned();
    pooled("write", &name, async_fs::write(path, contents))
}

/// The entries of a folder, as a stream.
#[track_caller]
pub fn read_dir<P: AsRef<Path>>(path: P) -> impl Future<Output = io::Result<ReadDir>> {
    let (folder, made) = (path.as_ref().to_owned(), Location::caller());
    let name = format!("entries of {}", folder.display());
    pooled("read_dir", &folder, async move {
        let entries = async_fs::read_dir(path).await?;
        Ok(Traced::wrap_as(ResourceKind::Pool, &name, entries, made))
    })
}

/// The entries of a folder: `smol::fs::ReadDir`.
pub type ReadDir = Traced<async_fs::ReadDir>;

/// An open file: `smol::fs::File`.
pub type File = Traced<async_fs::File>;

impl Traced<async_fs::File> {
    /// Opens a file for reading.
    #[track_caller]
    pub fn open<P: AsRef<Path>>(path: P) -> impl Future<Output = io::Result<File>> {
        OpenOptions::new().read(true).open(path)
    }

    /// Opens a file for writing; makes it, or empties it.
    #[track_caller]
    pub fn create<P: AsRef<Path>>(path: P) -> impl Future<Output = io::Result<File>> {
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .open(path)
    }

    /// Waits until everything that was written is on the disk.
    #[track_caller]
    pub fn sync_all(&self) -> impl Future<Output = io::Result<()>> + '_ {
        self.file_operation(self.inner.sync_all())
    }

    /// Like `sync_all`, without what only concerns the file's metadata.
    #[track_caller]
    pub fn sync_data(&self) -> impl Future<Output = io::Result<()>> + '_ {
        self.file_operation(self.inner.sync_data())
    }

    /// Cuts the file to a length, or extends it with zeros.
    #[track_caller]
    pub fn set_len(&self, size: u64) -> impl Future<Output = io::Result<()>> + '_ {
        self.file_operation(self.inner.set_len(size))
    }

    /// What the file system knows of the file.
    #[track_caller]
    pub fn metadata(&self) -> impl Future<Output = io::Result<Metadata>> + '_ {
        self.file_operation(self.inner.metadata())
    }

    /// Changes the file's permissions.
    #[track_caller]
    pub fn set_permissions(
        &self,
        permissions: Permissions,
    ) -> impl Future<Output = io::Result<()>> + '_ {
        self.file_operation(self.inner.set_permissions(permissions))
    }

    #[track_caller]
    fn file_operation<'a, T>(
        &'a self,
        future: impl Future<Output = T> + 'a,
    ) -> impl Future<Output = T> + 'a {
        self.io
            .operation(OperationKind::Other, future, Location::caller())
    }
}

impl From<std::fs::File> for Traced<async_fs::File> {
    #[track_caller]
    fn from(file: std::fs::File) -> File {
        let (inner, made) = (async_fs::File::from(file), Location::caller());
        Traced::wrap_as(ResourceKind::Pool, "file", inner, made)
    }
}

impl From<OwnedFd> for Traced<async_fs::File> {
    #[track_caller]
    fn from(file: OwnedFd) -> File {
        std::fs::File::from(file).into()
    }
}

/// How a file is opened: `smol::fs::OpenOptions`.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    inner: std::fs::OpenOptions,
}

impl OpenOptions {
    /// Options that open nothing: at least reading, writing or appending has to be chosen.
    pub fn new() -> OpenOptions {
        OpenOptions {
            inner: std::fs::OpenOptions::new(),
        }
    }

    /// Whether the file is read.
    pub fn read(&mut self, read: bool) -> &mut OpenOptions {
        self.inner.read(read);
        self
    }

    /// Whether the file is written.
    pub fn write(&mut self, write: bool) -> &mut OpenOptions {
        self.inner.write(write);
        self
    }

    /// Whether what is written is appended.
    pub fn append(&mut self, append: bool) -> &mut OpenOptions {
        self.inner.append(append);
        self
    }

    /// Whether the file is emptied.
    pub fn truncate(&mut self, truncate: bool) -> &mut OpenOptions {
        self.inner.truncate(truncate);
        self
    }

    /// Whether the file is made if there is none.
    pub fn create(&mut self, create: bool) -> &mut OpenOptions {
        self.inner.create(create);
        self
    }

    /// Whether the file has to be made: it is an error if there is one.
    pub fn create_new(&mut self, create_new: bool) -> &mut OpenOptions {
        self.inner.create_new(create_new);
        self
    }

    /// Opens a file.
    #[track_caller]
    pub fn open<P: AsRef<Path>>(&self, path: P) -> impl Future<Output = io::Result<File>> + use<P> {
        let (path, made) = (path.as_ref().to_owned(), Location::caller());
        let (options, name) = (self.inner.clone(), format!("file {}", path.display()));
        let opening = blocking::unblock({
            let path = path.clone();
            move || options.open(path)
        });
        pooled("open", &path, async move {
            let inner = async_fs::File::from(opening.await?);
            Ok(Traced::wrap_as(ResourceKind::Pool, &name, inner, made))
        })
    }
}

impl Default for OpenOptions {
    fn default() -> OpenOptions {
        OpenOptions::new()
    }
}

/// How a folder is made: `smol::fs::DirBuilder`.
#[derive(Debug, Default)]
pub struct DirBuilder {
    is_recursive: bool,
    mode: Option<u32>,
}

impl DirBuilder {
    /// A builder that makes one folder.
    pub fn new() -> DirBuilder {
        DirBuilder::default()
    }

    /// Whether the folders that the new one is to be in are made as well.
    pub fn recursive(&mut self, recursive: bool) -> &mut DirBuilder {
        self.is_recursive = recursive;
        self
    }

    /// Makes the folder.
    #[track_caller]
    pub fn create<P: AsRef<Path>>(&self, path: P) -> impl Future<Output = io::Result<()>> + use<P> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(self.is_recursive);
        if let Some(mode) = self.mode {
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, mode);
        }
        let path = path.as_ref().to_owned();
        let making = blocking::unblock({
            let path = path.clone();
            move || builder.create(path)
        });
        pooled("create_dir", &path, making)
    }
}

pub mod unix {
    //! What only Unix systems have: `smol::fs::unix`.
    use std::{future::Future, io, path::Path};

    pub use async_fs::unix::{DirEntryExt, FileTypeExt, MetadataExt, PermissionsExt};

    use super::{DirBuilder, OpenOptions, pooled};

    /// Makes a symbolic link.
    #[track_caller]
    pub fn symlink<P: AsRef<Path>, Q: AsRef<Path>>(
        from: P,
        to: Q,
    ) -> impl Future<Output = io::Result<()>> {
        let name = to.as_ref().to_owned();
        pooled("symlink", &name, async_fs::unix::symlink(from, to))
    }

    /// The permissions of new folders.
    pub trait DirBuilderExt {
        /// Sets the permission bits.
        fn mode(&mut self, mode: u32) -> &mut Self;
    }

    impl DirBuilderExt for DirBuilder {
        fn mode(&mut self, mode: u32) -> &mut Self {
            self.mode = Some(mode);
            self
        }
    }

    /// The permissions of new files, and flags of the system.
    pub trait OpenOptionsExt {
        /// Sets the permission bits.
        fn mode(&mut self, mode: u32) -> &mut Self;
        /// Sets flags of `open(2)`.
        fn custom_flags(&mut self, flags: i32) -> &mut Self;
    }

    impl OpenOptionsExt for OpenOptions {
        fn mode(&mut self, mode: u32) -> &mut Self {
            std::os::unix::fs::OpenOptionsExt::mode(&mut self.inner, mode);
            self
        }

        fn custom_flags(&mut self, flags: i32) -> &mut Self {
            std::os::unix::fs::OpenOptionsExt::custom_flags(&mut self.inner, flags);
            self
        }
    }
}
