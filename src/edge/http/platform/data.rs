//! Licence data: `queryCertInfo` and `queryCertInfoByQRcode`.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::cause::Cause;
use super::envelope::reads;
use super::forms::of_platform;
use super::members::{Members, wrong};
use super::requests::{QueryCertInfo, QueryCertInfoByQRcode};
use super::status::{HeadStatus, Refused};
use crate::base::ids::{Code, LicenceId, Version};
use crate::base::limits::Budget;
use crate::domain::access::{Caller, Verb};
use crate::domain::licence::kind::{FieldKind, LicenceType};
use crate::domain::verify::credential::answer;
use crate::edge::http::openapi::{Operation, Routes};
use crate::format::jose::jws::{BadToken, Unverified};
use crate::format::jose::sdjwt::Credential;
use crate::service::office::Office;
use crate::service::sharing::{Answered, Query, SharingError, Subject};

pub(super) fn routes() -> Routes {
    Routes::default()
        .post("/share/v1/queryCertInfo", reads(by_identifier), describe_by_identifier)
        .post("/share/v1/queryCertInfoByQRcode", reads(by_qr_code), describe_by_qr_code)
}

fn describe_by_identifier(op: Operation) -> Operation {
    let en = "Needs the right query:TYPE, a purpose and a grant, as /v1/query. certData has what the \
              grant gives and no more; answer is the signed answer of /v1/query, from which \
              certData was read and which proves it. A licence that is not in force comes with its \
              status alone. The access is in the access journal before the answer leaves.";
    let zh = "与 /v1/query 相同，须有权限 query:类型、用途和共享授权。certData 只含授权给出的字段；answer 是 \
              /v1/query 的签名应答，certData 即取自其中并由它证明。未在有效状态的证照只给出状态。应答发出之前，\
              本次查询已记入查询日志。";
    of_platform::<QueryCertInfo, CertInfo>(op, &[Verb::Query])
        .title(("查询证照信息", "Data of the licence with this identifier"))
        .about((zh, en))
        .examples("query_cert_info", "cert_info")
}

/// The answer, and what it was read from.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PlatformCertInfo")]
struct CertInfo {
    #[schemars(with = "CertData")]
    cert_data: Value,
    /// The line of the access journal, and jti of the answer.
    query_id: String,
    /// The signed answer, a JWS.
    answer: String,
}

/// A licence under the names of the catalogue.
#[derive(JsonSchema)]
#[schemars(inline, rename_all = "camelCase")]
#[expect(dead_code, reason = "the members are put in one by one, as far as the grant reaches")]
struct CertData {
    /// 电子证照标识.
    certificate_identifier: String,
    #[schemars(extend("enum" = ["01", "02", "05", "99"]))]
    status: String,
    status_name: String,
    #[schemars(flatten)]
    shown: Option<Shown>,
}

/// What the grant gives of a licence in force.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[expect(dead_code, reason = "the members are put in one by one, as far as the grant reaches")]
struct Shown {
    certificate_name: String,
    certificate_type_name: String,
    certificate_type_code: String,
    certificate_number: String,
    certificate_version: String,
    certificate_issuing_authority_name: String,
    certificate_issuing_authority_code: String,
    certificate_issued_date: String,
    certificate_effective_date: String,
    certificate_expiring_date: String,
    /// 长期, where there is no last day.
    validity_range: String,
    certificate_holder_name: String,
    certificate_holder_code: String,
    certificate_holder_type_code: String,
    certificate_holder_type_name: String,
    /// The fields of the type that the grant gives, by name.
    extend_info: Map<String, Value>,
}

/// `queryCertInfo`.
fn by_identifier(office: &Office, caller: &Caller, mut data: Members) -> Result<Value, Refused> {
    let (subject, kind) = identified(office, &mut data)?;
    let query = query_for_fields(&mut data, subject, kind)?;
    data.done()?;
    shown(office, office.query(caller, &query)?)
}

fn describe_by_qr_code(op: Operation) -> Operation {
    let en = "As queryCertInfo, for the symbol on the page or the code below it. A code that nobody \
              has, and one of a licence that no grant reaches, are answered alike.";
    let zh = "与 queryCertInfo 相同，按页面上的二维码或其下的核验码。不存在的码与授权所不及的证照的码，应答相同。";
    of_platform::<QueryCertInfoByQRcode, CertInfo>(op, &[Verb::Query])
        .title(("扫码查询证照信息", "Data of the licence with this QR symbol"))
        .about((zh, en))
        .examples("query_by_qr_code", "cert_info")
}

/// `queryCertInfoByQRcode`.
fn by_qr_code(office: &Office, caller: &Caller, mut data: Members) -> Result<Value, Refused> {
    let symbol = data.text("qrcode")?;
    let query = query_for_fields(&mut data, Subject::Licence(String::new()), String::new())?;
    data.done()?;
    let base = office.profile().public_base_url.as_str();
    // The address on the page, in either language, or the code alone as it is printed below it.
    let code = match symbol.strip_prefix(base) {
        Some(rest) => rest.strip_prefix("/v/").or_else(|| rest.strip_prefix("/en/v/")),
        None => Some(symbol.as_str()),
    };
    let code = code.and_then(Code::parse);
    let code = code.ok_or_else(|| wrong("qrcode", "不是本机构证照上的二维码或核验码"))?;
    shown(office, office.query_by_code(caller, &code, query)?)
}

/// Parses `certIdentifier`: the licence, and its type.
pub(super) fn identified(
    office: &Office,
    data: &mut Members,
) -> Result<(Subject, String), Refused> {
    let text = data.text("certIdentifier")?;
    let id = LicenceId::parse(&text);
    let id = id.ok_or_else(|| wrong("certIdentifier", "不是电子证照标识，或校验位不符"))?;
    let kind = slug_of(office, id.type_code());
    Ok((Subject::Licence(text), kind))
}

/// The type named by a 证照类型代码 or a slug. An unknown one stays unchanged, so that it is refused, and
/// recorded, like a type without a grant.
pub(super) fn slug_of(office: &Office, text: &str) -> String {
    let named = |kind: &&LicenceType| kind.code.as_str() == text || kind.slug == text;
    office.types().iter().find(named).map_or_else(|| text.to_owned(), |kind| kind.slug.clone())
}

/// The common members: `useCause`, and `consent`, an addition of this API.
pub(super) fn query(data: &mut Members, subject: Subject, kind: String) -> Result<Query, Refused> {
    let Cause { purpose, item } = Cause::take(data)?;
    let consent = data.optional("consent")?;
    Ok(Query { subject, kind, purpose, item, fields: None, consent })
}

/// The same, with `fields`: a subset of the claims. A page cannot show a subset, so operations for
/// pages refuse the member.
fn query_for_fields(data: &mut Members, subject: Subject, kind: String) -> Result<Query, Refused> {
    Ok(Query { fields: data.names("fields")?, ..query(data, subject, kind)? })
}

/// The answer in the platforms' form, and the signed answer that it was made from.
fn shown(office: &Office, answered: Answered) -> Result<Value, Refused> {
    let certificate = certificate(office, &answered.token).map_err(|error| {
        Refused::from(SharingError::SelfCheck(format!("cannot be read again: {error}")))
    })?;
    let certificate = certificate.ok_or(HeadStatus::NoSuchLicence)?;
    let Answered { id: query_id, token: answer, .. } = answered;
    Ok(json!(CertInfo { cert_data: certificate, query_id, answer }))
}

/// The one licence in the signed answer.
fn certificate(office: &Office, token: &str) -> Result<Option<Value>, BadToken> {
    let mut budget = Budget::default();
    let answer = Unverified::parse(token, answer::TYPE, &mut budget)?;
    let payload = answer.payload();
    let kind = payload.get("type").and_then(Value::as_str).unwrap_or_default();
    let results = payload.get("results").and_then(Value::as_array);
    let Some(result) = results.and_then(|results| results.first()) else { return Ok(None) };
    let (status, name) = state(result["state"].as_str().unwrap_or_default());
    let mut shown = Map::new();
    let mut put = |name: &str, value: &Value| {
        shown.insert(name.to_owned(), value.clone());
    };
    put("certificateIdentifier", &result["id"]);
    put("status", &status.into());
    put("statusName", &name.into());
    if let (Some(credential), Some(kind)) =
        (result["credential"].as_str(), office.types().get(kind))
    {
        let credential = Credential::parse(credential, &mut budget)?;
        described(kind, credential.claims(), &mut put);
    }
    Ok(Some(Value::Object(shown)))
}

/// The claims under the names of the catalogue; those of the type are in `extendInfo`. Claims that
/// the grant does not give are not in the answer, and so not here.
fn described(kind: &LicenceType, claims: &Map<String, Value>, put: &mut dyn FnMut(&str, &Value)) {
    let claim = |name: &str| claims.get(name).unwrap_or(&Value::Null);
    put("certificateName", &claim("type_name")["zh"]);
    put("certificateTypeName", &claim("type_name")["zh"]);
    put("certificateTypeCode", claim("type_code"));
    put("certificateNumber", claim("number"));
    let version = claim("version").as_u64().and_then(|number| u16::try_from(number).ok());
    let version = version.and_then(|number| Version::try_from(number).ok());
    put("certificateVersion", &json!(version.map(|version| version.to_string())));
    put("certificateIssuingAuthorityName", &claim("issuer")["zh"]);
    put("certificateIssuingAuthorityCode", &claim("issuer")["uscc"]);
    put("certificateIssuedDate", claim("issued_on"));
    put("certificateEffectiveDate", claim("valid_from"));
    match claim("valid_until") {
        Value::Null => put("validityRange", &"长期".into()),
        until => put("certificateExpiringDate", until),
    }
    let holder = [claim("holder"), claim(&kind.holder_name)];
    if let Some(holder) = holder.into_iter().find(|value| !value.is_null()) {
        put("certificateHolderName", holder);
    }
    let code = kind.holder_code();
    if let Some((field, code)) = code.and_then(|field| Some((field, claims.get(&field.name)?))) {
        let (type_code, type_name) = holder_type(&field.kind);
        put("certificateHolderCode", code);
        put("certificateHolderTypeCode", &type_code.into());
        put("certificateHolderTypeName", &type_name.into());
    }
    let fields = kind.fields.iter().filter_map(|field| claims.get_key_value(&field.name));
    let fields: Map<_, _> = fields.map(|(name, value)| (name.clone(), value.clone())).collect();
    put("extendInfo", &Value::Object(fields));
}

/// 持证主体代码类型 of a type's licences: code and name.
pub(super) fn holder_type(kind: &FieldKind) -> (&'static str, &'static str) {
    match kind {
        FieldKind::CitizenId { .. } => ("111", "公民身份号码"),
        _ => ("001", "统一社会信用代码"),
    }
}

/// 证照状态 in the codes of the housing ministry's exchange, the only list that was seen. The reason is
/// not given, so that every licence no longer in force is 失效.
fn state(name: &str) -> (&'static str, &'static str) {
    match name {
        "active" => ("01", "有效"),
        "suspended" => ("02", "暂扣"),
        "not_yet_valid" => ("99", "未生效"),
        _ => ("05", "失效"),
    }
}
