//! Sealed documents: addresses that work once, and the files themselves.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{Method, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::data::{holder_type, identified, query, slug_of};
use super::envelope::reads;
use super::forms::{TAG, of_platform, of_refused};
use super::members::{Members, wrong};
use super::requests::{CertRemark, DownloadFile, DownloadUrl, DownloadUrlsByHolderCode};
use super::status::{HeadStatus, Refused};
use crate::base::time::Timestamp;
use crate::domain::access::{Caller, Verb};
use crate::domain::sharing::HolderCode;
use crate::edge::http::app::App;
use crate::edge::http::blocking::spawn_blocking;
use crate::edge::http::openapi::{Operation, Routes};
use crate::edge::http::problem::Problem;
use crate::service::office::Office;
use crate::service::sharing::{Link, SharingError, Subject};

pub(super) fn routes() -> Routes {
    Routes::default()
        .post(
            "/share/v1/downloadUrlsByHolderCode",
            reads(urls_by_holder_code),
            describe_urls_by_holder_code,
        )
        .post("/share/v1/downloadUrl", reads(url), describe_url)
        .post("/share/v1/downloadFile", reads(file), describe_file)
        .post("/share/v1/certRemark", reads(remark), describe_remark)
        .get("/share/v1/files/{id}", fetch, describe_fetch)
}

fn describe_urls_by_holder_code(op: Operation) -> Operation {
    let en = "One address for each licence of the holder and type that is in force. A sealed page \
              shows everything, so that this needs a grant with the document, and the holder's \
              code where the grant has claims that want it. Each address works once, for ten \
              minutes at the most, without a token; its giving out and its use are in the access \
              journal.";
    let zh = "持证主体名下该类型每份有效证照一个地址。已用印的文件会显示全部内容，因此须有包含文件的共享授权；\
              授权中有须经本人同意的字段时，还须持证人的同意码。每个地址无需令牌，最多十分钟内有效，且只能使用一次；\
              给出与使用都记入查询日志。";
    of_platform::<DownloadUrlsByHolderCode, Urls>(op, &[Verb::Query])
        .title(("按持证主体获取下载地址", "Addresses of a holder's sealed documents"))
        .about((zh, en))
        .examples("download_urls", "links")
}

#[derive(Serialize, JsonSchema)]
#[schemars(inline, rename = "PlatformDownloadUrlsByHolderCode")]
struct Urls(Vec<Shown>);

/// `downloadUrlsByHolderCode`.
fn urls_by_holder_code(
    office: &Office,
    caller: &Caller,
    mut data: Members,
) -> Result<Value, Refused> {
    let kind = slug_of(office, &data.text("certTypeCode")?);
    let code = data.text_or("holderCode", HeadStatus::NoHolderCode)?;
    let holder = holder(office, &kind, &data.text("holderTypeCode")?, &code)?;
    let number = data.optional("certNo")?;
    let until = until(office, &mut data)?;
    let query = query(&mut data, Subject::Holder(holder), kind)?;
    data.done()?;
    let links = office.links(caller, &query, number.as_deref(), until)?;
    Ok(json!(Urls(links.iter().map(|link| shown(office, link)).collect())))
}

fn describe_url(op: Operation) -> Operation {
    let en = "As downloadUrlsByHolderCode, for the licence with this identifier.";
    of_platform::<DownloadUrl, Shown>(op, &[Verb::Query])
        .title(("获取下载地址", "The address of one sealed document"))
        .about(("与 downloadUrlsByHolderCode 相同，按证照标识。", en))
        .examples("download_url", "link")
}

/// `downloadUrl`.
fn url(office: &Office, caller: &Caller, mut data: Members) -> Result<Value, Refused> {
    let (subject, kind) = identified(office, &mut data)?;
    let until = until(office, &mut data)?;
    let query = query(&mut data, subject, kind)?;
    data.done()?;
    let links = office.links(caller, &query, None, until)?;
    let link = links.first().ok_or(HeadStatus::NoSuchLicence)?;
    Ok(json!(shown(office, link)))
}

fn describe_file(op: Operation) -> Operation {
    let en = "The file itself in base64, under the rules of downloadUrl.";
    of_platform::<DownloadFile, SealedFile>(op, &[Verb::Query])
        .title(("下载证照文件", "One sealed document"))
        .about(("文件本身的 base64，规则与 downloadUrl 相同。", en))
        .examples("download_file", "sealed_file")
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline, rename = "PlatformDownloadFile")]
struct SealedFile {
    /// 电子证照标识.
    cert_identifier: String,
    #[schemars(extend("const" = "base64"))]
    content_type: &'static str,
    #[schemars(extend("contentEncoding" = "base64"))]
    content: String,
}

/// `downloadFile`.
fn file(office: &Office, caller: &Caller, mut data: Members) -> Result<Value, Refused> {
    let (subject, kind) = identified(office, &mut data)?;
    let query = query(&mut data, subject, kind)?;
    data.done()?;
    let sealed = office.document(caller, &query)?;
    Ok(json!(SealedFile {
        cert_identifier: sealed.id,
        content_type: "base64",
        content: STANDARD.encode(sealed.pdf),
    }))
}

fn describe_remark(op: Operation) -> Operation {
    let en = "Always head.status 2: a sealed page is not made anew for a use; what a use was for is \
              said by the signed answer of queryCertInfo.";
    let zh = "head.status 恒为 2：已用印的文件不会为某次使用重新生成；用途由 queryCertInfo 的签名应答证明。";
    of_refused::<CertRemark>(op)
        .title(("生成加注件（不提供）", "Annotated copies: not offered"))
        .about((zh, en))
        .examples("download_file", "not_offered")
}

/// `certRemark`: annotated copies are not made here. The page is sealed, and the signed answer to a
/// query names the purpose.
fn remark(_: &Office, _: &Caller, _: Members) -> Result<Value, Refused> {
    Err(HeadStatus::NotOffered.into())
}

fn describe_fetch(op: Operation) -> Operation {
    let en = "Whoever has the address needs no token. It works once and for ten minutes at the most; \
              rights, grant and standing are looked at again. HEAD does not use it up.";
    let zh = "持有该地址者无需令牌。最多十分钟内有效，且只能使用一次；使用时会重新核对权限、授权和证照状态。HEAD \
              请求不会用掉它。";
    let gone = "No such address, or no longer, or what it was given for is not given any more";
    let gone_zh = "没有这个地址，或已失效，或当初据以给出的授权已不再成立";
    op.title(("凭一次性地址取文件", "A sealed document, once"))
        .about((zh, en))
        .tag(TAG)
        .path("id", json!({ "type": "string" }), ("取自 downloadUrl", "From downloadUrl"))
        .file("application/pdf", ("文件", "The file"))
        .refuses_when(Problem::NOT_FOUND, (gone_zh, gone))
        .refuses(&[Problem::UNAVAILABLE])
}

/// The file at an address, once. The address is the only credential; every error gets 404.
async fn fetch(
    State(app): State<App>,
    method: Method,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    // HEAD must not use it up.
    if method != Method::GET {
        return Ok(([(header::ALLOW, "GET")], Problem::WRONG_METHOD).into_response());
    }
    let office = Arc::clone(&app.office);
    match spawn_blocking(move || office.fetch(&id)).await? {
        Ok(sealed) => {
            let head = [
                (header::CONTENT_TYPE, "application/pdf".to_owned()),
                (header::CACHE_CONTROL, "no-store".to_owned()),
                (
                    header::CONTENT_DISPOSITION,
                    format!("attachment; filename=\"{}.pdf\"", sealed.id),
                ),
            ];
            Ok((head, sealed.pdf).into_response())
        }
        Err(
            error @ (SharingError::Store(_)
            | SharingError::SelfCheck(_)
            | SharingError::Key(_)
            | SharingError::Sign(_)),
        ) => {
            tracing::error!(%error, "a document was not given out");
            Err(Problem::UNAVAILABLE)
        }
        Err(_) => Err(Problem::NOT_FOUND),
    }
}

/// A holder's code of the type that the licences have.
pub(super) fn holder(
    office: &Office,
    kind: &str,
    type_code: &str,
    code: &str,
) -> Result<HolderCode, Refused> {
    if !["001", "111"].contains(&type_code) {
        return Err(HeadStatus::BadHolderType.into());
    }
    let field = office.types().get(kind).and_then(|kind| kind.holder_code());
    if field.is_some_and(|field| holder_type(&field.kind).0 != type_code) {
        return Err(HeadStatus::BadHolderType.into());
    }
    let listed = &office.profile().listed_codes;
    HolderCode::parse_or_listed(type_code, code, listed)
        .ok_or_else(|| wrong("holderCode", "校验不通过"))
}

/// Parses `expiryTime`: fourteen digits in China's time, the catalogue's form.
fn until(office: &Office, data: &mut Members) -> Result<Option<Timestamp>, Refused> {
    let Some(text) = data.optional("expiryTime")? else { return Ok(None) };
    let until = (text.len() == 14).then(|| Timestamp::from_pdf_date(&format!("D:{text}+08'00'")));
    let until = until.flatten().filter(|until| *until > office.now());
    until.map(Some).ok_or_else(|| wrong("expiryTime", "应为将来的时间，十四位数字，北京时间"))
}

/// An address.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PlatformLink")]
struct Shown {
    /// 电子证照标识.
    cert_identifier: String,
    #[schemars(extend("const" = "url"))]
    content_type: &'static str,
    /// The address.
    #[schemars(url)]
    content: String,
    /// Fourteen digits, Beijing time.
    #[schemars(extend("pattern" = "^[0-9]{14}$"))]
    expiry_time: String,
}

fn shown(office: &Office, link: &Link) -> Shown {
    let base = office.profile().public_base_url.as_str();
    let until = link.until.to_pdf_date();
    Shown {
        cert_identifier: link.id.clone(),
        content_type: "url",
        content: format!("{base}/share/v1/files/{}", link.code.as_str()),
        expiry_time: until.get(2..16).unwrap_or_default().to_owned(),
    }
}
