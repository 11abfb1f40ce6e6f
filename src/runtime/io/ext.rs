//! The extension traits of smol's `io`, with futures whose `.await` the trace can show.
//!
//! smol's `AsyncReadExt::read` and so on return futures that poll the reader, so the reader cannot
//! learn where the program awaits them. The traits here have the same methods, and return the same
//! futures in a [`Located`].

use futures_lite::io as inner;

use crate::runtime::task::Located;

use inner::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite};

/// A method that returns one of smol's futures.
macro_rules! located {
    ($($(#[$doc:meta])* $trait:ident fn $method:ident($($name:ident: $type:ty),*) -> $future:ident;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        fn $method<'a>(&'a mut self $(, $name: $type)*) -> Located<inner::$future<'a, Self>>
        where
            Self: Unpin,
        {
            Located::new(inner::$trait::$method(self $(, $name)*))
        }
    )*};
}

/// Methods of everything that can be read: `smol::io::AsyncReadExt`, recorded.
///
/// ```
/// use loopscope::io::{AsyncReadExt, Cursor};
///
/// let read = loopscope::block_on(async {
///     let mut text = String::new();
///     Cursor::new(b"hello").read_to_string(&mut text).await.map(|_| text)
/// });
/// assert_eq!(read.unwrap(), "hello");
/// ```
pub trait AsyncReadExt: AsyncRead {
    located! {
        /// Reads some bytes, and returns how many; 0 at the end.
        AsyncReadExt fn read(buf: &'a mut [u8]) -> ReadFuture;
        /// Like `read`, into several buffers.
        AsyncReadExt fn read_vectored(bufs: &'a mut [std::io::IoSliceMut<'a>]) -> ReadVectoredFuture;
        /// Reads to the end, and appends the bytes to `buf`.
        AsyncReadExt fn read_to_end(buf: &'a mut Vec<u8>) -> ReadToEndFuture;
        /// Reads to the end, and appends the text to `buf`.
        AsyncReadExt fn read_to_string(buf: &'a mut String) -> ReadToStringFuture;
        /// Reads until the buffer is full.
        AsyncReadExt fn read_exact(buf: &'a mut [u8]) -> ReadExactFuture;
    }

    /// A reader that ends after `limit` bytes.
    fn take(self, limit: u64) -> inner::Take<Self>
    where
        Self: Sized,
    {
        inner::AsyncReadExt::take(self, limit)
    }

    /// A stream of the bytes.
    fn bytes(self) -> inner::Bytes<Self>
    where
        Self: Sized,
    {
        inner::AsyncReadExt::bytes(self)
    }

    /// A reader that continues with `next` at the end of this one.
    fn chain<R: AsyncRead>(self, next: R) -> inner::Chain<Self, R>
    where
        Self: Sized,
    {
        inner::AsyncReadExt::chain(self, next)
    }

    /// This reader in a box.
    fn boxed_reader<'a>(self) -> std::pin::Pin<Box<dyn AsyncRead + Send + 'a>>
    where
        Self: Sized + Send + 'a,
    {
        Box::pin(self)
    }
}

impl<R: AsyncRead + ?Sized> AsyncReadExt for R {}

/// Methods of readers with a buffer: `smol::io::AsyncBufReadExt`, recorded.
///
/// ```
/// use loopscope::io::{AsyncBufReadExt, BufReader};
///
/// let read = loopscope::block_on(async {
///     let mut line = String::new();
///     BufReader::new(&b"one\ntwo\n"[..]).read_line(&mut line).await.map(|_| line)
/// });
/// assert_eq!(read.unwrap(), "one\n");
/// ```
pub trait AsyncBufReadExt: AsyncBufRead {
    /// The bytes in the buffer. Reads some if it is empty.
    #[track_caller]
    fn fill_buf(&mut self) -> Located<inner::FillBuf<'_, Self>>
    where
        Self: Unpin,
    {
        Located::new(inner::AsyncBufReadExt::fill_buf(self))
    }

    /// Marks bytes of the buffer as read.
    fn consume(&mut self, amount: usize)
    where
        Self: Unpin,
    {
        inner::AsyncBufReadExt::consume(self, amount);
    }

    located! {
        /// Reads until a byte, or to the end, and appends all of that to `buf`.
        AsyncBufReadExt fn read_until(byte: u8, buf: &'a mut Vec<u8>) -> ReadUntilFuture;
        /// Reads a line with its line break, and appends it to `buf`.
        AsyncBufReadExt fn read_line(buf: &'a mut String) -> ReadLineFuture;
    }

    /// A stream of the lines, without their line breaks.
    fn lines(self) -> inner::Lines<Self>
    where
        Self: Unpin + Sized,
    {
        inner::AsyncBufReadExt::lines(self)
    }

    /// A stream of what is between the bytes `byte`.
    fn split(self, byte: u8) -> inner::Split<Self>
    where
        Self: Sized,
    {
        inner::AsyncBufReadExt::split(self, byte)
    }
}

impl<R: AsyncBufRead + ?Sized> AsyncBufReadExt for R {}

/// Methods of everything that can be written to: `smol::io::AsyncWriteExt`, recorded.
///
/// ```
/// use loopscope::io::AsyncWriteExt;
///
/// let written = loopscope::block_on(async {
///     let mut to = Vec::new();
///     to.write_all(b"hello").await.map(|()| to)
/// });
/// assert_eq!(written.unwrap(), b"hello");
/// ```
pub trait AsyncWriteExt: AsyncWrite {
    located! {
        /// Writes some of the bytes, and returns how many.
        AsyncWriteExt fn write(buf: &'a [u8]) -> WriteFuture;
        /// Like `write`, from several buffers.
        AsyncWriteExt fn write_vectored(bufs: &'a [std::io::IoSlice<'a>]) -> WriteVectoredFuture;
        /// Writes all of the bytes.
        AsyncWriteExt fn write_all(buf: &'a [u8]) -> WriteAllFuture;
    }

    /// Passes on what a buffer holds back.
    #[track_caller]
    fn flush(&mut self) -> Located<inner::FlushFuture<'_, Self>>
    where
        Self: Unpin,
    {
        Located::new(inner::AsyncWriteExt::flush(self))
    }

    /// Flushes and closes the writer.
    #[track_caller]
    fn close(&mut self) -> Located<inner::CloseFuture<'_, Self>>
    where
        Self: Unpin,
    {
        Located::new(inner::AsyncWriteExt::close(self))
    }

    /// This writer in a box.
    fn boxed_writer<'a>(self) -> std::pin::Pin<Box<dyn AsyncWrite + Send + 'a>>
    where
        Self: Sized + Send + 'a,
    {
        Box::pin(self)
    }
}

impl<W: AsyncWrite + ?Sized> AsyncWriteExt for W {}

/// Methods of everything that has a position: `smol::io::AsyncSeekExt`, recorded.
///
/// ```
/// use loopscope::io::{AsyncSeekExt, Cursor, SeekFrom};
///
/// let position = loopscope::block_on(async { Cursor::new(b"hello").seek(SeekFrom::End(-2)).await });
/// assert_eq!(position.unwrap(), 3);
/// ```
pub trait AsyncSeekExt: AsyncSeek {
    /// Moves the position, and returns the new one.
    #[track_caller]
    fn seek(&mut self, position: inner::SeekFrom) -> Located<inner::SeekFuture<'_, Self>>
    where
        Self: Unpin,
    {
        Located::new(inner::AsyncSeekExt::seek(self, position))
    }
}

impl<S: AsyncSeek + ?Sized> AsyncSeekExt for S {}
