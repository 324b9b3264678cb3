//! Whether stated values are right, and whether a file is genuine: `verifyCertInfo` and
//! `verifyFile`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::cause::Cause;
use super::data::{holder_type, query, slug_of};
use super::documents::holder;
use super::envelope::too_large;
use super::members::{Members, wrong};
use super::status::{HeadStatus, Refused};
use crate::base::limits::Interrupt;
use crate::base::localized::Localized;
use crate::domain::access::Caller;
use crate::domain::licence::kind::LicenceType;
use crate::domain::verify::report::{Report, Verdict};
use crate::service::office::Office;
use crate::service::sharing::{Match, Subject};

/// `verifyCertInfo`: a comparison under the platforms' names. `holderCode` selects the licence,
/// where its type has one; `certNo`, `holder` and every field of the type are compared.
pub(super) fn of_data(
    office: &Office,
    caller: &Caller,
    mut data: Members,
) -> Result<Value, Refused> {
    let kind = slug_of(office, &data.text("certTypeCode")?);
    let stated = data.take("certData");
    let stated = stated.ok_or_else(|| Refused::because(HeadStatus::Empty, "certData"))?;
    let mut stated = Members::of(stated, "certData")?;
    let number = stated.text_or("certNo", HeadStatus::NoCertNo)?;
    let known = office.types().get(&kind);
    let subject = match known.and_then(LicenceType::holder_code) {
        Some(field) => {
            let code = stated.text_or("holderCode", HeadStatus::NoHolderCode)?;
            let usual = holder_type(&field.kind).0;
            let said = stated.optional("holderTypeCode")?;
            Subject::Holder(holder(office, &kind, said.as_deref().unwrap_or(usual), &code)?)
        }
        // A code that the licence does not have cannot be right: it is compared, and refused.
        None => Subject::Number(number.clone()),
    };
    let name = stated.text_or("holder", HeadStatus::NoHolder)?;
    let query = query(&mut data, subject, kind.clone())?;
    data.done()?;
    let mut stated = stated.rest();
    let holder_name = known.map_or("holder", |kind| kind.holder_name.as_str());
    for (ours, theirs, value) in [("number", "certNo", number), (holder_name, "holder", name)] {
        // Of two values for one name, one would not be compared.
        if stated.insert(ours.to_owned(), value.into()).is_some() {
            return Err(wrong(ours, &format!("与 {theirs} 重复")));
        }
    }
    let (id, result) = office.compare(caller, &Match { query, stated })?;
    Ok(json!({ "result": result.code(), "message": result.words().zh, "queryId": id }))
}

/// `verifyFile`: the verifier's verdict, public for everybody. It returns no data of a licence, so
/// that no grant is needed and no line is recorded.
pub(super) fn of_file(
    office: &Office,
    _: &Caller,
    mut data: Members,
    interrupt: Interrupt,
) -> Result<Value, Refused> {
    let kind = slug_of(office, &data.text("certTypeCode")?);
    if data.text("contentType")? != "base64" {
        return Err(HeadStatus::NotBase64.into());
    }
    let content = data.text("content")?;
    Cause::take(&mut data)?;
    data.done()?;
    if office.types().get(&kind).is_none() {
        return Err(HeadStatus::NoRight.into());
    }
    let file = STANDARD.decode(content).map_err(|_| Refused::from(HeadStatus::NotBase64))?;
    if file.len() > FILE_BYTES {
        return Err(too_large());
    }
    let report = office.verify_until("", &file, interrupt);
    let (result, words) = judged(&report, &kind);
    Ok(json!({ "result": result, "message": words.zh }))
}

/// 0: genuine, in force, and of the named type; 1: a seal that does not verify or cannot be relied
/// on; 2: everything else.
fn judged(report: &Report, kind: &str) -> (u8, Localized) {
    let is_of_type = report.licence.as_ref().is_some_and(|licence| licence.kind == kind);
    let result = match report.verdict {
        Verdict::Valid if is_of_type => 0,
        Verdict::Valid => {
            return (
                2,
                Localized::new("文件真实，但不是所称类型的证照", "Genuine, of another type"),
            );
        }
        Verdict::Altered
        | Verdict::Invalid
        | Verdict::UnknownIssuer
        | Verdict::NotEnoughEvidence
        | Verdict::NotSigned => 1,
        Verdict::StatusUnknown
        | Verdict::Revoked
        | Verdict::Suspended
        | Verdict::Expired
        | Verdict::NotYetInForce
        | Verdict::Superseded
        | Verdict::Unreadable => 2,
    };
    (result, report.headline.clone())
}

/// As for every file that is verified here.
pub(super) const FILE_BYTES: usize = 20 << 20;
