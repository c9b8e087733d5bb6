//! The way in for other languages' clients: the same answers over HTTP on a local port.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::World;
use crate::body::Arriving;
use crate::wire::Answer;

/// A world on a port. It ends when this is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(world: World, address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let accepting = tokio::spawn(async move {
            loop {
                // A connection that fails while it is accepted is its client's trouble.
                if let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(converse(world.clone(), stream));
                }
            }
        });
        Ok(Self { address, accepting })
    }

    /// Where it listens: port 0 was replaced by a free one.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What to give a client as its endpoint, for every service.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Serves until the process ends.
    pub async fn wait(mut self) {
        // It only ends by being aborted.
        let _ = (&mut self.accepting).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn converse(world: World, stream: TcpStream) {
    let service = service_fn(move |request| exchange(world.clone(), request));
    // It ends with an error when a fault cuts the connection, or when the client does.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn exchange(
    world: World,
    request: Request<Incoming>,
) -> Result<Response<Arriving>, ConnectionCut> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| ConnectionCut)?.to_bytes();
    match world.answer(&Request::from_parts(parts, body)) {
        Answer::Response(response) => Ok(response.map(Arriving::whole)),
        Answer::Broken(response) => Ok(response.map(Arriving::broken)),
        Answer::Unreachable | Answer::TimedOut | Answer::Killed => Err(ConnectionCut),
    }
}

/// Makes hyper drop the connection: the client sees it closed without an answer.
#[derive(Debug)]
struct ConnectionCut;

impl fmt::Display for ConnectionCut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is cut by an injected fault")
    }
}

impl std::error::Error for ConnectionCut {}
