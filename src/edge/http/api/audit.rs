//! Audit of one's own department: acts and their authors.

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use axum::response::IntoResponse as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::app::App;
use super::super::blocking::spawn_blocking;
use super::super::openapi::{Operation, Routes};
use super::answers::JournalLine;
use super::caller::Authenticated;
use super::describe::of_client;
use super::pages::{self, Cursor, Limit};
use super::refusal::{self, ApiResult};
use crate::base::time::Timestamp;
use crate::domain::access::Verb;
use crate::service::audit::Sought;

pub(super) fn routes() -> Routes {
    Routes::default().get("/v1/audit", audit, describe_audit)
}

fn describe_audit(op: Operation) -> Operation {
    let en = "Lines of the journal about the department's licences and proposals, and what its \
              clients did; a page may be short or empty, so go on while there is `next`";
    let zh = "本部门证照、待批件的日志记录以及本部门客户端的操作；一页可能较短甚至为空，只要有 `next` 就继续";
    of_client(op, &[Verb::Audit])
        .title(("查询操作记录", "Who did what in one's own department"))
        .tag("审计 Audit")
        .query::<Wanted>()
        .answer::<Audit<'_>>(200, (zh, en))
        .example("audit")
        .refuses_with_faults(refusal::BAD_QUERY)
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Not before this instant.
    #[schemars(with = "Option<Timestamp>", extend("x-description-zh" = "不早于此时刻"))]
    from: Option<String>,
    /// Name of the client or person, or `local_operator`, or `system`.
    #[schemars(extend("x-description-zh" = "客户端或人员的名称，或 local_operator、system"))]
    actor: Option<String>,
    /// Identifier of a licence.
    #[schemars(extend("x-description-zh" = "证照标识"))]
    id: Option<String>,
    cursor: Option<Cursor>,
    limit: Option<Limit>,
}

#[derive(Serialize, JsonSchema)]
struct Audit<'a> {
    events: Vec<JournalLine<'a>>,
    next: Option<String>,
}

async fn audit(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    uri: Uri,
) -> ApiResult {
    caller.has(Verb::Audit)?;
    let wanted: Wanted = pages::query(&uri)?;
    let limit = pages::limit(wanted.limit)?;
    let next = pages::place(wanted.cursor.as_ref(), |text| text.parse().ok())?.unwrap_or(0);
    let from = wanted
        .from
        .as_deref()
        .map(|from| Timestamp::parse(from).ok_or_else(|| refusal::bad_parameter("from")));
    let from = from.transpose()?;
    let look = move || {
        let (actor, id) = (wanted.actor.as_deref(), wanted.id.as_deref());
        app.office.own_audit(&caller, &Sought { from, actor, id }, next, limit)
    };
    let (found, next) = spawn_blocking(look).await??;
    let events = found.iter().map(JournalLine::of).collect();
    let next = next.map(|next| pages::cursor(&next.to_string()));
    Ok(Json(Audit { events, next }).into_response())
}
