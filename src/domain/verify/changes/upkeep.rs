//! What programs note about themselves when they save: dates, and which program it was.

use super::{Comparison, name, number_of};
use crate::format::pdf::read::{Object, ReadError};

impl Comparison<'_, '_> {
    /// The information dictionary (ISO 32000-1, 14.3.3): a title or an author must stay.
    pub(super) fn info(
        &mut self,
        before: Option<&Object>,
        after: &Object,
    ) -> Result<(), ReadError> {
        let null = Object::Null;
        let (old, new) = self.both(before.unwrap_or(&null), after)?;
        let number = number_of(after);
        self.judged.extend(number);
        let (old, new) = (old.dict().cloned().unwrap_or_default(), new.dict().cloned());
        let new = new.unwrap_or_default();
        for key in old.differing(&new, self.bytes()) {
            let text = matches!(
                new.iter().find(|(known, _)| *known == key),
                Some((_, Object::String { .. }))
            );
            if text && matches!(key, b"ModDate" | b"Producer") {
                self.upkeep = true;
            } else {
                self.refuse(number, format!("{} of the document's information changed", name(key)));
            }
        }
        self.leave_all(&new, &[]);
        Ok(())
    }

    /// The metadata (14.3.2): the same but for the dates and names of saving.
    pub(super) fn metadata(
        &mut self,
        before: Option<&Object>,
        after: &Object,
    ) -> Result<(), ReadError> {
        let same =
            before == Some(after) && number_of(after).is_none_or(|number| !self.differs(number));
        if same {
            self.leave(b"Metadata", after);
            return Ok(());
        }
        let (old, new) = self.both(before.unwrap_or(&Object::Null), after)?;
        let (Object::Stream(old), Object::Stream(new)) = (old, new) else {
            self.refuse(number_of(after), "the metadata was added or taken away".to_owned());
            return Ok(());
        };
        let texts = (
            self.old.stream(&old, self.budget)?.map(|bytes| without_saving(&bytes)),
            self.new.stream(&new, self.budget)?.map(|bytes| without_saving(&bytes)),
        );
        if !matches!(&texts, (Some(old), Some(new)) if old == new) {
            self.refuse(number_of(after), "the metadata changed".to_owned());
        }
        self.upkeep = true;
        self.permit(after)?;
        Ok(())
    }
}

/// A metadata packet without what changes at every saving, and without white space.
fn without_saving(packet: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(packet).into_owned();
    for name in SAVING {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        text = cut(&text, &open, &close);
        text = cut(&text, &format!("{name}=\""), "\"");
        text = cut(&text, &format!("{name}='"), "'");
    }
    text.chars().filter(|character| !character.is_whitespace()).collect()
}

/// The text without the plain values between two marks, and without the marks.
fn cut(text: &str, open: &str, close: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(open) {
        kept.push_str(before);
        match after.split_once(close) {
            // Markup inside of it would be more than a date.
            Some((value, behind)) if !value.contains('<') => rest = behind,
            _ => {
                kept.push_str(open);
                rest = after;
            }
        }
    }
    kept + rest
}

const SAVING: [&str; 4] =
    ["xmp:ModifyDate", "xmp:MetadataDate", "pdf:Producer", "xmpMM:InstanceID"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_saving_changes_is_overlooked() {
        let packet = |date: &str, title: &str| {
            let text = format!("<x xmp:ModifyDate=\"{date}\">  <t>{title}</t>\n</x>");
            without_saving(text.as_bytes())
        };
        assert_eq!(packet("1", "a"), packet("2", "a"));
        assert_ne!(packet("1", "a"), packet("1", "b"));
        let hidden = without_saving(b"<xmp:ModifyDate><b>x</b></xmp:ModifyDate>");
        assert!(hidden.contains("<b>x</b>"));
    }
}
