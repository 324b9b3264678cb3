//! Work that must not block other connections.

use super::panics;
use super::problem::Problem;

/// Computation and disk must not block other connections.
pub(in crate::edge::http) async fn spawn_blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    // Its log lines belong to this request too.
    let span = tracing::Span::current();
    let work = tokio::task::spawn_blocking(move || span.in_scope(work));
    work.await.map_err(|error| {
        if !error.is_panic() {
            // The program ends.
            return Problem::UNAVAILABLE;
        }
        tracing::error!("a handler's work failed");
        panics::INTERNAL
    })
}
