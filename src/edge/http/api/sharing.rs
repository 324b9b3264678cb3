//! Sharing between departments: queries, comparisons, consents at the counter, and the feed.

mod agreements;
mod bodies;
mod holders;
mod refusals;

use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderName, Uri, header};
use axum::response::{IntoResponse as _, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use self::agreements::{AgreedTo, CODE, Code, created};
use self::bodies::{BODY_BYTES, Sent, private, with, with_body};
pub(super) use self::holders::routes as public_routes;
use self::refusals::{
    BAD_BATCH, BAD_CURSOR, BAD_HOLDER, BAD_SUBJECT, BAD_VALUE, GRANT_REFUSALS, NO_SUCH_LICENCE,
    Refused, SharingResult, TAG,
};
use super::caller::Authenticated;
use super::describe::{licence_id, of_client};
use super::pages;
use super::refusal::{ApiError, BAD_QUERY, bad_parameter, bad_parameter_as};
use crate::base::codes::ListedCodes;
use crate::base::localized::Localized;
use crate::domain::access::Verb;
use crate::domain::sharing::HolderCode;
use crate::edge::http::app::App;
use crate::edge::http::openapi::{Operation, Routes};
use crate::edge::http::problem::Problem;
use crate::service::sharing::{Answered, BATCH, Change, Match, Query, SharingError, Subject};

/// Routes of sharing for departments.
pub(super) fn routes() -> Routes {
    let batch = Routes::default()
        .post("/v1/query/batch", batch, describe_batch)
        .with(|router| router.layer(DefaultBodyLimit::max(BATCH_BYTES)));
    Routes::default()
        .post("/v1/query", query, describe_query)
        .post("/v1/match", compare, describe_compare)
        .post("/v1/licences/{id}/consents", consent_at_counter, describe_consent)
        .with(|router| router.layer(DefaultBodyLimit::max(BODY_BYTES)))
        .merge(batch)
        .get("/v1/changes", changes, describe_changes)
}

/// The refusal for a department, and the seconds to wait when there are any.
pub(in crate::edge::http) fn problem_of(error: SharingError) -> (Problem, Option<i64>) {
    let Refused(problem, wait) = error.into();
    (problem, wait)
}

/// A query.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Query")]
struct AskedFor {
    /// Slug of the type.
    #[serde(rename = "type")]
    kind: String,
    holder: Option<AskedHolder>,
    /// Instead of the holder.
    number: Option<String>,
    #[schemars(length(min = 1, max = 64))]
    purpose: String,
    /// Service item or case number.
    #[schemars(length(min = 1, max = 64))]
    item: String,
    /// Withheld claims; without it, all that the grant gives.
    fields: Option<Vec<String>>,
    /// The holder's one-time code.
    consent: Option<String>,
}

/// A holder, by a code.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
struct AskedHolder {
    /// 001 统一社会信用代码, 111 公民身份号码.
    #[schemars(extend("enum" = ["001", "111"]))]
    code_type: String,
    code: String,
}

/// Several queries.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "QueryBatch")]
struct AskedBatch {
    #[schemars(length(min = 1, max = BATCH))]
    queries: Vec<AskedFor>,
}

/// What somebody states about a licence.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Comparison")]
struct Stated {
    /// Slug of the type.
    #[serde(rename = "type")]
    kind: String,
    holder: Option<AskedHolder>,
    /// Instead of the holder.
    number: Option<String>,
    #[schemars(length(min = 1, max = 64))]
    purpose: String,
    /// Service item or case number.
    #[schemars(length(min = 1, max = 64))]
    item: String,
    /// Names and values as stated.
    fields: Map<String, Value>,
    /// The holder's one-time code.
    consent: Option<String>,
}

impl AskedFor {
    fn query(self, listed: &ListedCodes) -> Result<Query, Problem> {
        let subject = subject(self.holder, self.number, listed)?;
        let Self { kind, purpose, item, fields, consent, .. } = self;
        Ok(Query { subject, kind, purpose, item, fields, consent })
    }
}

fn subject(
    holder: Option<AskedHolder>,
    number: Option<String>,
    listed: &ListedCodes,
) -> Result<Subject, Problem> {
    match (holder, number) {
        (Some(holder), None) => {
            let code = HolderCode::parse_or_listed(&holder.code_type, &holder.code, listed);
            code.map(Subject::Holder).ok_or(BAD_HOLDER)
        }
        (None, Some(number)) => Ok(Subject::Number(number)),
        _ => Err(BAD_SUBJECT),
    }
}

fn describe_query(op: Operation) -> Operation {
    let en = "Needs the right query:TYPE, a purpose that the client is registered for, and a grant. \
              The answer is a JWS for this client (typ yz-answer+jwt): aud, purpose, item, jti, at \
              most ten minutes; its results are the licences in force, each with the holder \
              credential reduced to what the grant gives. When none is in force the results say \
              where they stand and no more. The access is in the access journal before the answer \
              leaves.";
    let zh = "需要 query:TYPE 权限、客户端登记过的用途和一项授权。应答是为本客户端签名的 JWS（typ \
              yz-answer+jwt）：aud、purpose、item、jti，最长十分钟；其中的结果为有效的证照，各带一份按授权裁减的\
              持证凭证，可离线核验。没有有效证照时只说明各证照的状态。应答发出之前，查询已写入查询日志。";
    let missing = "There is no such licence that could be given: unknown, of another department, \
                   or none of this holder";
    let missing_zh = "没有可以提供的证照：不存在、属于其他部门，或该持证人没有";
    of_asking(op)
        .title(("按授权查询其他部门的证照", "Ask for data of another department's licence"))
        .about((zh, en))
        .body::<AskedFor>()
        .example("query")
        .text("application/jwt", ("签名的应答", "The signed answer"))
        .example("signed_answer")
        .refuses(GRANT_REFUSALS)
        .refuses_when(NO_SUCH_LICENCE, (missing_zh, missing))
}

/// Of a request for data of others, which is written down or not answered.
fn of_asking(op: Operation) -> Operation {
    with_body(of_client(op, &[Verb::Query])).tag(TAG).refuses(&[BAD_VALUE, BAD_HOLDER, BAD_SUBJECT])
}

async fn query(State(app): State<App>, who: Authenticated, body: Sent) -> SharingResult {
    let query = body.read::<AskedFor>()?.query(&app.office.profile().listed_codes)?;
    let answered = with(&app, move |office| office.query(&who.0, &query)).await??;
    Ok(signed(answered))
}

fn signed(answered: Answered) -> Response {
    let head = [
        (header::CONTENT_TYPE, "application/jwt".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (QUERY_ID, answered.id),
    ];
    (head, answered.token).into_response()
}

fn describe_batch(op: Operation) -> Operation {
    let en = "Each query has its own answer or problem, in the order of the queries.";
    of_asking(op)
        .title(("批量查询（至多一千条）", "Up to 1,000 queries at once"))
        .about(("每个查询各有应答或问题，按查询的顺序排列。", en))
        .body::<AskedBatch>()
        .example("query_batch")
        .answer::<Answers>(200, ("每个查询的应答或问题", "An answer or a problem for each"))
        .example("query_answers")
        .refuses(&[BAD_BATCH])
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "QueryAnswers")]
struct Answers {
    answers: Vec<OneAnswer>,
}

/// Of one query.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
enum OneAnswer {
    Answered {
        query: String,
        /// The signed answer.
        answer: String,
    },
    Refused {
        #[schemars(with = "Problem")]
        problem: Value,
    },
}

async fn batch(State(app): State<App>, who: Authenticated, body: Sent) -> SharingResult {
    let asked: AskedBatch = body.read()?;
    if asked.queries.is_empty() || asked.queries.len() > BATCH {
        return Err(BAD_BATCH.into());
    }
    let listed = &app.office.profile().listed_codes;
    let queries = asked.queries.into_iter().map(|asked| asked.query(listed));
    let queries = queries.collect::<Result<Vec<_>, _>>()?;
    let answers = with(&app, move |office| office.query_all(&who.0, &queries)).await??;
    let answers = answers.into_iter().map(|answer| match answer {
        Ok(Answered { id: query, token: answer, .. }) => OneAnswer::Answered { query, answer },
        Err(error) => OneAnswer::Refused { problem: Refused::from(error).0.to_json() },
    });
    Ok(private(&Answers { answers: answers.collect() }))
}

fn describe_compare(op: Operation) -> Operation {
    let en = "Answers with a code alone: 0 right and in force, 1 right and not yet in force, 2 right \
              and out of force for a time, 3 right and no longer in force, 4 not enough stated, 5 \
              no such licence, 6 something is wrong. Withheld fields need a grant as in a query. 5 \
              and 6 count against the budget for misses.";
    let zh = "只答复结果代码：0 一致且有效，1 一致但尚未生效，2 一致但暂停，3 一致但已失效，4 所述不足，5 \
              没有这样的证照，6 有不一致之处。比对不公开的字段同样需要授权。5 和 6 计入查无额度。";
    of_asking(op)
        .title(("比对，只答结果代码", "Compare what somebody states with a licence"))
        .about((zh, en))
        .body::<Stated>()
        .example("comparison")
        .answer::<Compared>(200, ("结果代码", "The code"))
        .example("compared")
        .refuses(GRANT_REFUSALS)
}

#[derive(Serialize, JsonSchema)]
struct Compared {
    /// The line of the access journal.
    query: String,
    #[schemars(range(max = 6))]
    result: u8,
    message: Localized,
}

async fn compare(State(app): State<App>, who: Authenticated, body: Sent) -> SharingResult {
    let stated: Stated = body.read()?;
    let subject = subject(stated.holder, stated.number, &app.office.profile().listed_codes)?;
    let Stated { kind, purpose, item, consent, fields, .. } = stated;
    let query = Query { subject, kind, purpose, item, fields: None, consent };
    let asked = Match { query, stated: fields };
    let (id, result) = with(&app, move |office| office.compare(&who.0, &asked)).await??;
    Ok(private(&Compared { query: id, result: result.code(), message: result.words() }))
}

fn describe_consent(op: Operation) -> Operation {
    let en = "Needs the right consent:TYPE of the department that issued the licence. The code is \
              for one department, one purpose and these fields or the sealed document, ten \
              minutes, once.";
    let zh = "需要证照签发部门的 consent:TYPE 权限。授权码只对一个部门、一个用途和这些字段（或盖章文件）有效，\
              十分钟内使用一次。";
    let missing = "No licence of this department with this identifier";
    licence_id(with_body(of_client(op, &[Verb::Consent])))
        .title(("窗口登记持证人的一次性同意", "Note the consent of a holder at the counter"))
        .about((zh, en))
        .tag(TAG)
        .body::<AgreedTo>()
        .example("agreement")
        .answer::<Code<'_>>(201, CODE)
        .example("agreed")
        .refuses(&[BAD_VALUE])
        .refuses_when(NO_SUCH_LICENCE, ("本部门没有这一标识的证照", missing))
}

async fn consent_at_counter(
    State(app): State<App>,
    Path(id): Path<String>,
    who: Authenticated,
    body: Sent,
) -> SharingResult {
    let agreement = body.read::<AgreedTo>()?.into();
    let agreed =
        with(&app, move |office| office.consent_at_counter(&who.0, &id, &agreement)).await??;
    Ok(created(&agreed))
}

fn describe_changes(op: Operation) -> Operation {
    let en = "Needs the right feed. Identifiers, types and present states of licences of the own \
              department, and of those that a grant lets it read. Go on from next.";
    let zh =
        "需要 feed 权限。给出本部门证照以及授权可读的证照的标识、类型和当前状态。从 next 继续。";
    of_client(op, &[Verb::Feed])
        .title(("证照变动", "What changed"))
        .about((zh, en))
        .tag(TAG)
        .query::<Since>()
        .answer::<Page>(200, ("变动，按先后排列", "Changes in their order"))
        .example("changes")
        .refuses_with_faults(BAD_CURSOR)
        .refuses_with_faults(BAD_QUERY)
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Since {
    /// What was returned as next; without it, from the beginning.
    #[schemars(extend("pattern" = "^[0-9]{1,20}$"))]
    #[schemars(extend("x-description-zh" = "上一次答复中的 next；不带则从头开始"))]
    since: Option<String>,
    /// How many at the most.
    #[schemars(range(min = 1, max = 1000))]
    #[schemars(extend("x-description-zh" = "最多返回的条数", "default" = 100))]
    limit: Option<usize>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Changes")]
struct Page {
    changes: Vec<Change>,
    /// Goes into `since`.
    next: String,
    /// Whether there may be more now.
    more: bool,
}

fn page_wanted(uri: &Uri) -> Result<(u64, usize), ApiError> {
    let wanted: Since = pages::query(uri)?;
    let bad_since = |_| bad_parameter_as(BAD_CURSOR, "since");
    let since = wanted.since.map_or(Ok(0), |since| since.parse().map_err(bad_since))?;
    match wanted.limit.unwrap_or(100) {
        limit @ 1..=1000 => Ok((since, limit)),
        _ => Err(bad_parameter("limit")),
    }
}

async fn changes(State(app): State<App>, who: Authenticated, uri: Uri) -> SharingResult {
    let (since, limit) = match page_wanted(&uri) {
        Ok(wanted) => wanted,
        Err(refused) => return Ok(refused.into_response()),
    };
    let found = with(&app, move |office| office.changes(&who.0, since, limit)).await??;
    let next = found.next.to_string();
    Ok(private(&Page { changes: found.changes, next, more: found.more }))
}

const QUERY_ID: HeaderName = HeaderName::from_static("yinzheng-query");
/// A thousand queries of 600 bytes.
const BATCH_BYTES: usize = 1 << 20;
