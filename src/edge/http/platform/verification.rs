//! Whether stated values are right, and whether a file is genuine: `verifyCertInfo` and
//! `verifyFile`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::cause::Cause;
use super::data::{holder_type, query, slug_of};
use super::documents::holder;
use super::envelope::{Operation as Taken, reads, takes, too_large};
use super::forms::of_platform;
use super::members::{Members, wrong};
use super::requests::{VerifyCertInfo, VerifyFile};
use super::status::{HeadStatus, Refused};
use crate::base::limits::Interrupt;
use crate::base::localized::Localized;
use crate::domain::access::{Caller, Verb};
use crate::domain::licence::kind::LicenceType;
use crate::domain::verify::report::{Report, Verdict};
use crate::edge::http::openapi::{Operation, Routes};
use crate::service::office::Office;
use crate::service::sharing::{Match, Subject};

pub(super) fn routes_of_data() -> Routes {
    Routes::default().post("/share/v1/verifyCertInfo", reads(of_data), describe_of_data)
}

pub(super) fn routes_of_files() -> Routes {
    let handler = takes(Taken::Verifies(of_file));
    Routes::default().post("/share/v1/verifyFile", handler, describe_of_file)
}

fn describe_of_data(op: Operation) -> Operation {
    let en = "As /v1/match: 0 right and in force, 1 not yet in force, 2 out of force for a time, 3 \
              no longer in force, 4 not enough stated, 5 no such licence, 6 something is wrong. \
              certData may have every field of the type; withheld ones need a grant.";
    let zh = "与 /v1/match 相同：0 正确且有效，1 尚未生效，2 暂时失效，3 已失效，4 信息不全，5 查无此证，6 \
              有误或不一致。certData 可含该类型的任何字段；不公开的字段须有共享授权。";
    of_platform::<VerifyCertInfo, ComparedData>(op, &[Verb::Query])
        .title(("核验证照信息", "Whether what somebody states is right"))
        .about((zh, en))
        .examples("verify_cert_info", "compared_cert_info")
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PlatformCompared")]
struct ComparedData {
    #[schemars(range(max = 6))]
    result: u8,
    message: String,
    /// The line of the access journal.
    query_id: String,
}

/// `verifyCertInfo`: a comparison under the platforms' names. `holderCode` selects the licence,
/// where its type has one; `certNo`, `holder` and every field of the type are compared.
fn of_data(office: &Office, caller: &Caller, mut data: Members) -> Result<Value, Refused> {
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
    let (result, message) = (result.code(), result.words().zh);
    Ok(json!(ComparedData { result, message, query_id: id }))
}

fn describe_of_file(op: Operation) -> Operation {
    let en = "The verdict of /v1/verify in three results: 0 genuine, in force and of this type; 1 \
              the seal does not hold or cannot be relied on; 2 anything else, which message says. \
              Needs no grant and is no access: nothing of a licence leaves. Up to 20 MB.";
    let zh = "/v1/verify 的结论归为三种结果：0 真实、有效且属于该类型；1 签章不成立或不可信赖；2 其他情况，见 \
              message。不须授权，也不算查询：不会给出证照内容。文件至多 20 MB。";
    of_platform::<VerifyFile, VerifiedFile>(op, &[])
        .title(("核验证照文件", "Whether a file is genuine"))
        .about((zh, en))
        .examples("verify_file", "verified_file")
}

#[derive(Serialize, JsonSchema)]
#[schemars(inline, rename = "PlatformVerifyFile")]
struct VerifiedFile {
    #[schemars(range(max = 2))]
    result: u8,
    message: String,
}

/// `verifyFile`: the verifier's verdict, public for everybody. It returns no data of a licence, so
/// that no grant is needed and no line is recorded.
fn of_file(
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
    Ok(json!(VerifiedFile { result, message: words.zh }))
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
