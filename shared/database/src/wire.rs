//! Bytes to and from a database: who is reached, who vouches for it, and how much it may say.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use snapkeep_policy::verify::testimony::Trouble;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::limits::ANSWER_BYTES_MAX;
use crate::target::{Bundle, Target};
use crate::trouble;

/// Opens a TCP connection. Whoever isn't connected by then can't be reached.
pub(crate) async fn dial(target: &Target, limit: Duration) -> Result<TcpStream, Trouble> {
    let dialled = TcpStream::connect((target.host.as_str(), target.port));
    match tokio::time::timeout(limit, dialled).await {
        Ok(Ok(stream)) => {
            stream.set_nodelay(true).map_err(|error| trouble::unreachable(&error))?;
            Ok(stream)
        }
        Ok(Err(error)) => Err(trouble::unreachable(&error)),
        Err(_) => Err(Trouble::Unreachable(format!(
            "no connection to {}:{} came about in time; look at routes and security groups",
            target.host, target.port
        ))),
    }
}

/// Agrees on TLS with who was dialled: chain and host name must hold.
pub(crate) async fn secure<S>(
    stream: S,
    target: &Target,
    bundle: &Bundle,
) -> Result<TlsStream<S>, Trouble>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let name = ServerName::try_from(target.host.clone())
        .map_err(|_| Trouble::Unreachable("the host's name is none".into()))?;
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .map_err(|error| trouble::tls(&error))?
        .with_root_certificates(Arc::clone(&bundle.roots))
        .with_no_client_auth();
    let secured = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    secured.map_err(|error| trouble::connection(&error))
}

/// So long may a list of everything there is be: names only, but many.
const LIST_BYTES_MAX: usize = 8 << 20;

/// Counts down what a database may still say, and ends it when that is too much.
#[derive(Clone)]
pub(crate) struct Meter(Arc<AtomicUsize>);

impl Default for Meter {
    fn default() -> Self {
        Self(Arc::new(AtomicUsize::new(ANSWER_BYTES_MAX)))
    }
}

impl Meter {
    /// A new question has a new budget.
    pub(crate) fn renew(&self) {
        self.0.store(ANSWER_BYTES_MAX, Ordering::Relaxed);
    }

    /// A list has a larger one.
    pub(crate) fn renew_for_list(&self) {
        self.0.store(LIST_BYTES_MAX, Ordering::Relaxed);
    }

    pub(crate) fn is_spent(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }

    fn spend(&self, bytes: usize) -> io::Result<()> {
        let left = self.0.load(Ordering::Relaxed).saturating_sub(bytes);
        self.0.store(left, Ordering::Relaxed);
        if left == 0 { Err(io::Error::other("the answer is too large")) } else { Ok(()) }
    }
}

/// A connection that fails instead of saying too much.
pub(crate) struct Metered<S> {
    pub(crate) stream: S,
    pub(crate) meter: Meter,
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        match polled {
            Poll::Ready(Ok(())) => Poll::Ready(self.meter.spend(buffer.filled().len() - before)),
            Poll::Ready(Err(_)) | Poll::Pending => polled,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// What either kind of connection is to a driver.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meter_ends_what_says_too_much_until_the_next_question() {
        let meter = Meter::default();
        assert!(meter.spend(ANSWER_BYTES_MAX - 1).is_ok());
        assert!(meter.spend(1).is_err() && meter.is_spent());
        meter.renew();
        assert!(meter.spend(1).is_ok() && !meter.is_spent());
    }
}
