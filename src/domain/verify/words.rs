//! The exact words, in Chinese and English.

use super::report::{Outcome, Verdict};
use crate::base::words::Words;

/// A pair of fixed texts.
#[derive(Clone, Copy)]
pub(super) struct Fixed(&'static str, &'static str);

impl Fixed {
    pub(super) fn into_parts(self) -> (String, String) {
        (self.0.to_owned(), self.1.to_owned())
    }

    fn words(self) -> Words {
        Words::new(self.0, self.1)
    }
}

pub(super) const NOT_PDF: Fixed = Fixed("不是 PDF 或证照凭证", "neither a PDF nor a credential");
pub(super) const EMPTY: Fixed = Fixed("文件是空的", "the file is empty");
pub(super) const ENCRYPTED: Fixed = Fixed("文件有密码保护", "the file is password-protected");
pub(super) const OVER_BUDGET: Fixed =
    Fixed("文件过大或过于复杂", "the file is too large or too complex");
pub(super) const DAMAGED: Fixed = Fixed("文件不完整或已损坏", "the file is incomplete or damaged");
pub(super) const NO_ANSWER: Fixed =
    Fixed("持证人对本次请求的签名", "the holder's signature on this request");
pub(super) const NO_TRUSTED_TIME: Fixed = Fixed(
    "证书已过期，且没有可信时间戳",
    "the certificate has expired and there is no trusted time",
);

pub(super) const UNSUPPORTED: Fixed = Fixed(
    "签名算法不在本程序核验的范围内",
    "a check of its algorithm, which this program does not make",
);

/// What a headline mentions.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) issuer: (String, String),
    pub(super) time: String,
    pub(super) date: String,
    pub(super) reason: (String, String),
    pub(super) successor: String,
    pub(super) is_licence: bool,
}

/// That revocation data is missing, of the certificates with these names, in Chinese and English.
pub(super) fn no_revocation((zh, en): &(String, String)) -> Words {
    Words {
        zh: format!("没有以下证书的吊销信息：{zh}；可用 --crl 或 --ocsp 提供"),
        en: format!("No revocation data for: {en}; give it with --crl or --ocsp"),
    }
}

/// What a headline says is missing then.
pub(super) fn revocation_of((zh, en): &(String, String)) -> (String, String) {
    (format!("{zh}的吊销信息"), format!("revocation data of {en}"))
}

/// The headline of a verdict.
pub(super) fn headline(verdict: Verdict, facts: &Facts) -> Words {
    let Facts { issuer, time, date, reason, successor, is_licence } = facts;
    let (zh, en) = match verdict {
        Verdict::Valid if *is_licence => (
            format!(
                "有效：由{}签发，签发后未改动，截至{time}状态正常。请核对持证人本人。",
                issuer.0
            ),
            format!(
                "Valid. Issued by {}, unchanged, in force as of {time}. Check the person matches.",
                issuer.1
            ),
        ),
        Verdict::Valid => (
            format!("签章有效：由{}签署，签署后未改动。这不是本系统的证照。", issuer.0),
            format!(
                "The signature is valid. Signed by {}, unchanged. This is no licence of this system.",
                issuer.1
            ),
        ),
        Verdict::Revoked => (
            format!(
                "真实，但已于{date}撤销（{}），不得作为有效证照使用。请联系签发机关。",
                reason.0
            ),
            format!(
                "Genuine, but revoked on {date} ({}). Do not accept; contact the issuer.",
                reason.1
            ),
        ),
        Verdict::Suspended => (
            format!("真实，但自{date}起暂停使用（{}）。", reason.0),
            format!("Genuine, but suspended since {date} ({}).", reason.1),
        ),
        Verdict::Expired => {
            (format!("真实，但已于{date}到期。"), format!("Genuine, but expired on {date}."))
        }
        Verdict::NotYetInForce => (
            format!("真实，但要到{date}才生效。"),
            format!("Genuine, but not in force before {date}."),
        ),
        Verdict::Superseded => (
            format!("真实，但已被新版本替代，请查验新证照 {successor}。"),
            format!("Genuine, but replaced by a newer version: {successor}."),
        ),
        Verdict::StatusUnknown => {
            let (zh, en) = if time.is_empty() {
                ("从未查询".to_owned(), "never".to_owned())
            } else {
                (time.clone(), time.clone())
            };
            (
                format!("真实；暂时无法查询当前状态（最近{zh}）。"),
                format!("Genuine; current status unavailable (last known {en})."),
            )
        }
        Verdict::NotEnoughEvidence => (
            format!("签章完整，但缺少证明其当时有效的证据（{}）。", reason.0),
            format!(
                "Seal intact, but what would prove it was good at the time is missing ({}).",
                reason.1
            ),
        ),
        Verdict::Unreadable => (
            format!("无法读取该文件：{}。", reason.0),
            format!("This file cannot be read: {}.", reason.1),
        ),
        Verdict::Altered | Verdict::Invalid | Verdict::UnknownIssuer | Verdict::NotSigned => {
            return fixed_headline(verdict).words();
        }
    };
    Words { zh, en }
}

fn fixed_headline(verdict: Verdict) -> Fixed {
    match verdict {
        Verdict::Altered => Fixed(
            "内容在盖章后被改动，请勿采信；请向持证人索取原件或用编号查询。",
            "Changed after sealing. Do not rely on it; ask for the original or look it up by number.",
        ),
        Verdict::UnknownIssuer => Fixed(
            "签章完整，但签发者不在信任名单，无法确认由政府机关签发。",
            "Seal intact, signer not on our trusted list. Origin not confirmed.",
        ),
        Verdict::NotSigned => Fixed(
            "未发现电子签章，可能是打印、截图或转换件；不代表是伪造。请扫二维码或输入编号。",
            "No electronic seal found. May be a print or conversion, not necessarily fake. Scan the QR or enter the number.",
        ),
        _ => Fixed("签章验证未通过，请勿采信。", "The seal does not check. Do not rely on it."),
    }
}

/// What one check says.
pub(super) fn check(check: &str, outcome: Outcome) -> Words {
    let text = match (check, outcome) {
        ("changes", Outcome::Passed) => {
            Fixed("盖章之后没有不允许的改动", "Nothing was changed after sealing that may not be")
        }
        ("changes", _) => Fixed("盖章之后有不允许的改动", "Something was changed after sealing"),
        ("digest", Outcome::Passed) => {
            Fixed("内容自盖章后没有任何改动", "The content is unchanged since sealing")
        }
        ("digest", _) => Fixed("内容与盖章时不一致", "The content differs from what was sealed"),
        ("signature", Outcome::Passed) => {
            Fixed("签名值与印章证书相符", "The signature fits the seal's certificate")
        }
        ("signature", _) => Fixed("签名验证未通过", "The signature does not hold"),
        ("trust", Outcome::Passed) => {
            Fixed("印章证书由可信根签发", "The certificate comes from a trusted root")
        }
        ("trust", _) => {
            Fixed("印章证书无法追溯到可信根", "The certificate leads to no trusted root")
        }
        ("revocation", Outcome::Passed) => Fixed(
            "印章证书及其上级证书均未被吊销",
            "Neither the certificate nor those above it are revoked",
        ),
        ("revocation", Outcome::Failed) => {
            Fixed("印章证书或其上级证书已被吊销", "The certificate or one above it is revoked")
        }
        ("revocation", _) => Fixed(
            "缺少印章证书或其上级证书的吊销信息",
            "Revocation data for the certificate or one above it is missing",
        ),
        ("timestamp", Outcome::Passed) => {
            Fixed("时间戳证明了签名时间", "A time stamp proves the time")
        }
        ("timestamp", Outcome::Failed) => Fixed("时间戳无效", "The time stamp does not hold"),
        ("timestamp", _) => Fixed("时间戳机构不可信", "The time stamp's authority is not trusted"),
        ("entitlement", Outcome::Passed) => {
            Fixed("签发机关有权签发此类证照", "The department may issue this type of licence")
        }
        ("entitlement", _) => {
            Fixed("签章者无权签发此类证照", "The signer may not issue this type of licence")
        }
        ("credential", Outcome::Passed) => {
            Fixed("附带的数据凭证与证照一致", "The attached credential matches the licence")
        }
        ("credential", _) => Fixed(
            "附带的数据凭证与证照不一致",
            "The attached credential does not match the licence",
        ),
        ("key_binding", Outcome::Passed) => Fixed(
            "持证人用凭证所绑定的密钥签署了本次请求",
            "The holder signed this request with the key that the credential is bound to",
        ),
        ("key_binding", Outcome::Failed) => Fixed(
            "没有持证人对本次请求的有效签名",
            "There is no good signature of the holder on this request",
        ),
        ("key_binding", _) => Fixed(
            "有持证人的签名，但不知道是否为本次请求而签",
            "The holder signed, but it is not known whether for this request",
        ),
        ("status", Outcome::Passed) => {
            Fixed("未被撤销、暂停或替代", "Not revoked, suspended or replaced")
        }
        ("status", Outcome::Failed) => {
            Fixed("已被撤销、暂停或替代", "Revoked, suspended or replaced")
        }
        ("status", _) => Fixed("无法得知当前状态", "The current status is not known"),
        ("validity", Outcome::Passed) => Fixed("在有效期内", "Within its period of validity"),
        _ => Fixed("不在有效期内", "Outside its period of validity"),
    };
    text.words()
}

/// What a finding says.
pub(super) fn finding(code: &str) -> Words {
    let text = match code {
        "not_signed" => Fixed("文件里没有电子签章", "There is no electronic seal in the file"),
        "changed_after_seal" => {
            Fixed("盖章之后文件被追加或修改", "The file was added to or changed after sealing")
        }
        "bytes_behind" => Fixed(
            "文件末尾之后还有内容，不属于任何一次保存",
            "Something stands behind the end of the file that belongs to no saving of it",
        ),
        "later_signature_paints" => Fixed(
            "后来的签名在页面上画了图形，可能遮住内容",
            "A later signature paints on a page and may cover content",
        ),
        "field_look_unknown" => Fixed(
            "盖章后填写了表单项，但无法确认它显示的就是它的值",
            "A form field was filled in after sealing; whether it shows its value could not be told",
        ),
        "hidden_layers" => Fixed(
            "文件里有默认不显示的图层",
            "The document has layers that are not shown by default",
        ),
        "annotation_paints" => Fixed(
            "文件里有批注画在页面上，可能遮住内容",
            "An annotation paints on a page and may cover content",
        ),
        "active_content" => Fixed(
            "文件里有会自动执行的动作",
            "The document contains actions that do something by themselves",
        ),
        "unlisted_content" => Fixed(
            "文件里有未编入目录的内容，有的软件会把它当作文件的一部分",
            "The file holds what is in no list of objects; some programs would take it for a part of the document",
        ),
        "unreachable_content" => {
            Fixed("文件里有任何页面都不显示的内容", "The document holds content that no page shows")
        }
        "not_searched" => Fixed(
            "文件太复杂，没有检查隐藏内容",
            "The document is too complex to be searched for hidden content",
        ),
        "digest_mismatch" => {
            Fixed("盖章之后文件内容被修改", "The content was changed after sealing")
        }
        "weak_algorithm" => {
            Fixed("签名使用了已被攻破的算法", "The signature uses an algorithm that is broken")
        }
        "unsupported_algorithm" => Fixed(
            "签名使用了本程序不核验的算法",
            "The signature uses an algorithm that this program does not check",
        ),
        "old_binding" => Fixed(
            "签名用旧方式（SHA-1）标明签名证书",
            "The signature names its certificate in an old way, with SHA-1",
        ),
        "timestamp_broken" => Fixed(
            "时间戳无效，或不是为这份签名所盖",
            "The time stamp does not hold, or is about something else",
        ),
        "timestamp_untrusted" => Fixed(
            "时间戳机构不在信任名单，时间未得到证明",
            "The time stamp's authority is not trusted: the time is not proved",
        ),
        "timestamp_unchecked" => Fixed(
            "没有时间戳机构证书的吊销信息，时间未得到证明",
            "There is no revocation data for the time stamp's authority: the time is not proved",
        ),
        "judged_at_proven_time" => Fixed(
            "按时间戳证明的时间核验了证书",
            "The certificate was judged for the time that a time stamp proves",
        ),
        "archive_unusable" => Fixed(
            "文件里的部分归档证据无法读取，未使用",
            "Some of the archive material in the file cannot be read and was not used",
        ),
        "signature_broken" => Fixed("签名数据有误", "The signature is broken"),
        "signature_malformed" => Fixed(
            "签名域里的内容不构成一个签名，像是伪造的",
            "A signature field holds what is no signature; it looks forged",
        ),
        "certification_malformed" => Fixed(
            "认证签名的权限写法有误或自相矛盾，不同软件会作不同理解",
            "The certification's permissions are malformed or contradict each other: programs would read them differently",
        ),
        "signed_in_the_future" => Fixed(
            "签名自称的时间晚于核验时间",
            "The time that the signature claims is after the time of this verification",
        ),
        "unknown_issuer" => Fixed(
            "签发者的根证书不在信任名单。如果您通过其他渠道核对过指纹，可用 --trust 指定它。",
            "The signer's root is not trusted. If you have compared its fingerprint over another channel, name it with --trust.",
        ),
        "certificate_expired" => {
            Fixed("印章证书不在有效期内", "The certificate is outside its validity")
        }
        "seal_revoked" => Fixed("印章证书已被吊销", "The seal's certificate was revoked"),
        "path_rule" => Fixed("证书链不符合规则", "The certificate path breaks a rule"),
        "not_entitled" => {
            Fixed("签章者无权签发此类证照", "The signer is not entitled to issue this licence")
        }
        "not_our_profile" => {
            Fixed("不是本系统签发的签章形式", "Not the form of seal that this system makes")
        }
        "credential_mismatch" => {
            Fixed("附带的数据凭证与证照不符", "The attached credential does not fit the licence")
        }
        "credential_refused" => Fixed("凭证未通过验证", "The credential does not check"),
        "credential_account" => Fixed(
            "凭证的签名、证书、时间和披露项",
            "Signature, certificates, times and disclosures",
        ),
        "credential_signer_revoked" => Fixed(
            "签发凭证的证书已被吊销",
            "The certificate that signed the credential was revoked",
        ),
        "definition_mismatch" => Fixed(
            "凭证所依据的证照类型定义与签发机关公布的不同",
            "The credential holds on to another definition of its type than its issuer has",
        ),
        "key_binding_missing" => Fixed(
            "没有持证人对本次请求的签名，出示者可能只有一份副本",
            "The holder did not sign this request: whoever shows it may have a copy only",
        ),
        "key_binding_replayed" => Fixed(
            "持证人的签名是为另一次请求、另一个对象、另一时间或另一份内容而作的，不能用在这里",
            "The holder signed for another request, recipient, time or contents: it does not count here",
        ),
        "key_binding_refused" => {
            Fixed("持证人的签名不成立", "The holder's signature does not hold")
        }
        "key_binding_not_compared" => Fixed(
            "持证人的签名成立，但没有给出随机数和对象，未与本次请求比对；可用 --nonce 和 --aud 给出",
            "The holder's signature holds, but it was not compared with a request; give --nonce and --aud",
        ),
        "key_binding_not_shown" => Fixed(
            "凭证绑定了持证人的密钥，但出示者没有证明自己持有它；请核对持证人本人",
            "The credential is bound to its holder's key, but nobody showed that he has it; check the person",
        ),
        "key_binding_account" => {
            Fixed("持证人签名的密钥、摘要和时间", "Key, digest and time of the holder's signature")
        }
        "status_account" => Fixed("状态的来源", "Where the status was read"),
        "status_aged" => Fixed(
            "状态列表已过建议的更新时间，之后的变化看不到",
            "The status list is older than its office asks for; later changes do not show",
        ),
        "validity_account" => Fixed("有效期的起止", "Beginning and end of validity"),
        "status_other_time" => Fixed(
            "手头的状态列表不覆盖所问的时间；请用 --status 提供覆盖该时间的列表",
            "The status lists at hand do not speak for the time in question; give one that does with --status",
        ),
        "status_no_entry" => Fixed(
            "状态列表里没有这份证照的条目，或条目的含义未知",
            "The status list has no entry of this licence, or one without a meaning",
        ),
        "status_unknown" => Fixed(
            "没有可用的状态列表；可用 --status 提供，或联网核验",
            "No usable status list; give one with --status, or verify online",
        ),
        _ => Fixed("文件无法读取", "The file cannot be read"),
    };
    text.words()
}
