//! The listening side of a connection: how many there may be, and how long a client may take for the head of a request.
//!
//! It refuses to know HTTP but for the empty line that ends a head (RFC 9112 section 2.1).

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use poem::http::uri::Scheme;
use poem::listener::Acceptor;
use poem::web::{LocalAddr, RemoteAddr};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep};

/// Accepts at most so many connections at once, each with a clock on the heads of its requests.
pub struct BoundedAcceptor<A> {
    inner: A,
    places: Arc<Semaphore>,
    head_time: Duration,
}

impl<A: Acceptor> BoundedAcceptor<A> {
    /// At most `connections` of `inner` at once; each has `head_time` for the head of a request.
    pub fn new(inner: A, connections: usize, head_time: Duration) -> Self {
        Self { inner, places: Arc::new(Semaphore::new(connections)), head_time }
    }
}

impl<A: Acceptor> Acceptor for BoundedAcceptor<A>
where
    A::Io: Unpin,
{
    type Io = TimedConnection<A::Io>;

    fn local_addr(&self) -> Vec<LocalAddr> {
        self.inner.local_addr()
    }

    async fn accept(&mut self) -> io::Result<(Self::Io, LocalAddr, RemoteAddr, Scheme)> {
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(io::Error::other)?;
        let (io, local, remote, scheme) = match self.inner.accept().await {
            Ok(accepted) => accepted,
            // Out of file descriptors, most likely: without a pause the caller would spin.
            Err(error) => {
                tokio::time::sleep(Duration::from_millis(50)).await;
                return Err(error);
            }
        };
        Ok((TimedConnection::new(io, place, self.head_time), local, remote, scheme))
    }
}

/// A connection that is closed when the head of a request takes too long. Its clock starts with the first byte after the
/// last answer; the pause before that is the server's idle time.
pub struct TimedConnection<I> {
    io: I,
    head_time: Duration,
    /// Runs while a head is being read.
    deadline: Option<Pin<Box<Sleep>>>,
    /// How much of the empty line at the end of a head the last bytes were.
    end_seen: usize,
    _place: OwnedSemaphorePermit,
}

const END_OF_HEAD: &[u8] = b"\r\n\r\n";

impl<I> TimedConnection<I> {
    fn new(io: I, place: OwnedSemaphorePermit, head_time: Duration) -> Self {
        let deadline = Some(Box::pin(tokio::time::sleep(head_time)));
        Self { io, head_time, deadline, end_seen: 0, _place: place }
    }

    /// Stops the clock at the end of a head. What follows it is a body, or the next request of an eager client: bodies
    /// have a clock of their own, and the clock of heads starts again with the next answer.
    fn watch(&mut self, read: &[u8]) {
        for byte in read {
            self.end_seen = match END_OF_HEAD.get(self.end_seen) {
                Some(expected) if expected == byte => self.end_seen + 1,
                _ => usize::from(*byte == b'\r'),
            };
            if self.end_seen == END_OF_HEAD.len() {
                self.deadline = None;
                return;
            }
        }
    }

    /// An answer goes out: what comes next is another head. After `100 Continue` it is the body still.
    fn answer(&mut self, written: &[u8]) {
        if !written.starts_with(b"HTTP/1.1 1") {
            self.end_seen = 0;
            self.deadline = None;
        }
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for TimedConnection<I> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buf.filled().len();
        let polled = Pin::new(&mut this.io).poll_read(cx, buf);
        let read = &buf.filled()[before..];
        if !read.is_empty() && this.end_seen < END_OF_HEAD.len() {
            let (head_time, fresh) = (this.head_time, this.deadline.is_none());
            if fresh {
                this.deadline = Some(Box::pin(tokio::time::sleep_until(Instant::now() + head_time)));
            }
            this.watch(read);
        }
        let late = this.deadline.as_mut().is_some_and(|deadline| deadline.as_mut().poll(cx).is_ready());
        if late { Poll::Ready(Err(io::ErrorKind::TimedOut.into())) } else { polled }
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for TimedConnection<I> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        self.answer(data);
        Pin::new(&mut self.io).poll_write(cx, data)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.answer(slices.first().map_or(&[], |slice| slice));
        Pin::new(&mut self.io).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}
