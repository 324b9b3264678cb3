//! Whether the process runs, and whether it can work.

use std::sync::Arc;

use axum::extract::State;
use axum::response::IntoResponse as _;

use super::app::{App, HandlerResult};
use super::blocking::spawn_blocking;
use super::openapi::{Operation, Routes};
use super::problem::Problem;

pub(super) fn routes() -> Routes {
    Routes::default()
        .get(
            "/healthz",
            || async { "ok" },
            |op| {
                op.title(("进程是否在运行", "The process runs")).text("text/plain", ("正常", "ok"))
            },
        )
        .get("/readyz", ready, describe_ready)
}

fn describe_ready(op: Operation) -> Operation {
    op.title(("是否可以办理", "The memory answers"))
        .text("text/plain", ("就绪", "ready"))
        .refuses_when(Problem::UNAVAILABLE, ("未就绪", "Not ready"))
}

/// Ready: the store answers, and would accept a commit.
async fn ready(State(app): State<App>) -> HandlerResult {
    let office = Arc::clone(&app.office);
    let look = move || -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        office.store().accepts()?;
        office.accesses().accepts()?;
        office.store().reader().list("", 1)?;
        office.admits()?;
        Ok(office.log_key()?)
    };
    match spawn_blocking(look).await? {
        Ok(()) => Ok("ready".into_response()),
        Err(error) => {
            tracing::error!(%error, "not ready");
            Err(Problem::UNAVAILABLE)
        }
    }
}
