//! Labels for the parts of a report, on web pages, on paper and on a terminal.
//!
//! A signature's details are taken from its JSON form, so that a new member of the report is shown
//! everywhere; one without a label is shown under its own name.

use serde_json::Value;

use crate::base::localized::Localized;
use crate::domain::verify::report::{Answer, Verdict};

/// A verdict in one or two words.
pub fn title(verdict: Verdict) -> Localized {
    let (zh, en) = match verdict {
        Verdict::Valid => ("有效", "Valid"),
        Verdict::Altered => ("盖章后被改动", "Changed after sealing"),
        Verdict::Invalid => ("验证未通过", "Does not check"),
        Verdict::UnknownIssuer => ("签发者未知", "Unknown issuer"),
        Verdict::StatusUnknown => ("状态未知", "Status unknown"),
        Verdict::NotEnoughEvidence => ("证据不足", "Not enough evidence"),
        Verdict::Revoked => ("已撤销", "Revoked"),
        Verdict::Suspended => ("已暂停", "Suspended"),
        Verdict::Expired => ("已到期", "Expired"),
        Verdict::NotYetInForce => ("尚未生效", "Not yet in force"),
        Verdict::Superseded => ("已被替代", "Replaced"),
        Verdict::NotSigned => ("没有电子签章", "No seal"),
        Verdict::Unreadable => ("无法读取", "Cannot be read"),
    };
    Localized::new(zh, en)
}

/// An answer to one of the two questions.
pub fn answer(answer: Answer) -> Localized {
    let (zh, en) = match answer {
        Answer::Yes => ("是", "yes"),
        Answer::No => ("否", "no"),
        Answer::Unknown => ("无法判断", "cannot tell"),
        Answer::NotApplicable => {
            ("不适用：不是本系统的证照", "does not apply: no licence of this system")
        }
    };
    Localized::new(zh, en)
}

/// One detail of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// Its path in the JSON form, separated by dots.
    pub name: String,
    /// Its label in both languages.
    pub label: Localized,
    /// Its value; the same in both languages for names, times and numbers.
    pub value: Localized,
}

/// Every detail of a signature (or of any other JSON object), in order. Null and empty members are
/// left out.
pub fn details(value: &Value) -> Vec<Detail> {
    let mut all = Vec::new();
    collect(value, "", LEVELS, &mut all);
    all
}

fn collect(value: &Value, name: &str, levels: usize, all: &mut Vec<Detail>) {
    let Some(levels) = levels.checked_sub(1) else { return };
    let inner = |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") };
    match value {
        Value::Null => {}
        Value::Object(map) => match (map.get("zh"), map.get("en")) {
            (Some(Value::String(zh)), Some(Value::String(en))) => {
                all.push(detail(name, Localized::new(zh, en)));
            }
            _ => map.iter().for_each(|(key, value)| collect(value, &inner(key), levels, all)),
        },
        Value::Array(items) if items.iter().all(|item| !item.is_object() && !item.is_array()) => {
            let texts: Vec<_> = items.iter().map(plain).collect();
            if !texts.is_empty() {
                all.push(detail(name, same(&texts.join(", "))));
            }
        }
        Value::Array(items) => {
            for (item, number) in items.iter().zip(1_u32..) {
                collect(item, &inner(&number.to_string()), levels, all);
            }
        }
        Value::String(text) if text.is_empty() => {}
        Value::String(text) => {
            all.push(detail(name, term(text).unwrap_or_else(|| same(text))));
        }
        Value::Bool(_) | Value::Number(_) => all.push(detail(name, same(&plain(value)))),
    }
}

fn detail(name: &str, value: Localized) -> Detail {
    Detail { name: name.to_owned(), label: label(name), value }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn same(text: &str) -> Localized {
    Localized::new(text, text)
}

fn label(name: &str) -> Localized {
    let (zh, en) = match name {
        "field" => ("签名域", "field"),
        "kind" => ("种类", "kind"),
        "signer" => ("签章者", "signer"),
        "level" => ("签名格式", "level"),
        "digest" => ("内容摘要", "digest"),
        "signature" => ("签名值", "signature"),
        "trust" => ("证书链", "path"),
        "revocation" => ("吊销状态", "revocation"),
        "changes" => ("其后改动", "after it"),
        "signed_at" => ("签章时间", "time"),
        "time_source" => ("时间来源", "time from"),
        "details.object" => ("对象号", "object"),
        "details.bytes" => ("签名范围（字节）", "bytes from and to"),
        "details.revision" => ("签名的版本", "revision"),
        "details.revisions" => ("文件的版本数", "revisions of the file"),
        "details.algorithm" => ("算法", "algorithm"),
        "details.serial" => ("证书序列号", "serial number"),
        "details.fingerprint" => ("证书 SHA-256", "certificate SHA-256"),
        "details.certificate_from" => ("证书生效", "certificate from"),
        "details.certificate_until" => ("证书到期", "certificate until"),
        "details.path" => ("签发路径", "issued by"),
        "details.judged_at" => ("核验的时刻", "judged for"),
        "details.revocation_as_of" => ("吊销信息时间", "revocation data of"),
        "details.time_authority" => ("时间戳机构", "time stamp authority"),
        other => (other, other),
    };
    Localized::new(zh, en)
}

/// The fixed terms of the report; anything else is a name, a time or a number.
fn term(code: &str) -> Option<Localized> {
    let (zh, en) = match code {
        "passed" => ("通过", "passed"),
        "failed" => ("未通过", "failed"),
        "unknown" => ("无法判断", "cannot tell"),
        "seal" => ("印章", "seal"),
        "signature" => ("签名", "signature"),
        "timestamp" => ("文档时间戳", "document timestamp"),
        "none" => ("无", "none"),
        "archive" => ("仅长期保存材料", "archive material only"),
        "form" => ("填写表单", "form filling"),
        "annotation" => ("批注", "comments"),
        "other" => ("其他改动", "other changes"),
        "self_asserted" => ("签章者自称", "the signer"),
        "office_tsa" => ("机关时间戳", "time stamp of the office"),
        "independent_tsa" => ("独立时间戳机构", "independent time stamp authority"),
        _ => return None,
    };
    Some(Localized::new(zh, en))
}

/// Reports are two levels deep.
const LEVELS: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_detail_is_shown_known_or_not() {
        let signature = serde_json::json!({
            "field": "Seal", "digest": "passed", "signed_at": null, "times": [{ "at": 7 }],
            "rules": ["a", "b"], "why": { "zh": "因", "en": "for" }, "empty": [],
        });
        let shown: Vec<_> = details(&signature)
            .into_iter()
            .map(|one| format!("{} {}={} {}", one.label.zh, one.name, one.value.zh, one.value.en))
            .collect();
        let expected = [
            "签名域 field=Seal Seal",
            "内容摘要 digest=通过 passed",
            "times.1.at times.1.at=7 7",
            "rules rules=a, b a, b",
            "why why=因 for",
        ];
        assert_eq!(shown, expected);
    }
}
