//! The codes of findings, each with its text, so that a finding without text cannot be constructed.

use serde::{Serialize, Serializer};

use super::verdict::Verdict;
use crate::base::limits::DETAIL_CHARACTERS;
use crate::base::localized::Localized;

/// A code a row: its name for programs, the verdict that it leads to by itself when it is fatal,
/// and its sentence in Chinese and English.
macro_rules! codes {
    ($($variant:ident = $name:literal, $verdict:ident, $zh:literal, $en:literal;)*) => {
        /// What a finding is about. Programs may rely on the names; new ones are added.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $en] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its name in reports.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The verdict that a fatal finding leads to by itself. One file may have several that
            /// lead to different verdicts; the report has the worst.
            pub const fn verdict(self) -> Verdict {
                match self {
                    $(Self::$variant => Verdict::$verdict,)*
                }
            }

            /// Its sentence.
            pub fn message(self) -> Localized {
                match self {
                    $(Self::$variant => Localized::new($zh, $en),)*
                }
            }
        }
    };
}

impl PartialEq<&str> for Code {
    fn eq(&self, name: &&str) -> bool {
        self.name() == *name
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A text that quotes a file, cut to a readable length.
pub(in crate::domain::verify) fn shortened(text: String) -> String {
    match text.char_indices().nth(DETAIL_CHARACTERS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

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
    /// The sentence of [`Code::ChangedAfterSeal`] for this part.
    pub(crate) fn message(self) -> Localized {
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
        Localized::new(zh, en)
    }
}

codes! {
    CredentialMismatch = "credential_mismatch", Invalid,
        "附带的数据凭证与证照不符",
        "The attached credential does not fit the licence";
    CredentialRefused = "credential_refused", Invalid,
        "凭证未通过验证",
        "The credential does not check";
    UnsupportedCredential = "unsupported_credential", NotEnoughEvidence,
        "这种凭证的写法不是本程序核验的",
        "The credential is written in a way that this program does not check";
    CredentialAccount = "credential_account", NotEnoughEvidence,
        "凭证的签名、证书、时间和披露项",
        "Signature, certificates, times and disclosures";
    CredentialSignerRevoked = "credential_signer_revoked", Invalid,
        "签发凭证的证书已被吊销",
        "The certificate that signed the credential was revoked";
    DefinitionMismatch = "definition_mismatch", Invalid,
        "凭证所依据的证照类型定义与签发机关公布的不同",
        "The credential holds on to another definition of its type than its issuer has";
    KeyBindingMissing = "key_binding_missing", NotEnoughEvidence,
        "没有持证人对本次请求的签名，出示者可能只有一份副本",
        "The holder did not sign this request: whoever shows it may have a copy only";
    KeyBindingReplayed = "key_binding_replayed", Invalid,
        "持证人的签名是为另一次请求、另一个对象、另一时间或另一份内容而作的，不能用在这里",
        "The holder signed for another request, recipient, time or contents: it does not count here";
    KeyBindingRefused = "key_binding_refused", Invalid,
        "持证人的签名不成立",
        "The holder's signature does not hold";
    KeyBindingNotCompared = "key_binding_not_compared", NotEnoughEvidence,
        "持证人的签名成立，但没有给出随机数和对象，未与本次请求比对",
        "The holder's signature holds, but no nonce and recipient were given to compare it with";
    KeyBindingNotShown = "key_binding_not_shown", NotEnoughEvidence,
        "凭证绑定了持证人的密钥，但出示者没有证明自己持有它；请核对持证人本人",
        "The credential is bound to its holder's key, but nobody showed that he has it; check the person";
    KeyBindingAccount = "key_binding_account", NotEnoughEvidence,
        "持证人签名的密钥、摘要和时间",
        "Key, digest and time of the holder's signature";
    NotSigned = "not_signed", NotSigned,
        "文件里没有电子签章",
        "There is no electronic seal in the file";
    Unreadable = "unreadable", Unreadable,
        "文件无法读取",
        "The file cannot be read";
    ChangedAfterSeal = "changed_after_seal", Altered,
        "盖章之后文件被追加或修改",
        "The file was added to or changed after sealing";
    BytesBehind = "bytes_behind", Altered,
        "文件末尾之后还有内容，不属于任何一次保存",
        "Something stands behind the end of the file that belongs to no saving of it";
    LaterSignaturePaints = "later_signature_paints", NotEnoughEvidence,
        "后来的签名在页面上画了图形，可能遮住内容",
        "A later signature paints on a page and may cover content";
    FieldLookUnknown = "field_look_unknown", NotEnoughEvidence,
        "盖章后填写了表单项，或改了它的样子，但无法确认它显示的就是它的值",
        "A form field was filled in or given another look after sealing; whether it shows its value could not be told";
    IdentifierChanged = "identifier_changed", NotEnoughEvidence,
        "签名之后文件标识（/ID）换成了另一个；页面上不显示它",
        "The file identifier (/ID) was replaced after signing; no page shows it";
    HiddenLayers = "hidden_layers", NotEnoughEvidence,
        "文件里有默认不显示的图层",
        "The document has layers that are not shown by default";
    AnnotationPaints = "annotation_paints", NotEnoughEvidence,
        "文件里有批注画在页面上，可能遮住内容",
        "An annotation paints on a page and may cover content";
    ActiveContent = "active_content", NotEnoughEvidence,
        "文件里有会自动执行的动作",
        "The document contains actions that do something by themselves";
    UnlistedContent = "unlisted_content", NotEnoughEvidence,
        "文件里有未编入目录的内容，有的软件会把它当作文件的一部分",
        "The file holds what is in no list of objects; some programs would take it for a part of the document";
    UnreachableContent = "unreachable_content", NotEnoughEvidence,
        "文件里有任何页面都不显示的内容",
        "The document holds content that no page shows";
    NotSearched = "not_searched", NotEnoughEvidence,
        "文件太复杂，没有检查隐藏内容",
        "The document is too complex to be searched for hidden content";
    ArchiveUnusable = "archive_unusable", NotEnoughEvidence,
        "文件里的部分归档证据无法读取，未使用",
        "Some of the archive material in the file cannot be read and was not used";
    FormFilled = "form_filled", NotEnoughEvidence,
        "签署之后填写了表单域（签名允许这样做）；详情是域名和现在的内容",
        "A field was filled in after signing, as the signature permits; the detail has its name and what it holds now";
    LogAccount = "log_account", NotEnoughEvidence,
        "在日志中的位置、日志的根和见证者",
        "Place in the log, its root and its witnesses";
    LogNotWitnessed = "log_not_witnessed", NotEnoughEvidence,
        "看过该日志的见证者少于要求的数目；可向签发机关索取新的证明",
        "Fewer witnesses saw the log than are asked for; ask the office for a newer proof";
    LogKeyUnknown = "log_key_unknown", NotEnoughEvidence,
        "日志证明所用的密钥不在信任名单；请通过另一个渠道向签发机关核对",
        "The key of the log is not on the list of trusted ones; compare it with the office's over another channel";
    LogProofRefused = "log_proof_refused", NotEnoughEvidence,
        "日志证明不成立，或不是为这份文件所作",
        "The proof of the log does not hold, or is about another file";
    NotInLog = "not_in_log", NotEnoughEvidence,
        "没有登记证明：这枚印章可能是在签发机关不知情时所盖；请向签发机关索取 .tlog-proof 文件",
        "Nothing shows that its office logged this seal, which a thief of its key would not do; ask the office for the .tlog-proof file";
    DigestMismatch = "digest_mismatch", Altered,
        "盖章之后文件内容被修改",
        "The content was changed after sealing";
    WeakAlgorithm = "weak_algorithm", Invalid,
        "签名使用了已被攻破的算法",
        "The signature uses an algorithm that is broken";
    UnsupportedAlgorithm = "unsupported_algorithm", NotEnoughEvidence,
        "签名使用了本程序不核验的算法",
        "The signature uses an algorithm that this program does not check";
    UnsupportedPath = "unsupported_path", NotEnoughEvidence,
        "证书链使用了本程序不核验的算法或曲线",
        "The certificate path uses an algorithm or curve that this program does not check";
    UnknownSealKind = "unknown_seal_kind", NotEnoughEvidence,
        "这种签章不是本程序核验的格式；请用签发方的软件核验",
        "This kind of seal is not checked here; use its maker's software";
    SignerMissing = "signer_missing", NotEnoughEvidence,
        "文件里没有可读取的签名人证书，无法核验签名；请向签发方索取带证书的文件",
        "No readable certificate of the signer is in the file, so the signature cannot be checked; ask for a file that has it";
    OldAlgorithm = "old_algorithm", NotEnoughEvidence,
        "签名算法的一部分（MGF1 的 SHA-1）已过时，但签名仍可核验",
        "A part of the signature algorithm (SHA-1 in MGF1) is old; the signature can be checked all the same";
    RevocationDataUnused = "revocation_data_unused", NotEnoughEvidence,
        "有与签名证书有关的吊销信息无法使用，不能确认证书未被吊销",
        "Revocation data about a certificate cannot be used, so it is not settled that it was not revoked";
    RevocationDataOtherTime = "revocation_data_other_time", NotEnoughEvidence,
        "手头的吊销信息不覆盖所问的时间",
        "The revocation data at hand does not speak for the time in question";
    RevocationDataOfOthers = "revocation_data_of_others", NotEnoughEvidence,
        "给出的部分吊销信息与本文件的证书无关，未使用",
        "Some of the revocation data at hand is not about this file's certificates and was not used";
    OldBinding = "old_binding", NotEnoughEvidence,
        "签名用旧方式（SHA-1）标明签名证书",
        "The signature names its certificate in an old way, with SHA-1";
    TimestampBroken = "timestamp_broken", Invalid,
        "时间戳无效，或不是为这份签名所盖",
        "The time stamp does not hold, or is about something else";
    TimestampUnusable = "timestamp_unusable", NotEnoughEvidence,
        "时间戳无法使用，按没有时间戳的签名核验",
        "The time stamp cannot be used; the signature is judged as one without it";
    TimestampUntrusted = "timestamp_untrusted", NotEnoughEvidence,
        "时间戳机构不在信任名单，时间未得到证明",
        "The time stamp's authority is not trusted: the time is not proved";
    TimestampUnchecked = "timestamp_unchecked", NotEnoughEvidence,
        "没有时间戳机构证书的吊销信息，时间未得到证明",
        "There is no revocation data for the time stamp's authority: the time is not proved";
    JudgedAtProvenTime = "judged_at_proven_time", NotEnoughEvidence,
        "按时间戳证明的时间核验了证书",
        "The certificate was judged for the time that a time stamp proves";
    SignatureBroken = "signature_broken", Invalid,
        "签名数据有误",
        "The signature is broken";
    SignatureMalformed = "signature_malformed", Invalid,
        "签名域里的内容不构成一个签名",
        "A signature field holds what is no signature";
    SavedAgain = "saved_again", Invalid,
        "签名与文件的字节对不上，多半是文件被别的程序重新保存过；请索取原件",
        "The signature does not fit the bytes of the file: most likely it was saved again by another program; ask for the original";
    CertificationMalformed = "certification_malformed", Invalid,
        "认证签名的权限写法有误或自相矛盾，不同软件会作不同理解",
        "The certification's permissions are malformed or contradict each other: programs would read them differently";
    SignedInTheFuture = "signed_in_the_future", NotEnoughEvidence,
        "签名自称的时间晚于核验时间",
        "The time that the signature claims is after the time of this verification";
    UnknownIssuer = "unknown_issuer", UnknownIssuer,
        "签发者的根证书不在信任名单；请向所称的签发机关核实，或扫证照上的二维码、用编号查询",
        "The signer's root is not trusted; ask the office that is named as the issuer, scan the QR symbol on the licence, or look its number up";
    CertificateExpired = "certificate_expired", NotEnoughEvidence,
        "印章证书不在有效期内",
        "The certificate is outside its validity";
    SealRevoked = "seal_revoked", Invalid,
        "印章证书已被吊销",
        "The seal's certificate was revoked";
    NoRevocationData = "no_revocation_data", NotEnoughEvidence,
        "没有证书的吊销信息",
        "There is no revocation data for a certificate";
    PathRule = "path_rule", Invalid,
        "证书链不符合规则",
        "The certificate path breaks a rule";
    NotEntitled = "not_entitled", Invalid,
        "签章者无权签发此类证照",
        "The signer is not entitled to issue this licence";
    NotOurProfile = "not_our_profile", Invalid,
        "不是本系统签发的签章形式",
        "Not the form of seal that this system makes";
    StatusAccount = "status_account", NotEnoughEvidence,
        "状态的来源",
        "Where the status was read";
    StatusAged = "status_aged", NotEnoughEvidence,
        "状态列表已过建议的更新时间，之后的变化看不到",
        "The status list is older than its office asks for; later changes do not show";
    StatusContradicted = "status_contradicted", NotEnoughEvidence,
        "签发机关的状态列表互相矛盾；已撤销的证照不会恢复有效，以撤销为准",
        "Lists of the office contradict each other; what was revoked stays revoked";
    RecordsUnreadable = "records_unreadable", StatusUnknown,
        "签发机关的记录读取失败，本次核验缺少这部分依据；请稍后重新核验",
        "The office cannot read its records; what they would say is missing here. Verify again later";
    NotOnRecord = "not_on_record", StatusUnknown,
        "签发机关的记录里没有这份证照；机构若从备份恢复过，备份之后签发的证照会失去记录，请向签发部门核实",
        "Its office has no record of this licence. An office that was restored from a backup lost the records of what it issued after it: ask the department that issued it";
    StatusOtherTime = "status_other_time", StatusUnknown,
        "手头的状态列表不覆盖所问的时间",
        "The status lists at hand do not speak for the time in question";
    StatusListRefused = "status_list_refused", NotEnoughEvidence,
        "提供的一份状态列表不能使用，原因见详情",
        "A status list that was given cannot be used; the detail says why";
    StatusNoEntry = "status_no_entry", StatusUnknown,
        "状态列表里没有这份证照的条目，或条目的含义未知",
        "The status list has no entry of this licence, or one without a meaning";
    StatusUnknown = "status_unknown", StatusUnknown,
        "没有可用的状态列表；请扫证照上的二维码，或用编号查询",
        "No usable status list; scan the QR symbol on the licence, or look its number up";
    ValidityAccount = "validity_account", NotEnoughEvidence,
        "有效期的起止",
        "Beginning and end of validity";
}

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
