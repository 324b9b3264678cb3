//! Sealed documents: addresses that work once, and the files themselves.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{Method, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::data::{holder_type, identified, query, slug_of};
use super::members::{Members, wrong};
use super::status::{HeadStatus, Refused};
use crate::base::time::Timestamp;
use crate::domain::access::{Caller, HolderCode};
use crate::edge::http::app::App;
use crate::edge::http::blocking::spawn_blocking;
use crate::edge::http::problem::Problem;
use crate::service::office::Office;
use crate::service::sharing::{Link, SharingError, Subject};

/// `downloadUrlsByHolderCode`.
pub(super) fn urls_by_holder_code(
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
    Ok(links.iter().map(|link| shown(office, link)).collect())
}

/// `downloadUrl`.
pub(super) fn url(office: &Office, caller: &Caller, mut data: Members) -> Result<Value, Refused> {
    let (subject, kind) = identified(office, &mut data)?;
    let until = until(office, &mut data)?;
    let query = query(&mut data, subject, kind)?;
    data.done()?;
    let links = office.links(caller, &query, None, until)?;
    let link = links.first().ok_or(HeadStatus::NoSuchLicence)?;
    Ok(shown(office, link))
}

/// `downloadFile`.
pub(super) fn file(office: &Office, caller: &Caller, mut data: Members) -> Result<Value, Refused> {
    let (subject, kind) = identified(office, &mut data)?;
    let query = query(&mut data, subject, kind)?;
    data.done()?;
    let sealed = office.document(caller, &query)?;
    Ok(json!({
        "certIdentifier": sealed.id,
        "contentType": "base64",
        "content": STANDARD.encode(sealed.pdf),
    }))
}

/// `certRemark`: annotated copies are not made here. The page is sealed, and the signed answer to a
/// query names the purpose.
pub(super) fn remark(_: &Office, _: &Caller, _: Members) -> Result<Value, Refused> {
    Err(HeadStatus::NotOffered.into())
}

/// The file at an address, once. The address is the only credential; every error gets 404.
pub(super) async fn fetch(
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

fn shown(office: &Office, link: &Link) -> Value {
    let base = office.profile().public_base_url.as_str();
    let until = link.until.to_pdf_date();
    json!({
        "certIdentifier": link.id,
        "contentType": "url",
        "content": format!("{base}/share/v1/files/{}", link.code.as_str()),
        "expiryTime": until.get(2..16),
    })
}
