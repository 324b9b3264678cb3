//! The departments' API. Every handler takes [`Authenticated`], so that none answers a stranger;
//! the routes for holders are apart.

mod answers;
mod audit;
mod body;
pub(super) mod caller;
mod changes;
mod describe;
mod headers;
mod licences;
pub(super) mod limit;
mod pages;
mod proposals;
mod refusal;
pub(super) mod sharing;

use axum::Json;
use axum::http::{HeaderValue, header};
use axum::middleware::from_fn_with_state;
use schemars::JsonSchema;
use serde::Serialize;
use tower_http::set_header::SetResponseHeaderLayer;

use caller::Authenticated;
use describe::of_client;
use limit::Limits;

use super::openapi::{Operation, Routes};
use crate::domain::access::{ClientName, Scope};

/// All routes of the departments' API, each of whose requests is counted in `limits`.
pub(super) fn routes(limits: Limits) -> Routes {
    Routes::default()
        .get("/v1/whoami", whoami, describe_whoami)
        .merge(licences::routes())
        .merge(changes::routes())
        .merge(proposals::routes())
        .merge(audit::routes())
        .merge(sharing::routes())
        .with(|router| router.layer(from_fn_with_state(limits, limit::limit)).layer(in_no_cache()))
}

/// The public routes beside it: a token sent along is ignored.
pub(super) fn public_routes() -> Routes {
    sharing::public_routes().with(|router| router.layer(in_no_cache()))
}

/// Personal data must not be cached.
fn in_no_cache() -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-store"),
    )
}

fn describe_whoami(op: Operation) -> Operation {
    of_client(op, &[])
        .title(("本系统的身份与权限", "What the office knows of the caller"))
        .tag("部门系统 Clients")
        .answer::<Whoami>(
            200,
            ("客户端的名称、部门和权限", "Name, department and rights of the client"),
        )
        .example("whoami")
}

#[derive(Serialize, JsonSchema)]
struct Whoami {
    #[schemars(with = "String")]
    client: ClientName,
    /// Slug of its department.
    department: String,
    /// Its rights, as `VERB:TYPE`.
    #[schemars(with = "Vec<String>")]
    scopes: Vec<Scope>,
}

async fn whoami(Authenticated(caller): Authenticated) -> Json<Whoami> {
    Json(Whoami {
        client: caller.client().clone(),
        department: caller.department().to_owned(),
        scopes: caller.scopes().to_vec(),
    })
}
