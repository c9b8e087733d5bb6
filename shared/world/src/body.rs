//! A body that may end before its end.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// Bytes, and whether the connection breaks behind them.
#[derive(Debug)]
pub(crate) struct Arriving {
    bytes: Option<Bytes>,
    breaks: bool,
}

impl Arriving {
    pub(crate) fn whole(bytes: Bytes) -> Self {
        Self { bytes: Some(bytes), breaks: false }
    }

    pub(crate) fn broken(bytes: Bytes) -> Self {
        Self { bytes: Some(bytes), breaks: true }
    }
}

impl Body for Arriving {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let frame = match self.bytes.take() {
            Some(bytes) => Some(Ok(Frame::data(bytes))),
            None if self.breaks => Some(Err(io::ErrorKind::ConnectionReset.into())),
            None => None,
        };
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none() && !self.breaks
    }

    fn size_hint(&self) -> SizeHint {
        match &self.bytes {
            Some(bytes) if !self.breaks => SizeHint::with_exact(bytes.len() as u64),
            _ => SizeHint::default(),
        }
    }
}
