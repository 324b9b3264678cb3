//! What is said of a signature: its value, its time, and the path of its certificate.

use super::Code;

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

/// Unusable too, in other words: its authority's key did not make it.
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
