//! Changes that programs make to metadata when they save: dates, and the program's name.

use super::{Comparison, name, number_of};
use crate::base::limits::Budget;
use crate::domain::verify::report::codes::Changed;
use crate::format::pdf::read::{Dict, Object, Packet, ReadError, Stream};

impl Comparison<'_, '_> {
    /// The information dictionary (ISO 32000-1, 14.3.3): title and author must not change.
    pub(super) fn info(
        &mut self,
        before: Option<&Object>,
        after: &Object,
    ) -> Result<(), ReadError> {
        let null = Object::Null;
        let number = number_of(after);
        if before == Some(after) && number.is_none_or(|number| !self.differs(number)) {
            self.leave(b"Info", after);
            return Ok(());
        }
        let (old, new) = self.both(before.unwrap_or(&null), after)?;
        self.judged.extend(number);
        let (null, old) = (matches!(old, Object::Null), old.dict().cloned());
        let (Some(old), Object::Dict(new)) = (old.or_else(|| null.then(Dict::default)), new) else {
            let what = "the document's information is no dictionary".to_owned();
            self.refuse(Changed::Metadata, number, what);
            return Ok(());
        };
        for key in old.differing(&new, self.bytes()) {
            let text = matches!(
                new.iter().find(|(known, _)| *known == key),
                Some((_, Object::String { .. }))
            );
            if text && matches!(key, b"ModDate" | b"Producer") {
                self.since.incidental = true;
            } else {
                self.refuse(
                    Changed::Metadata,
                    number,
                    format!("{} of the document's information changed", name(key)),
                );
            }
        }
        self.leave_all(&new, &[]);
        Ok(())
    }

    /// The metadata (14.3.2): unchanged except for the date of saving and the program's name.
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
        let fine = match (&old, &new) {
            (_, Object::Stream(new)) if !self.is_plain_packet(&old, new) => false,
            (Object::Stream(old), Object::Stream(new)) => {
                let before = self.old.stream(old, self.budget)?;
                let after = self.new.stream(new, self.budget)?;
                match (before, after) {
                    (Some(before), Some(after)) => {
                        before == after || is_same_but_for_saving(&before, &after, self.budget)?
                    }
                    _ => false,
                }
            }
            (Object::Null, Object::Stream(new)) => match self.new.stream(new, self.budget)? {
                Some(after) => {
                    let said = without_saving(&after, self.budget)?;
                    said.is_some_and(|said| said == Packet::default())
                }
                None => false,
            },
            _ => false,
        };
        if !fine {
            self.refuse(Changed::Metadata, number_of(after), "the metadata changed".to_owned());
        }
        self.since.incidental = true;
        self.permit(after)?;
        Ok(())
    }

    /// Whether a metadata stream's dictionary differs only in the encoding of its bytes.
    fn is_plain_packet(&self, old: &Object, new: &Stream) -> bool {
        let encoding =
            |key: &&[u8]| !matches!(*key, b"Length" | b"Filter" | b"DecodeParms" | b"DL");
        match old {
            Object::Stream(old) => {
                !old.dict.differing(&new.dict, self.bytes()).iter().any(encoding)
            }
            _ => new
                .dict
                .iter()
                .map(|(key, _)| key)
                .filter(encoding)
                .all(|key| matches!(key, b"Type" | b"Subtype")),
        }
    }
}

fn is_same_but_for_saving(
    before: &[u8],
    after: &[u8],
    budget: &mut Budget,
) -> Result<bool, ReadError> {
    let Some(before) = without_saving(before, budget)? else { return Ok(false) };
    Ok(without_saving(after, budget)? == Some(before))
}

/// A packet without the properties that change at every saving. `None` when it is ambiguous.
fn without_saving(packet: &[u8], budget: &mut Budget) -> Result<Option<Packet>, ReadError> {
    let mut packet = Packet::read(packet, budget)?;
    if let Some(packet) = &mut packet {
        for (namespace, name) in DATES {
            packet.forget(namespace, name, is_date);
        }
        for (namespace, name) in NAMES {
            packet.forget(namespace, name, |_| true);
        }
    }
    Ok(packet)
}

/// Whether a text is a date (ISO 8601).
fn is_date(text: &str) -> bool {
    text.chars().all(|one| one.is_ascii_digit() || matches!(one, '-' | '+' | ':' | '.' | 'T' | 'Z'))
}

const DATES: [(&str, &str); 2] = [
    ("http://ns.adobe.com/xap/1.0/", "ModifyDate"),
    ("http://ns.adobe.com/xap/1.0/", "MetadataDate"),
];
/// Properties with the name of the program, and the identifier of this saving.
const NAMES: [(&str, &str); 2] = [
    ("http://ns.adobe.com/pdf/1.3/", "Producer"),
    ("http://ns.adobe.com/xap/1.0/mm/", "InstanceID"),
];

#[cfg(test)]
mod tests {
    use super::*;

    const XMLNS: &str = "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" \
        xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\" \
        xmlns:dc=\"http://purl.org/dc/elements/1.1/\"";

    fn packet(attributes: &str, inside: &str) -> String {
        format!(
            "<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><rdf:RDF {XMLNS}><rdf:Description \
             rdf:about='' {attributes}>{inside}</rdf:Description></rdf:RDF><?xpacket end='w'?>"
        )
    }

    fn same(one: &str, two: &str) -> bool {
        is_same_but_for_saving(one.as_bytes(), two.as_bytes(), &mut Budget::default()).unwrap()
    }

    #[test]
    fn notes_of_saving_are_overlooked_where_they_belong() {
        let title = "<dc:title>a</dc:title>";
        let before = packet("xmp:ModifyDate='1' pdf:Producer='p'", title);
        for after in [
            packet("", title),
            packet("pdf:Producer=\"q > 'r'\" dc:title='a'", "<xmp:ModifyDate>2</xmp:ModifyDate>"),
            packet("xmlns:o='http://ns.adobe.com/xap/1.0/' o:MetadataDate='3'", title),
        ] {
            assert!(same(&before, &after), "{after}");
        }
    }

    #[test]
    fn notes_of_saving_count_nowhere_else() {
        let title = |inside: &str| packet("", &format!("<dc:title>{inside}</dc:title>"));
        let before = title("a");
        for after in [
            title("a xmp:ModifyDate=\"b\""),
            title("a&lt;xmp:ModifyDate&gt;b&lt;/xmp:ModifyDate&gt;"),
            title("a<![CDATA[<xmp:ModifyDate>b</xmp:ModifyDate>]]>"),
            title("a<!-- xmp:ModifyDate='b' -->"),
            title("a<?xpacket xmp:ModifyDate='b'?>"),
            title("a<xmp:ModifyDate>b</xmp:ModifyDate>"),
            title("<xmp:ModifyDate>a</xmp:ModifyDate>"),
            packet("xmlns:o='urn:o' o:ModifyDate='1'", "<dc:title>a</dc:title>"),
            packet("", "<dc:title>a</dc:title><xmp:ModifyDate><xmp:a/></xmp:ModifyDate>"),
            packet("", "<dc:title>a</dc:title><xmp:ModifyDate xml:lang='b'>1</xmp:ModifyDate>"),
            packet(
                "",
                "<dc:title>a</dc:title><rdf:Description><xmp:ModifyDate/></rdf:Description>",
            ),
            packet("", "<dc:title>a</dc:title><xmp:Modify>1</xmp:Modify>"),
            packet("xmp:ModifyDate='paid'", "<dc:title>a</dc:title>"),
            packet("xmlns:xmp='urn:o'", "<dc:title>a</dc:title><xmp:ModifyDate>b</xmp:ModifyDate>"),
        ] {
            assert!(!same(&before, &after), "{after}");
        }
    }

    #[test]
    fn a_packet_that_says_something_is_not_empty() {
        let is_empty = |attributes: &str, inside: &str| {
            let packet = packet(attributes, inside);
            let said = without_saving(packet.as_bytes(), &mut Budget::default()).unwrap();
            said == Some(Packet::default())
        };
        assert!(is_empty("pdf:Producer='p q'", ""));
        assert!(is_empty("", "<xmp:ModifyDate>1</xmp:ModifyDate>"));
        assert!(!is_empty("", "<dc:title>x</dc:title>"));
        assert!(!is_empty("", "x"));
        assert!(!is_empty("dc:title='x'", ""));
    }
}
