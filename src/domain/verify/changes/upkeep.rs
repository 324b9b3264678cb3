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
                self.since.upkeep = true;
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
        let now = match &new {
            Object::Stream(new) => self.new.stream(new, self.budget)?,
            _ => None,
        };
        let now = now.map(|bytes| without_saving(&bytes));
        let fine = match (&old, now) {
            (Object::Stream(old), Some(now)) => {
                let before = self.old.stream(old, self.budget)?;
                before.is_some_and(|bytes| without_saving(&bytes) == now)
            }
            (Object::Null, Some(now)) => is_empty(&now),
            _ => false,
        };
        if !fine {
            self.refuse(number_of(after), "the metadata changed".to_owned());
        }
        self.since.upkeep = true;
        self.permit(after)?;
        Ok(())
    }
}

/// Whether a packet says nothing: frames around nothing, with the names of their vocabularies.
fn is_empty(packet: &str) -> bool {
    packet.split_inclusive('>').map(str::trim).all(|tag| {
        let inner = tag.strip_prefix('<').and_then(|tag| tag.strip_suffix('>'));
        let Some(inner) = inner else { return tag.is_empty() };
        inner.starts_with("?xpacket ") || is_frame(inner.trim_matches('/'))
    })
}

/// Whether a tag is one of the frames around all metadata, with no value of its own.
fn is_frame(tag: &str) -> bool {
    let bare = |name: &str| {
        let name = name.trim().trim_end_matches('=');
        name.starts_with("xmlns:") || ["", "x:xmptk", "rdf:about"].contains(&name)
    };
    FRAMES.iter().filter_map(|frame| tag.strip_prefix(frame)).any(|attributes| {
        // Outside of the quotes stand the names.
        attributes.split('"').step_by(2).all(bare)
    })
}

/// A metadata packet without what changes at every saving; white space is all the same.
fn without_saving(packet: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(packet).into_owned();
    for name in SAVING {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        text = cut(&text, &open, &close);
        text = cut(&text, &format!("{name}=\""), "\"");
        text = cut(&text, &format!("{name}='"), "'");
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace("> <", "><")
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

const FRAMES: [&str; 3] = ["x:xmpmeta", "rdf:RDF", "rdf:Description"];
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

    #[test]
    fn a_packet_that_says_something_is_not_empty() {
        let packet = |inside: &str, attribute: &str| {
            let text = format!(
                "<?xpacket begin=\"x\"?><x:xmpmeta x:xmptk=\"a b\"><rdf:RDF xmlns:rdf=\"y\">\
                 <rdf:Description {attribute} rdf:about=\"\">{inside}</rdf:Description></rdf:RDF>\
                 </x:xmpmeta>"
            );
            is_empty(&without_saving(text.as_bytes()))
        };
        assert!(packet("", "pdf:Producer=\"p q\""));
        assert!(packet("<xmp:ModifyDate>1</xmp:ModifyDate>", ""));
        assert!(!packet("<dc:title>x</dc:title>", ""));
        assert!(!packet("x", ""));
        assert!(!packet("", "dc:title=\"x\""));
    }
}
