//! What requests have, operation by operation, for the description. The handlers take the members
//! one by one, since each has a refusal of its own; a test holds both against each other.
#![expect(dead_code, reason = "no value is made of these")]

use schemars::JsonSchema;
use serde_json::{Map, Value};

/// A request, as its members are taken one by one.
#[derive(JsonSchema)]
#[schemars(rename = "{D}Request", deny_unknown_fields)]
pub(super) struct Request<D> {
    head: Sender,
    data: D,
}

/// Who asks.
#[derive(JsonSchema)]
#[schemars(rename = "PlatformCaller", rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Sender {
    /// The client's name.
    access_id: String,
    /// The access token of /oauth/token; its key is proved by a DPoP header or the client
    /// certificate, as everywhere.
    access_token: String,
}

/// The licence with this identifier.
#[derive(JsonSchema)]
#[schemars(rename = "PlatformQueryCertInfo", rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct QueryCertInfo {
    /// 电子证照标识.
    cert_identifier: String,
    /// Withheld claims by name, all of them or a refusal; left out, all that the grant gives. An
    /// addition of this API.
    #[schemars(with = "Vec<String>", default)]
    fields: (),
    use_cause: UseCause,
    /// The holder's one-time code; an addition of this API.
    consent: Option<String>,
}

/// The licence with this symbol.
#[derive(JsonSchema)]
#[schemars(rename = "PlatformQueryCertInfoByQRcode", rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct QueryCertInfoByQRcode {
    /// The address in the symbol, or the sixteen characters.
    qrcode: String,
    /// Withheld claims by name, all of them or a refusal; left out, all that the grant gives. An
    /// addition of this API.
    #[schemars(with = "Vec<String>", default)]
    fields: (),
    use_cause: UseCause,
    /// The holder's one-time code; an addition of this API.
    consent: Option<String>,
}

/// What somebody states.
#[derive(JsonSchema)]
#[schemars(rename = "PlatformVerifyCertInfo", rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct VerifyCertInfo {
    /// 证照类型代码, or the short name of the type here.
    cert_type_code: String,
    cert_data: StatedData,
    use_cause: UseCause,
    /// The holder's one-time code; an addition of this API.
    consent: Option<String>,
}

/// Stated values, and any field of the type.
#[derive(JsonSchema)]
#[schemars(inline, rename_all = "camelCase")]
pub(super) struct StatedData {
    /// 证照编号.
    cert_no: String,
    /// 持证主体代码, where licences of the type name one.
    holder_code: Option<String>,
    /// 持证主体代码类型代码.
    #[schemars(extend("enum" = ["001", "111", null]))]
    holder_type_code: Option<String>,
    /// 持证主体.
    holder: String,
    #[schemars(flatten)]
    fields: Map<String, Value>,
}

/// A file.
#[derive(JsonSchema)]
#[schemars(rename = "PlatformVerifyFile", rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct VerifyFile {
    /// 证照类型代码, or the short name of the type here.
    cert_type_code: String,
    #[schemars(extend("const" = "base64"))]
    content_type: String,
    /// The file.
    #[schemars(extend("contentEncoding" = "base64"))]
    content: String,
    use_cause: UseCause,
}

/// The licences of a holder.
#[derive(JsonSchema)]
#[schemars(
    rename = "PlatformDownloadUrlsByHolderCode",
    rename_all = "camelCase",
    deny_unknown_fields
)]
#[schemars(inline)]
pub(super) struct DownloadUrlsByHolderCode {
    /// 证照类型代码, or the short name of the type here.
    cert_type_code: String,
    #[schemars(extend("enum" = ["001", "111"]))]
    holder_type_code: String,
    holder_code: String,
    /// That one alone.
    cert_no: Option<String>,
    /// Until when the address works, at the most ten minutes: fourteen digits, Beijing time.
    #[schemars(extend("pattern" = "^[0-9]{14}$"))]
    expiry_time: Option<String>,
    use_cause: UseCause,
    /// The holder's one-time code; an addition of this API.
    consent: Option<String>,
}

/// The licence with this identifier.
#[derive(JsonSchema)]
#[schemars(rename = "PlatformDownloadUrl", rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct DownloadUrl {
    /// 电子证照标识.
    cert_identifier: String,
    /// Until when the address works, at the most ten minutes: fourteen digits, Beijing time.
    #[schemars(extend("pattern" = "^[0-9]{14}$"))]
    expiry_time: Option<String>,
    use_cause: UseCause,
    /// The holder's one-time code; an addition of this API.
    consent: Option<String>,
}

/// The licence with this identifier.
#[derive(JsonSchema)]
#[schemars(rename = "PlatformDownloadFile", rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct DownloadFile {
    /// 电子证照标识.
    cert_identifier: String,
    use_cause: UseCause,
    /// The holder's one-time code; an addition of this API.
    consent: Option<String>,
}

/// Anything.
#[derive(JsonSchema)]
#[schemars(inline, rename = "PlatformCertRemark")]
pub(super) struct CertRemark {}

/// What for: purpose and item, as one text or as an object.
#[derive(JsonSchema)]
#[schemars(untagged, rename = "PlatformCause")]
pub(super) enum UseCause {
    /// 用途|事项编码.
    Text(
        #[schemars(length(max = 200))]
        #[schemars(extend("pattern" = "^[^|｜]{1,64}[|｜][^|｜]{1,64}$"))]
        String,
    ),
    Object(CauseObject),
}

#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", inline, deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the names are the catalogue's")]
pub(super) struct CauseObject {
    /// One of the client's purposes.
    #[schemars(length(min = 1, max = 64))]
    certificate_copy_cause: String,
    /// 事项编码, or the number of a case.
    #[schemars(length(min = 1, max = 64))]
    certificate_event_code: String,
    /// 0 for a service item, 1 otherwise; not kept.
    #[schemars(extend("enum" = ["0", "1", 0, 1, null], "type" = ["string", "integer", "null"]))]
    certificate_call_category: Option<String>,
    /// Not kept.
    #[schemars(length(max = 200))]
    certificate_matter_name: Option<String>,
    /// Not kept: the registration says which system calls.
    #[schemars(length(max = 200))]
    certificate_system_name: Option<String>,
}
