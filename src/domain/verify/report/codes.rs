//! The names of findings, each with its text: a finding without text cannot be made.

use crate::base::limits::DETAIL_CHARACTERS;
use crate::base::localized::Localized;
use crate::domain::verify::report::{Finding, Severity, Verdict};

/// A finding's stable name, and its text in Chinese and English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::domain::verify) struct Code(&'static str, &'static str, &'static str);

impl Code {
    pub(in crate::domain::verify) fn name(self) -> &'static str {
        self.0
    }

    /// The finding of this name.
    pub(in crate::domain::verify) fn finding(self, severity: Severity, detail: String) -> Finding {
        let Self(code, zh, en) = self;
        Finding { code, severity, message: Localized::new(zh, en), detail: shortened(detail) }
    }
}

/// Whether a fatal finding leads to this verdict by itself. One file may have several that lead to
/// different verdicts; the report has the worst.
pub(super) fn leads_to(name: &str, verdict: Verdict) -> bool {
    let is_one = |codes: &[Code]| codes.iter().any(|code| code.name() == name);
    match verdict {
        Verdict::Altered => is_one(&ALTERED),
        Verdict::Invalid => is_one(&INVALID),
        Verdict::UnknownIssuer => is_one(&[UNKNOWN_ISSUER]),
        Verdict::StatusUnknown => is_one(&UNKNOWN_STATUS),
        Verdict::NotSigned => is_one(&[NOT_SIGNED]),
        Verdict::Unreadable => is_one(&[UNREADABLE]),
        Verdict::NotEnoughEvidence => {
            ![&ALTERED[..], &INVALID, &UNKNOWN_STATUS, &[UNKNOWN_ISSUER]].into_iter().any(is_one)
        }
        // These follow from the status and the term, not from a finding.
        Verdict::Valid
        | Verdict::Revoked
        | Verdict::Suspended
        | Verdict::Expired
        | Verdict::NotYetInForce
        | Verdict::Superseded => false,
    }
}

const ALTERED: [Code; 3] = [CHANGED_AFTER_SEAL, DIGEST_MISMATCH, BYTES_BEHIND];
const INVALID: [Code; 16] = [
    CERTIFICATION_MALFORMED,
    CREDENTIAL_MISMATCH,
    CREDENTIAL_REFUSED,
    CREDENTIAL_SIGNER_REVOKED,
    DEFINITION_MISMATCH,
    KEY_BINDING_REFUSED,
    KEY_BINDING_REPLAYED,
    NOT_ENTITLED,
    NOT_OUR_PROFILE,
    PATH_RULE,
    SAVED_AGAIN,
    SEAL_REVOKED,
    SIGNATURE_BROKEN,
    SIGNATURE_MALFORMED,
    TIMESTAMP_BROKEN,
    WEAK_ALGORITHM,
];
const UNKNOWN_STATUS: [Code; 4] =
    [STATUS_UNKNOWN, STATUS_OTHER_TIME, STATUS_NO_ENTRY, RECORDS_UNREADABLE];

/// A text that quotes a file, cut to a readable length.
pub(in crate::domain::verify) fn shortened(text: String) -> String {
    match text.char_indices().nth(DETAIL_CHARACTERS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

pub(crate) const CREDENTIAL_MISMATCH: Code = Code(
    "credential_mismatch",
    "附带的数据凭证与证照不符",
    "The attached credential does not fit the licence",
);

pub(crate) const CREDENTIAL_REFUSED: Code =
    Code("credential_refused", "凭证未通过验证", "The credential does not check");

pub(crate) const UNSUPPORTED_CREDENTIAL: Code = Code(
    "unsupported_credential",
    "这种凭证的写法不是本程序核验的",
    "The credential is written in a way that this program does not check",
);

pub(crate) const CREDENTIAL_ACCOUNT: Code = Code(
    "credential_account",
    "凭证的签名、证书、时间和披露项",
    "Signature, certificates, times and disclosures",
);

pub(crate) const CREDENTIAL_SIGNER_REVOKED: Code = Code(
    "credential_signer_revoked",
    "签发凭证的证书已被吊销",
    "The certificate that signed the credential was revoked",
);

pub(crate) const DEFINITION_MISMATCH: Code = Code(
    "definition_mismatch",
    "凭证所依据的证照类型定义与签发机关公布的不同",
    "The credential holds on to another definition of its type than its issuer has",
);

pub(crate) const KEY_BINDING_MISSING: Code = Code(
    "key_binding_missing",
    "没有持证人对本次请求的签名，出示者可能只有一份副本",
    "The holder did not sign this request: whoever shows it may have a copy only",
);

pub(crate) const KEY_BINDING_REPLAYED: Code = Code(
    "key_binding_replayed",
    "持证人的签名是为另一次请求、另一个对象、另一时间或另一份内容而作的，不能用在这里",
    "The holder signed for another request, recipient, time or contents: it does not count here",
);

pub(crate) const KEY_BINDING_REFUSED: Code =
    Code("key_binding_refused", "持证人的签名不成立", "The holder's signature does not hold");

pub(crate) const KEY_BINDING_NOT_COMPARED: Code = Code(
    "key_binding_not_compared",
    "持证人的签名成立，但没有给出随机数和对象，未与本次请求比对",
    "The holder's signature holds, but no nonce and recipient were given to compare it with",
);

pub(crate) const KEY_BINDING_NOT_SHOWN: Code = Code(
    "key_binding_not_shown",
    "凭证绑定了持证人的密钥，但出示者没有证明自己持有它；请核对持证人本人",
    "The credential is bound to its holder's key, but nobody showed that he has it; check the person",
);

pub(crate) const KEY_BINDING_ACCOUNT: Code = Code(
    "key_binding_account",
    "持证人签名的密钥、摘要和时间",
    "Key, digest and time of the holder's signature",
);

pub(crate) const NOT_SIGNED: Code =
    Code("not_signed", "文件里没有电子签章", "There is no electronic seal in the file");

pub(crate) const UNREADABLE: Code = Code("unreadable", "文件无法读取", "The file cannot be read");

pub(crate) const CHANGED_AFTER_SEAL: Code = Code(
    "changed_after_seal",
    "盖章之后文件被追加或修改",
    "The file was added to or changed after sealing",
);

/// The part of a file that was changed after sealing, for the finding's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Changed {
    Page,
    Field,
    Annotation,
    SignatureField,
    Metadata,
    Evidence,
    Content,
    Structure,
    Hidden,
}

impl Changed {
    /// One finding for every part, with different texts.
    pub(crate) const fn code(self) -> Code {
        let (zh, en) = match self {
            Self::Page => {
                ("盖章之后页面内容被改动", "The content of a page was changed after sealing")
            }
            Self::Field => (
                "盖章之后表单域被改动，而签名不允许，或显示的与填写的不一致",
                "A form field was changed after sealing though it may not be, or shows something else than it holds",
            ),
            Self::Annotation => (
                "盖章之后页面上加了或改了批注，而签名不允许",
                "A comment was added or changed after sealing, which the signature does not permit",
            ),
            Self::SignatureField => (
                "盖章之后加入的签名域不只是签名",
                "A signature field that was added after sealing does more than sign",
            ),
            Self::Metadata => (
                "盖章之后文件的标题、作者等信息被改动",
                "The title, author or other metadata were changed after sealing",
            ),
            Self::Evidence => (
                "盖章之后写入的验证资料里有别的内容",
                "Something else than evidence was put beside the signature after sealing",
            ),
            Self::Content => {
                ("盖章之后文件内容被改动", "The content of the file was changed after sealing")
            }
            Self::Structure => (
                "盖章之后文件的结构被改动，不同软件显示的内容可能不同",
                "The structure of the file was changed after sealing: programs may show it differently",
            ),
            Self::Hidden => (
                "盖章之后加入了不显示的内容",
                "Something that is not shown was added after sealing",
            ),
        };
        Code(CHANGED_AFTER_SEAL.0, zh, en)
    }
}

pub(crate) const BYTES_BEHIND: Code = Code(
    "bytes_behind",
    "文件末尾之后还有内容，不属于任何一次保存",
    "Something stands behind the end of the file that belongs to no saving of it",
);

pub(crate) const LATER_SIGNATURE_PAINTS: Code = Code(
    "later_signature_paints",
    "后来的签名在页面上画了图形，可能遮住内容",
    "A later signature paints on a page and may cover content",
);

pub(crate) const FIELD_LOOK_UNKNOWN: Code = Code(
    "field_look_unknown",
    "盖章后填写了表单项，或改了它的样子，但无法确认它显示的就是它的值",
    "A form field was filled in or given another look after sealing; whether it shows its value could not be told",
);

pub(crate) const IDENTIFIER_CHANGED: Code = Code(
    "identifier_changed",
    "签名之后文件标识（/ID）换成了另一个；页面上不显示它",
    "The file identifier (/ID) was replaced after signing; no page shows it",
);

pub(crate) const HIDDEN_LAYERS: Code = Code(
    "hidden_layers",
    "文件里有默认不显示的图层",
    "The document has layers that are not shown by default",
);

pub(crate) const ANNOTATION_PAINTS: Code = Code(
    "annotation_paints",
    "文件里有批注画在页面上，可能遮住内容",
    "An annotation paints on a page and may cover content",
);

pub(crate) const ACTIVE_CONTENT: Code = Code(
    "active_content",
    "文件里有会自动执行的动作",
    "The document contains actions that do something by themselves",
);

pub(crate) const UNLISTED_CONTENT: Code = Code(
    "unlisted_content",
    "文件里有未编入目录的内容，有的软件会把它当作文件的一部分",
    "The file holds what is in no list of objects; some programs would take it for a part of the document",
);

pub(crate) const UNREACHABLE_CONTENT: Code = Code(
    "unreachable_content",
    "文件里有任何页面都不显示的内容",
    "The document holds content that no page shows",
);

pub(crate) const NOT_SEARCHED: Code = Code(
    "not_searched",
    "文件太复杂，没有检查隐藏内容",
    "The document is too complex to be searched for hidden content",
);

pub(crate) const ARCHIVE_UNUSABLE: Code = Code(
    "archive_unusable",
    "文件里的部分归档证据无法读取，未使用",
    "Some of the archive material in the file cannot be read and was not used",
);

pub(crate) const FORM_FILLED: Code = Code(
    "form_filled",
    "签署之后填写了表单域（签名允许这样做）；详情是域名和现在的内容",
    "A field was filled in after signing, as the signature permits; the detail has its name and what it holds now",
);

pub(crate) const LOG_ACCOUNT: Code = Code(
    "log_account",
    "在日志中的位置、日志的根和见证者",
    "Place in the log, its root and its witnesses",
);

pub(crate) const LOG_NOT_WITNESSED: Code = Code(
    "log_not_witnessed",
    "看过该日志的见证者少于要求的数目；可向签发机关索取新的证明",
    "Fewer witnesses saw the log than are asked for; ask the office for a newer proof",
);

pub(crate) const LOG_KEY_UNKNOWN: Code = Code(
    "log_key_unknown",
    "日志证明所用的密钥不在信任名单；请通过另一个渠道向签发机关核对",
    "The key of the log is not on the list of trusted ones; compare it with the office's over another channel",
);

pub(crate) const LOG_PROOF_REFUSED: Code = Code(
    "log_proof_refused",
    "日志证明不成立，或不是为这份文件所作",
    "The proof of the log does not hold, or is about another file",
);

pub(crate) const NOT_IN_LOG: Code = Code(
    "not_in_log",
    "没有登记证明：这枚印章可能是在签发机关不知情时所盖；请向签发机关索取 .tlog-proof 文件",
    "Nothing shows that its office logged this seal, which a thief of its key would not do; ask the office for the .tlog-proof file",
);

pub(crate) const DIGEST_MISMATCH: Code =
    Code("digest_mismatch", "盖章之后文件内容被修改", "The content was changed after sealing");

pub(crate) const WEAK_ALGORITHM: Code = Code(
    "weak_algorithm",
    "签名使用了已被攻破的算法",
    "The signature uses an algorithm that is broken",
);

pub(crate) const UNSUPPORTED_ALGORITHM: Code = Code(
    "unsupported_algorithm",
    "签名使用了本程序不核验的算法",
    "The signature uses an algorithm that this program does not check",
);

pub(crate) const UNSUPPORTED_PATH: Code = Code(
    "unsupported_path",
    "证书链使用了本程序不核验的算法或曲线",
    "The certificate path uses an algorithm or curve that this program does not check",
);

pub(crate) const UNKNOWN_SEAL_KIND: Code = Code(
    "unknown_seal_kind",
    "这种签章不是本程序核验的格式；请用签发方的软件核验",
    "This kind of seal is not checked here; use its maker's software",
);

pub(crate) const SIGNER_MISSING: Code = Code(
    "signer_missing",
    "文件里没有可读取的签名人证书，无法核验签名；请向签发方索取带证书的文件",
    "No readable certificate of the signer is in the file, so the signature cannot be checked; ask for a file that has it",
);

pub(crate) const OLD_ALGORITHM: Code = Code(
    "old_algorithm",
    "签名算法的一部分（MGF1 的 SHA-1）已过时，但签名仍可核验",
    "A part of the signature algorithm (SHA-1 in MGF1) is old; the signature can be checked all the same",
);

pub(crate) const REVOCATION_DATA_UNUSED: Code = Code(
    "revocation_data_unused",
    "有与签名证书有关的吊销信息无法使用，不能确认证书未被吊销",
    "Revocation data about a certificate cannot be used, so it is not settled that it was not revoked",
);

pub(crate) const REVOCATION_DATA_OTHER_TIME: Code = Code(
    "revocation_data_other_time",
    "手头的吊销信息不覆盖所问的时间",
    "The revocation data at hand does not speak for the time in question",
);

pub(crate) const REVOCATION_DATA_OF_OTHERS: Code = Code(
    "revocation_data_of_others",
    "给出的部分吊销信息与本文件的证书无关，未使用",
    "Some of the revocation data at hand is not about this file's certificates and was not used",
);

pub(crate) const OLD_BINDING: Code = Code(
    "old_binding",
    "签名用旧方式（SHA-1）标明签名证书",
    "The signature names its certificate in an old way, with SHA-1",
);

pub(crate) const TIMESTAMP_BROKEN: Code = Code(
    "timestamp_broken",
    "时间戳无效，或不是为这份签名所盖",
    "The time stamp does not hold, or is about something else",
);

/// Unusable too, with another text: its authority's key did not make it.
pub(crate) const TIMESTAMP_NOT_SIGNED: Code = Code(
    "timestamp_unusable",
    "时间戳的签名不成立，时间未得到证明",
    "The signature of the time stamp does not hold: the time is not proved",
);

pub(crate) const TIMESTAMP_UNUSABLE: Code = Code(
    "timestamp_unusable",
    "时间戳无法使用，按没有时间戳的签名核验",
    "The time stamp cannot be used; the signature is judged as one without it",
);

pub(crate) const TIMESTAMP_UNTRUSTED: Code = Code(
    "timestamp_untrusted",
    "时间戳机构不在信任名单，时间未得到证明",
    "The time stamp's authority is not trusted: the time is not proved",
);

pub(crate) const TIMESTAMP_UNCHECKED: Code = Code(
    "timestamp_unchecked",
    "没有时间戳机构证书的吊销信息，时间未得到证明",
    "There is no revocation data for the time stamp's authority: the time is not proved",
);

pub(crate) const JUDGED_AT_PROVEN_TIME: Code = Code(
    "judged_at_proven_time",
    "按时间戳证明的时间核验了证书",
    "The certificate was judged for the time that a time stamp proves",
);

pub(crate) const SIGNATURE_BROKEN: Code =
    Code("signature_broken", "签名数据有误", "The signature is broken");

pub(crate) const SIGNATURE_MALFORMED: Code = Code(
    "signature_malformed",
    "签名域里的内容不构成一个签名",
    "A signature field holds what is no signature",
);

pub(crate) const SAVED_AGAIN: Code = Code(
    "saved_again",
    "签名与文件的字节对不上，多半是文件被别的程序重新保存过；请索取原件",
    "The signature does not fit the bytes of the file: most likely it was saved again by another program; ask for the original",
);

pub(crate) const CERTIFICATION_MALFORMED: Code = Code(
    "certification_malformed",
    "认证签名的权限写法有误或自相矛盾，不同软件会作不同理解",
    "The certification's permissions are malformed or contradict each other: programs would read them differently",
);

pub(crate) const SIGNED_IN_THE_FUTURE: Code = Code(
    "signed_in_the_future",
    "签名自称的时间晚于核验时间",
    "The time that the signature claims is after the time of this verification",
);

pub(crate) const UNKNOWN_ISSUER: Code = Code(
    "unknown_issuer",
    "签发者的根证书不在信任名单；请向所称的签发机关核实，或扫证照上的二维码、用编号查询",
    "The signer's root is not trusted; ask the office that is named as the issuer, scan the QR symbol on the licence, or look its number up",
);

pub(crate) const CERTIFICATE_EXPIRED: Code =
    Code("certificate_expired", "印章证书不在有效期内", "The certificate is outside its validity");

pub(crate) const SEAL_REVOKED: Code =
    Code("seal_revoked", "印章证书已被吊销", "The seal's certificate was revoked");

pub(crate) const NO_REVOCATION_DATA: Code = Code(
    "no_revocation_data",
    "没有证书的吊销信息",
    "There is no revocation data for a certificate",
);

pub(crate) const PATH_RULE: Code =
    Code("path_rule", "证书链不符合规则", "The certificate path breaks a rule");

pub(crate) const NOT_ENTITLED: Code = Code(
    "not_entitled",
    "签章者无权签发此类证照",
    "The signer is not entitled to issue this licence",
);

pub(crate) const NOT_OUR_PROFILE: Code = Code(
    "not_our_profile",
    "不是本系统签发的签章形式",
    "Not the form of seal that this system makes",
);

pub(crate) const STATUS_ACCOUNT: Code =
    Code("status_account", "状态的来源", "Where the status was read");

pub(crate) const STATUS_AGED: Code = Code(
    "status_aged",
    "状态列表已过建议的更新时间，之后的变化看不到",
    "The status list is older than its office asks for; later changes do not show",
);

pub(crate) const STATUS_CONTRADICTED: Code = Code(
    "status_contradicted",
    "签发机关的状态列表互相矛盾；已撤销的证照不会恢复有效，以撤销为准",
    "Lists of the office contradict each other; what was revoked stays revoked",
);

pub(crate) const RECORDS_UNREADABLE: Code = Code(
    "records_unreadable",
    "签发机关的记录读取失败，本次核验缺少这部分依据；请稍后重新核验",
    "The office cannot read its records; what they would say is missing here. Verify again later",
);

pub(crate) const STATUS_OTHER_TIME: Code = Code(
    "status_other_time",
    "手头的状态列表不覆盖所问的时间",
    "The status lists at hand do not speak for the time in question",
);

pub(crate) const STATUS_LIST_REFUSED: Code = Code(
    "status_list_refused",
    "提供的一份状态列表不能使用，原因见详情",
    "A status list that was given cannot be used; the detail says why",
);

pub(crate) const STATUS_NO_ENTRY: Code = Code(
    "status_no_entry",
    "状态列表里没有这份证照的条目，或条目的含义未知",
    "The status list has no entry of this licence, or one without a meaning",
);

pub(crate) const STATUS_UNKNOWN: Code = Code(
    "status_unknown",
    "没有可用的状态列表；请扫证照上的二维码，或用编号查询",
    "No usable status list; scan the QR symbol on the licence, or look its number up",
);

pub(crate) const VALIDITY_ACCOUNT: Code =
    Code("validity_account", "有效期的起止", "Beginning and end of validity");

#[cfg(test)]
mod tests {
    /// Findings are shown on pages and on paper as well; the command line adds its hints itself.
    #[test]
    fn words_of_findings_name_no_options() {
        let own = include_str!("codes.rs").split("#[cfg(test)]").next().unwrap();
        for source in [own, include_str!("words.rs")] {
            let named = source.lines().find(|line| line.contains("--"));
            assert_eq!(named, None);
        }
    }
}
