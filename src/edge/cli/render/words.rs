//! Words for people in the place of codes: events, notes, states. JSON and tables keep the codes.

use crate::base::localized::{Language, Localized};
use crate::domain::licence::standing::Reason;
use crate::store::EventKind;

/// What happened.
pub(in crate::edge::cli) fn event(kind: EventKind) -> Localized {
    let (zh, en) = match kind {
        EventKind::Opened => ("纪元开始", "epoch begun"),
        EventKind::Reserved => ("预留编号", "numbers reserved"),
        EventKind::Void => ("编号作废", "numbers void"),
        EventKind::Returned => ("退还编号", "numbers returned"),
        EventKind::Defined => ("类型定义", "type defined"),
        EventKind::Issued => ("签发", "issued"),
        EventKind::StatusChanged => ("状态变更", "status changed"),
        EventKind::Confirmed => ("确认时钟", "clock confirmed"),
        EventKind::Registered => ("登记", "registered"),
        EventKind::Proposed => ("待批件", "proposal"),
        EventKind::Reported => ("核验报告", "report sealed"),
        EventKind::Accessed => ("查阅", "looked up"),
        EventKind::Consented => ("持有人同意", "consent"),
    };
    Localized::new(zh, en)
}

/// What was done, where the event does not say it.
pub(in crate::edge::cli) fn note(note: &str, language: Language) -> String {
    let parts: Vec<_> = note.split(' ').collect();
    match (language, parts.as_slice()) {
        (Language::Zh, ["log", "key", id, "retired"]) => format!("日志密钥 {id} 停用"),
        (Language::Zh, ["webhook", "key", new, "instead", "of", old, ..]) => {
            format!("webhook 密钥 {new} 取代 {}", old.trim_end_matches(','))
        }
        (Language::En, ["log" | "webhook", "key", ..]) => note.to_owned(),
        _ => {
            let words: Vec<_> = parts.iter().map(|code| code_in(code, language)).collect();
            words.join(if language == Language::Zh { "，" } else { ", " })
        }
    }
}

fn code_in(code: &str, language: Language) -> String {
    let state = code.strip_prefix("destination_");
    match (Reason::parse(code), language) {
        (Some(reason), _) => reason.words().of(language).to_owned(),
        (None, Language::Zh) => match state {
            Some(state) => format!("接收地址{}", of(state)),
            None => of(code).to_owned(),
        },
        (None, Language::En) => match state {
            Some(state) => format!("destination {state}"),
            None => code.to_owned(),
        },
    }
}

/// The Chinese of a state or a step; what is not known stays as it is.
pub(in crate::edge::cli) fn of(code: &str) -> &str {
    let known = STATES.iter().find(|(known, _)| *known == code);
    known.map_or(code, |(_, zh)| *zh)
}

/// A state in the reader's language.
pub(in crate::edge::cli) fn state(code: &str, language: Language) -> &str {
    match language {
        Language::Zh => of(code),
        Language::En => code,
    }
}

const STATES: [(&str, &str); 15] = [
    ("active", "有效"),
    ("suspended", "已暂停"),
    ("revoked", "已撤销"),
    ("superseded", "已被替代"),
    ("expired", "已到期"),
    ("resumed", "恢复使用"),
    ("pending", "待批"),
    ("proposed", "提交"),
    ("edited", "修改"),
    ("approved", "已批准"),
    ("refused", "已退回"),
    ("paused", "已暂停"),
    ("disabled", "已停用"),
    ("removed", "已删除"),
    ("failing", "发送失败"),
];
