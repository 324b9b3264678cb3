//! The public HTTP service: bounded, with header time-outs, and a graceful stop.

mod api;
mod metrics;
mod openapi;
mod problem;
mod routes;
mod upload;
mod watch;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::service::office::Office;

pub use routes::router;

/// Serves until the process is asked to stop; then answers what was begun, for ten seconds.
/// `started` is told the address as soon as callers are heard.
pub fn serve(
    office: Arc<Office>,
    listen: SocketAddr,
    started: impl FnOnce(SocketAddr),
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(listen).await.map_err(|error| {
            io::Error::new(error.kind(), format!("{listen}: {error}; choose another --listen"))
        })?;
        started(listener.local_addr()?);
        accept(listener, office).await
    })
}

async fn accept(listener: TcpListener, office: Arc<Office>) -> io::Result<()> {
    let router = router(office);
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop_asked());
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        // A connection that broke while it was accepted concerns nobody else.
        let Ok((stream, peer)) = stream else { continue };
        let Ok(slot) = Arc::clone(&slots).try_acquire_owned() else { continue };
        let service = TowerToHyperService::new(router.clone());
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(metrics::Peer(peer));
            service.call(request)
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIME)
            .max_buf_size(HEADER_BYTES)
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection ended");
            }
            drop(slot);
        });
    }
    if tokio::time::timeout(STOP_TIME, graceful.shutdown()).await.is_err() {
        tracing::warn!("stopped before every answer was out");
    }
    Ok(())
}

async fn stop_asked() {
    let interrupt = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = interrupt => {}
            _ = terminate.recv() => {}
        },
        Err(_) => drop(interrupt.await),
    }
}

/// More wait at the door; each needs a file handle and at most an upload in memory.
const CONNECTIONS: usize = 256;
/// Whoever has not sent a head by then is closed.
const HEADER_TIME: Duration = Duration::from_secs(10);
/// Heads of browsers have about 1 KB.
const HEADER_BYTES: usize = 32 << 10;
const STOP_TIME: Duration = Duration::from_secs(10);
