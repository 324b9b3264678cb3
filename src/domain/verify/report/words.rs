//! The exact words of headlines, in Chinese and English; findings and checks have theirs in
//! `codes` and `checks`.

use crate::base::localized::Localized;
use crate::domain::trust::PathError;
use crate::domain::verify::report::{Changes, Verdict};
use crate::format::pdf::read::ambiguous;
use crate::format::x509::Unsupported;

/// A pair of fixed texts.
#[derive(Clone, Copy, Debug)]
pub(in crate::domain::verify) struct Fixed(
    pub(in crate::domain::verify) &'static str,
    pub(in crate::domain::verify) &'static str,
);

impl Fixed {
    pub(in crate::domain::verify) fn into_parts(self) -> (String, String) {
        (self.0.to_owned(), self.1.to_owned())
    }

    pub(in crate::domain::verify) fn words(self) -> Localized {
        Localized::new(self.0, self.1)
    }
}

pub(in crate::domain::verify) const NOT_PDF: Fixed = Fixed(
    "不是 PDF 或证照凭证；请选择签发机关发给您的原文件",
    "it is neither a PDF nor a credential; choose the file as the office issued it",
);
pub(in crate::domain::verify) const ARCHIVE: Fixed = Fixed(
    "这是压缩包，请解压后逐个上传",
    "it is an archive; unpack it and upload the files one by one",
);
pub(in crate::domain::verify) const PICTURE: Fixed = Fixed(
    "这是照片或图片，照片无法核验；请扫证照上的二维码，或输入编号",
    "it is a picture, which cannot be verified; scan the QR symbol on the licence, or enter its number",
);
pub(in crate::domain::verify) const NOT_AT_THE_BEGINNING: Fixed = Fixed(
    "%PDF- 不在文件开头，前面另有内容；请索取原文件",
    "%PDF- does not stand at the beginning, something else is in front of it; ask for the original",
);
pub(in crate::domain::verify) const EMPTY: Fixed = Fixed("文件是空的", "the file is empty");
pub(in crate::domain::verify) const ENCRYPTED: Fixed = Fixed(
    "文件有密码保护；请索取没有密码的原文件，或扫二维码、用编号查询",
    "the file is password-protected; ask for the original without a password, or scan the QR symbol \
     or look the number up",
);
pub(in crate::domain::verify) const OVER_BUDGET: Fixed =
    Fixed("文件过大或过于复杂", "the file is too large or too complex");
pub(in crate::domain::verify) const ENDED_BY_TIME: Fixed =
    Fixed("核验超过了规定的时间而中止", "its verification took longer than it may and was ended");
pub(in crate::domain::verify) const CALLER_LEFT: Fixed = Fixed(
    "请求核验的一方已断开，核验中止",
    "whoever asked is gone, and its verification was ended",
);
pub(in crate::domain::verify) const DAMAGED: Fixed =
    Fixed("文件不完整或已损坏", "the file is incomplete or damaged");
pub(in crate::domain::verify) const NO_ANSWER: Fixed =
    Fixed("持证人对本次请求的签名", "the holder's signature on this request");
/// A credential presented without proof of the holder's key.
pub(in crate::domain::verify) const HOLDER_NOT_SHOWN: Fixed = Fixed(
    "凭证由签发机关签发，但出示者没有证明自己是持证人；请让持证人重新出示。",
    "The credential is its issuer's, but whoever shows it did not prove to be its holder. Ask the holder to present it again.",
);
/// A credential presented with a proof that is not the holder's, or not for this request.
pub(in crate::domain::verify) const HOLDER_REFUSED: Fixed = Fixed(
    "凭证由签发机关签发，但出示时的签名不是持证人对本次请求的签名，请勿采信；请让持证人重新出示。",
    "The credential is its issuer's, but the signature it is shown with is not its holder's for this request. Do not rely on it; ask the holder to present it again.",
);
pub(in crate::domain::verify) const SAVED_AGAIN: Fixed = Fixed(
    "文件被别的程序重新保存过，签章已无法核验；请索取原件，或扫二维码、用编号查询。",
    "The file was saved again by another program, so its seal can no longer be checked. Ask for the original, or scan the code or look it up by number.",
);
pub(in crate::domain::verify) const WEAK: Fixed = Fixed(
    "签章使用的算法或密钥已不安全，不能证明内容未被改动，请勿采信；请索取用安全算法签署的文件。",
    "The seal is made with an algorithm or key that is no longer safe and proves nothing. Do not rely on it; ask for a file that is signed with a safe one.",
);
pub(in crate::domain::verify) const STATUS_LIST: Fixed = Fixed(
    "这是签发机关的状态列表，不是证照；它随证照一起用于核验",
    "it is a status list of an office, not a licence; it is used along with a licence",
);
pub(in crate::domain::verify) const NO_CREDENTIAL: Fixed = Fixed(
    "不是证照凭证，或复制时少了结尾的“~”",
    "it is no credential of a licence, or its last “~” was lost in copying",
);
pub(in crate::domain::verify) const NOT_IN_LOG: Fixed =
    Fixed("签发机关日志中的登记证明", "a proof that it is in its office's log");
/// Why a certificate is not valid at the instant asked for.
pub(in crate::domain::verify) fn outside_validity(error: &PathError) -> Fixed {
    match error {
        PathError::NotYetValid { .. } => Fixed(
            "证书在所问的时间尚未生效",
            "the certificate was not yet valid at the time that is asked about",
        ),
        _ => Fixed(
            "证书已过期，且没有可信时间戳",
            "the certificate has expired and there is no trusted time",
        ),
    }
}

pub(in crate::domain::verify) const NO_TIME: Fixed =
    Fixed("可以使用的时间戳", "a time stamp that can be used");

/// The gap when a certificate of the path is signed with an unsupported algorithm.
pub(in crate::domain::verify) fn unsupported_path(
    name: &str,
    algorithm: &Unsupported,
) -> (String, String) {
    (
        format!("“{name}”的证书使用 {algorithm} 签名，本程序不核验这种算法或曲线"),
        format!("the certificate of {name} is signed with {algorithm}, which is not checked here"),
    )
}

/// Why a signature cannot be checked: its own algorithm or curve.
pub(in crate::domain::verify) fn unsupported(algorithm: &Unsupported) -> (String, String) {
    (
        format!("签名算法或曲线 {algorithm} 不在本程序核验的范围内"),
        format!("this program does not check {algorithm}"),
    )
}

/// Why a credential cannot be checked: it uses features that are not supported.
pub(in crate::domain::verify) fn unsupported_credential(what: &str) -> (String, String) {
    (
        format!("凭证的写法（{what}）不在本程序核验的范围内"),
        format!("this program does not check credentials like it ({what})"),
    )
}

/// Why a signature cannot be checked: the kind of its message.
pub(in crate::domain::verify) fn unknown_kind(sub_filter: &str) -> (String, String) {
    (
        format!("这种签章（{sub_filter}）不是本程序能核验的格式"),
        format!("this program does not check seals of the kind {sub_filter}"),
    )
}

pub(in crate::domain::verify) const NO_SIGNER: Fixed =
    Fixed("文件里没有可读取的签名人证书", "no readable certificate of the signer is in the file");

/// Why a file with this fault is not read, although it may be intact.
pub(in crate::domain::verify) fn structure(what: &str) -> Fixed {
    match what {
        ambiguous::NO_OBJECT => Fixed(
            "交叉引用指向的位置没有对象，不同的软件会读出不同的内容；请索取原文件",
            "its cross-reference points where no object stands, so that programs read it \
             differently; ask for the original",
        ),
        ambiguous::NO_SECTION => Fixed(
            "交叉引用链指向的位置没有交叉引用，不同的软件会读出不同的内容；请索取原文件",
            "its chain of cross-references leads to a place where none stands, so that programs \
             read it differently; ask for the original",
        ),
        ambiguous::TWO_PLACES => Fixed(
            "文件的两份交叉引用相互矛盾，不同的软件会读出不同的内容；请索取原文件",
            "its two cross-references contradict each other, so that programs read it \
             differently; ask for the original",
        ),
        ambiguous::FIELD_TWICE => Fixed(
            "表单把同一个域列了两次，不同的软件会作不同理解；请索取原文件",
            "its form lists a field twice, which programs understand differently; ask for the \
             original",
        ),
        _ => DAMAGED,
    }
}

/// The facts that a headline mentions.
#[derive(Debug, Default)]
pub(in crate::domain::verify) struct Facts {
    pub(in crate::domain::verify) issuer: (String, String),
    pub(in crate::domain::verify) time: String,
    pub(in crate::domain::verify) date: String,
    pub(in crate::domain::verify) reason: (String, String),
    pub(in crate::domain::verify) successor: String,
    pub(in crate::domain::verify) is_licence: bool,
    /// Whether a seal could not be checked, so that it is not known to be intact.
    pub(in crate::domain::verify) not_checked: bool,
    /// Whether the office's own records lack the licence.
    pub(in crate::domain::verify) not_on_record: bool,
    /// The greatest change after a signature that permits it.
    pub(in crate::domain::verify) changes: Option<Changes>,
    /// A text that is more precise than the verdict's headline.
    pub(in crate::domain::verify) instead: Option<Fixed>,
}

/// The text that revocation data of these certificates is missing, in Chinese and English.
pub(in crate::domain::verify) fn no_revocation((zh, en): &(String, String)) -> Localized {
    Localized {
        zh: format!("没有以下证书的吊销信息：{zh}"),
        en: format!("No revocation data for: {en}"),
    }
}

/// The gap that the headline names then.
pub(in crate::domain::verify) fn revocation_of((zh, en): &(String, String)) -> (String, String) {
    (format!("{zh}的吊销信息"), format!("revocation data of {en}"))
}

/// The headline of a verdict.
pub(in crate::domain::verify) fn headline(verdict: Verdict, facts: &Facts) -> Localized {
    let Facts { issuer, time, date, reason, successor, is_licence, .. } = facts;
    if let Some(instead) = facts.instead {
        return instead.words();
    }
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
        Verdict::Valid => {
            let Fixed(zh, en) = since_signing(facts.changes);
            (
                format!("签章有效：由{}签署，{zh}。这不是本系统的证照。", issuer.0),
                format!(
                    "The signature is valid. Signed by {}, {en}. This is no licence of this system.",
                    issuer.1
                ),
            )
        }
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
        Verdict::StatusUnknown | Verdict::NotEnoughEvidence | Verdict::Unreadable => {
            return not_told(verdict, facts);
        }
        Verdict::Altered | Verdict::Invalid | Verdict::UnknownIssuer | Verdict::NotSigned => {
            return fixed_headline(verdict).words();
        }
    };
    Localized { zh, en }
}

/// The permitted change after a signature, in words.
fn since_signing(changes: Option<Changes>) -> Fixed {
    match changes {
        Some(Changes::Form) => Fixed(
            "签署后按许可填写过表单，其余未改动",
            "a form filled in afterwards as permitted, otherwise unchanged",
        ),
        Some(Changes::Annotation) => Fixed(
            "签署后按许可加过批注或填写过表单，其余未改动",
            "comments or form entries added afterwards as permitted, otherwise unchanged",
        ),
        _ => Fixed("签署后未改动", "unchanged"),
    }
}

/// The headline of a verdict with an evidence gap.
fn not_told(verdict: Verdict, facts: &Facts) -> Localized {
    let Facts { time, reason, not_checked, .. } = facts;
    let (zh, en) = match verdict {
        Verdict::StatusUnknown if facts.not_on_record => (
            "真实；但签发机关没有这份证照的记录，不能说明现在是否有效，请向签发部门核实。".to_owned(),
            "Genuine; but its office has no record of it and cannot say whether it is in force. Ask \
             the department that issued it."
                .to_owned(),
        ),
        Verdict::StatusUnknown => {
            let (zh, en) = if time.is_empty() {
                ("从未查询过".to_owned(), "never looked up".to_owned())
            } else {
                (format!("最近{time}"), format!("last known {time}"))
            };
            (
                format!("真实；暂时无法查询当前状态（{zh}）。"),
                format!("Genuine; current status unavailable ({en})."),
            )
        }
        Verdict::NotEnoughEvidence if *not_checked => (
            format!(
                "无法在此核验该签章：{}。这不表示它是伪造的；请用签发方的软件核验或向签发机关核实。",
                reason.0
            ),
            format!(
                "The seal cannot be checked here: {}. This does not mean that it is forged; use its \
                 maker's software, or ask the issuer.",
                reason.1
            ),
        ),
        Verdict::NotEnoughEvidence => (
            format!("签章完整，但缺少证明其当时有效的证据（{}）。", reason.0),
            format!(
                "Seal intact, but what would prove it was good at the time is missing ({}).",
                reason.1
            ),
        ),
        _ => (
            format!("无法读取该文件：{}。", reason.0),
            format!("This file cannot be read: {}.", reason.1),
        ),
    };
    Localized { zh, en }
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
