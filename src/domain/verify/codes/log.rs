//! What is said of a licence's place in the log of its office.

use super::Code;

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
