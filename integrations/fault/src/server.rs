//! A server for tests, on a thread of its own.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::runtime;
use tokio::sync::oneshot;

use crate::tls::{self, TlsListener};

/// A server that stops when it is dropped, with whatever it was answering; on a free port of 127.0.0.1 where nobody says which.
///
/// It has a thread and a runtime of its own, so that it serves programs and tests that are asynchronous and those that are not.
#[derive(Debug)]
pub struct Server {
    scheme: &'static str,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves `router` over HTTP; answers from the moment this returns.
    pub fn start(router: Router) -> io::Result<Self> {
        Self::serve(free_port()?, router)
    }

    /// Serves `router` over HTTPS, with a certificate (DER) and its key (PKCS #8, DER).
    pub fn start_tls(router: Router, certificate: &[u8], key: &[u8]) -> io::Result<Self> {
        Self::serve_tls(free_port()?, router, certificate, key)
    }

    /// As [`Server::start`], where the caller listens.
    pub fn serve(listener: TcpListener, router: Router) -> io::Result<Self> {
        Self::serve_on(listener, router, |listener| listener)
    }

    /// As [`Server::start_tls`], where the caller listens.
    pub fn serve_tls(listener: TcpListener, router: Router, certificate: &[u8], key: &[u8]) -> io::Result<Self> {
        let acceptor = tls::acceptor(certificate, key)?;
        let mut server = Self::serve_on(listener, router, |listener| TlsListener::new(listener, acceptor))?;
        server.scheme = "https";
        Ok(server)
    }

    fn serve_on<L>(
        listener: TcpListener,
        router: Router,
        wrap: impl FnOnce(tokio::net::TcpListener) -> L + Send + 'static,
    ) -> io::Result<Self>
    where
        L: Listener<Addr: std::fmt::Debug>,
        Line: for<'a> Connected<IncomingStream<'a, L>>,
    {
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = thread::spawn(move || {
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener);
                let listener = wrap(listener.expect("invariant: it is bound and does not block"));
                let router = router.into_make_service_with_connect_info::<Line>();
                tokio::select! {
                    _ = stopped => {}
                    _ = axum::serve(listener, router) => {}
                }
            });
        });
        Ok(Self { scheme: "http", address, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens: `http://127.0.0.1:40123`.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }
}

fn free_port() -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join(); // a panic of the server has been printed where it happened
        }
    }
}

/// The connection that a request came over.
#[derive(Clone, Debug)]
pub struct Line(Option<Arc<OwnedFd>>);

impl Line {
    /// The connection of a socket.
    pub(crate) fn new(socket: &impl AsFd) -> Self {
        Self(socket.as_fd().try_clone_to_owned().ok().map(Arc::new))
    }

    /// The address at its other end.
    pub fn peer(&self) -> Option<IpAddr> {
        let peer = rustix::net::getpeername(self.0.as_ref()?).ok()??;
        SocketAddr::try_from(peer).ok().map(|peer| peer.ip())
    }

    /// When the connection is closed, the other side sees it reset (RST), and not an end.
    pub(crate) fn reset_when_closed(&self) {
        if let Some(socket) = &self.0 {
            // Without it the connection is closed all the same, which is the fault's weaker form.
            let _ = rustix::net::sockopt::set_socket_linger(socket, Some(Duration::ZERO));
        }
    }
}

impl Connected<IncomingStream<'_, tokio::net::TcpListener>> for Line {
    fn connect_info(stream: IncomingStream<'_, tokio::net::TcpListener>) -> Self {
        Self::new(stream.io())
    }
}
