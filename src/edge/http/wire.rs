//! A layer between a connection and hyper: heads with line ends other than CRLF are refused, and a
//! peer that does not read an answer is disconnected.
//!
//! hyper accepts a line feed alone as the end of a line (RFC 9112, 2.2 allows it). A proxy in front
//! that does not, sees another request than hyper. So heads are scanned line by line before hyper
//! has them. Bodies are not scanned: their length comes from hyper, which parsed the head.
//!
//! An answer may be sent before the request was read to its end. Closing then would make the peer's
//! system drop the answer (RFC 9112, 9.6), so further input is read and dropped for a while.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use super::connections::{Line, Turn};

/// A connection for hyper.
pub(super) struct Wire<S> {
    stream: S,
    line: Arc<Line>,
    framing: Arc<Framing>,
    /// Read already, and not passed to hyper yet. Never more than hyper's own buffer.
    kept: Vec<u8>,
    unread: Option<Unread>,
    rest: Option<Rest>,
}

/// Input after the last answer.
struct Rest {
    bytes: usize,
    until: Instant,
    over: Pin<Box<Sleep>>,
}

/// An answer that the peer does not read.
struct Unread {
    since: Instant,
    over: Pin<Box<Sleep>>,
}

impl<S> Wire<S> {
    pub(super) fn new(stream: S, line: Arc<Line>) -> (Self, Arc<Framing>) {
        let framing = Arc::new(Framing(Mutex::new(Next::Head(Lines::default()))));
        let known = Arc::clone(&framing);
        (Self { stream, line, framing, kept: Vec::new(), unread: None, rest: None }, known)
    }

    /// A write that made progress, or did not.
    fn written<T>(
        &mut self,
        context: &mut Context<'_>,
        poll: Poll<io::Result<T>>,
        bytes: impl Fn(&T) -> usize,
    ) -> Poll<io::Result<T>> {
        match poll {
            Poll::Ready(Ok(done)) => {
                self.line.moved(bytes(&done));
                if let Some(Unread { since, over }) = &mut self.unread {
                    over.as_mut().reset((*since + LONGEST).min(Instant::now() + PAUSE));
                }
                Poll::Ready(Ok(done))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                let unread = self.unread.get_or_insert_with(|| {
                    let since = Instant::now();
                    Unread { since, over: Box::pin(tokio::time::sleep_until(since + PAUSE)) }
                });
                if unread.over.as_mut().poll(context).is_ready() {
                    return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
                }
                Poll::Pending
            }
        }
    }
}

impl<S: AsyncRead + Unpin> Wire<S> {
    /// Drops input, until its end or its limits. It does not count as progress.
    fn poll_rest(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(rest) = &mut self.rest else { return Poll::Ready(()) };
        let mut dropped = [0; 8 << 10];
        loop {
            let mut buf = ReadBuf::new(&mut dropped);
            match Pin::new(&mut self.stream).poll_read(context, &mut buf) {
                Poll::Ready(Ok(())) if !buf.filled().is_empty() && rest.bytes < REST_BYTES => {
                    rest.bytes += buf.filled().len();
                    rest.over.as_mut().reset(rest.until.min(Instant::now() + REST_PAUSE));
                }
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return rest.over.as_mut().poll(context),
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Wire<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buf.filled().len();
        if this.kept.is_empty() {
            match Pin::new(&mut this.stream).poll_read(context, buf) {
                Poll::Ready(Ok(())) if buf.filled().len() > before => {}
                // The end, an error, or nothing yet.
                other => return other,
            }
            this.line.moved(buf.filled().len() - before);
        } else {
            let count = this.kept.len().min(buf.remaining());
            buf.put_slice(this.kept.get(..count).unwrap_or_default());
            this.kept.drain(..count);
        }
        let read = buf.filled_mut().get_mut(before..).unwrap_or_default();
        let passed = this.framing.pass(read);
        let rest = read.get(passed..).unwrap_or_default();
        // In front of the kept bytes: it was taken from there.
        this.kept.splice(..0, rest.iter().copied());
        buf.set_filled(before + passed);
        // A peer that sends another request has received the answer to the last.
        this.unread = None;
        if passed == 0 {
            // hyper still reads after a head that was found complete: the two disagree, and hyper's
            // time-out for heads ends the connection.
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(context, poll, |count| *count)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.written(context, poll, |count| *count)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.stream).poll_flush(context);
        self.written(context, poll, |()| 0)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.rest.is_none() {
            let poll = Pin::new(&mut self.stream).poll_shutdown(context);
            ready!(self.written(context, poll, |()| 0))?;
            if self.framing.is_between() {
                return Poll::Ready(Ok(()));
            }
            // The place is free for another connection.
            self.line.turn(Turn::Talk);
            let until = Instant::now() + REST;
            let over = Box::pin(tokio::time::sleep(REST_PAUSE));
            self.rest = Some(Rest { bytes: 0, until, over });
        }
        ready!(self.poll_rest(context));
        Poll::Ready(Ok(()))
    }
}

/// What comes next on a connection; hyper reports the length of bodies.
#[derive(Debug)]
pub(super) struct Framing(Mutex<Next>);

#[derive(Debug)]
enum Next {
    Head(Lines),
    /// A head is complete, and hyper has it.
    Delivered,
    Body(u64),
    /// A body without a known length, on a connection that is closed after it.
    Rest,
}

impl Framing {
    /// A head was read, and a body of this length follows; none when the body ends by itself.
    /// Whether another request may follow.
    pub(super) fn body(&self, length: Option<u64>) -> bool {
        *self.lock() = match length {
            None => Next::Rest,
            Some(0) => Next::Head(Lines::default()),
            Some(length) => Next::Body(length),
        };
        length.is_some()
    }

    /// Whether every request was read to its end, and none is begun.
    fn is_between(&self) -> bool {
        matches!(&*self.lock(), Next::Head(lines) if !lines.begun && !lines.filled)
    }

    /// How many of these bytes hyper may have now.
    fn pass(&self, bytes: &mut [u8]) -> usize {
        let mut next = self.lock();
        match &mut *next {
            Next::Head(lines) => match lines.end(bytes) {
                Some(end) => {
                    *next = Next::Delivered;
                    end
                }
                None => bytes.len(),
            },
            Next::Delivered => 0,
            Next::Rest => bytes.len(),
            Next::Body(left) => {
                let passed = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                *left = left.saturating_sub(u64::try_from(passed).unwrap_or(u64::MAX));
                if *left == 0 {
                    *next = Next::Head(Lines::default());
                }
                passed
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Next> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The lines of a head, as far as it was read.
#[derive(Debug, Default)]
struct Lines {
    /// There was one that is not empty; empty ones before it do not count (RFC 9112, 2.2).
    begun: bool,
    /// The present line is not empty.
    filled: bool,
    after_cr: bool,
}

impl Lines {
    /// Where the head ends in these bytes. A line feed that does not follow a carriage return
    /// becomes a byte that no head may have, so that hyper refuses it as it refuses others.
    fn end(&mut self, bytes: &mut [u8]) -> Option<usize> {
        for (at, byte) in bytes.iter_mut().enumerate() {
            match *byte {
                b'\n' if self.after_cr => {
                    if self.begun && !self.filled {
                        return Some(at + 1);
                    }
                    self.begun |= self.filled;
                    self.filled = false;
                }
                b'\n' => {
                    *byte = 0;
                    self.filled = true;
                }
                b'\r' => {}
                _ => self.filled = true,
            }
            self.after_cr = *byte == b'\r';
        }
        None
    }
}

/// How long a peer may read nothing of an answer.
const PAUSE: Duration = Duration::from_secs(10);
/// How long an answer may take that did not fit into the system's buffers: the longest has some
/// megabytes.
const LONGEST: Duration = Duration::from_mins(1);
/// How long nothing may come after the last answer.
const REST_PAUSE: Duration = Duration::from_secs(2);
/// How long input may come at all, so that a stop does not wait.
const REST: Duration = Duration::from_secs(5);
/// The largest body of any route, and a little more.
const REST_BYTES: usize = 32 << 20;
