//! `useCause`: the reason of a request, as a purpose and an item of this API.
//!
//! The object has both: `certificateCopyCause` is the purpose, `certificateEventCode` the item, or
//! the number of a case without an item. The other members repeat this in other words: they are
//! checked for their form and not stored, since the registration names the calling system. The text
//! form has both in one line, `用途|事项编码`; a text with a purpose alone is refused, because an access
//! without an item could not be checked against anything.

use serde_json::Value;

use super::members::{Members, wrong};
use super::status::{HeadStatus, Refused};

/// Purpose and item of a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cause {
    /// One of the client's purposes, if it is right.
    pub(super) purpose: String,
    /// The service item or case.
    pub(super) item: String,
}

impl Cause {
    /// Parses `useCause`.
    pub(super) fn take(data: &mut Members) -> Result<Self, Refused> {
        match data.take("useCause") {
            None => Err(Refused::because(HeadStatus::Empty, "useCause")),
            Some(Value::String(text)) => Self::of_text(&text),
            Some(object) => Self::of_object(Members::of(object, "useCause")?),
        }
    }

    fn of_text(text: &str) -> Result<Self, Refused> {
        short(text, "useCause")?;
        let text = text.replace('｜', "|");
        let mut parts = text.split('|');
        let (purpose, item, more) = (parts.next(), parts.next(), parts.next());
        match (purpose, item, more) {
            (Some(purpose), Some(item), None) if !purpose.is_empty() && !item.is_empty() => {
                Ok(Self { purpose: purpose.to_owned(), item: item.to_owned() })
            }
            _ => Err(Refused::because(
                HeadStatus::Empty,
                "useCause 为文字时应写作“用途|事项编码”，两项都不能为空",
            )),
        }
    }

    fn of_object(mut cause: Members) -> Result<Self, Refused> {
        let purpose = cause.text("certificateCopyCause")?;
        let item = cause.text("certificateEventCode")?;
        short(&purpose, "certificateCopyCause")?;
        short(&item, "certificateEventCode")?;
        match cause.take("certificateCallCategory") {
            None => {}
            Some(category) if ["0", "1"].iter().any(|one| category == *one) => {}
            Some(category) if category == 0 || category == 1 => {}
            Some(_) => return Err(wrong("certificateCallCategory", "应为 0 或 1")),
        }
        for name in ["certificateMatterName", "certificateSystemName"] {
            short(&cause.optional(name)?.unwrap_or_default(), name)?;
        }
        cause.done()?;
        Ok(Self { purpose, item })
    }
}

fn short(text: &str, name: &str) -> Result<(), Refused> {
    if text.chars().count() > 200 { Err(wrong(name, "至多 200 字")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;

    #[test]
    fn both_forms_name_a_purpose_and_an_item() {
        let read = |cause: Value| {
            let data = Map::from_iter([("useCause".to_owned(), cause)]);
            Cause::take(&mut Members::new(data))
                .map(|cause| format!("{} / {}", cause.purpose, cause.item))
                .map_err(|refused| refused.status.number())
        };
        let right = Ok("入学登记 / 2026-000117".to_owned());
        let object = json!({
            "certificateCopyCause": "入学登记", "certificateEventCode": "2026-000117",
            "certificateCallCategory": "0", "certificateMatterName": "小学入学", "certificateSystemName": "报名系统",
        });
        assert_eq!(read(object.clone()), right);
        assert_eq!(read(json!("入学登记|2026-000117")), right);
        assert_eq!(read(json!("入学登记｜2026-000117")), right);
        let with = |name: &str, value: Value| {
            let mut object = object.clone();
            object[name] = value;
            read(object)
        };
        assert_eq!(with("certificateCallCategory", json!(1)), right);
        assert_eq!(with("certificateSystemName", Value::Null), right);
        for (name, value, status) in [
            ("certificateCopyCause", Value::Null, 12),
            ("certificateEventCode", json!(""), 12),
            ("certificateCopyCause", json!(7), 901),
            ("certificateCallCategory", json!("2"), 901),
            ("certificateCallCategory", json!(true), 901),
            ("certificateMatterName", json!("示".repeat(201)), 901),
            ("purpose", json!("入学登记"), 901),
        ] {
            assert_eq!(with(name, value), Err(status), "{name}");
        }
        for (text, status) in
            [("", 12), ("入学登记", 12), ("|1", 12), ("入学登记|", 12), ("入学登记|1|2", 12)]
        {
            assert_eq!(read(json!(text)), Err(status), "{text}");
        }
        assert_eq!(read(json!("示".repeat(201))), Err(901));
        assert_eq!(read(json!(["入学登记"])), Err(901));
        assert_eq!(read(Value::Null), Err(12));
    }
}
