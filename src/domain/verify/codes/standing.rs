//! What is said of standing and term.

use super::Code;

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
