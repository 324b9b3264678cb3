//! The document itself.

use std::sync::OnceLock;

use axum::extract::State;
use axum::response::Response;
use serde_json::json;

use super::operation::Operation;
use super::routes::Routes;
use crate::edge::http::app::{App, file};

pub(in crate::edge::http) fn routes() -> Routes {
    Routes::default().get("/openapi.json", openapi, describe_openapi)
}

fn describe_openapi(op: Operation) -> Operation {
    let words = ("OpenAPI 3.1 文档", "OpenAPI 3.1");
    op.title(("本说明", "This document")).answer_as(
        (200, "application/json"),
        json!({ "type": "object" }),
        words,
    )
}

async fn openapi(State(app): State<App>) -> Response {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = TEXT.get_or_init(|| app.document.to_string());
    file("application/json", text.clone().into_bytes())
}
