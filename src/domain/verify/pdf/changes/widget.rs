//! The widget of a new signature field: the field itself, or a separate object (ISO 32000-1,
//! 12.5.6.19 and 12.7.3.1).

use super::{Comparison, name, number_of};
use crate::domain::verify::report::codes::Changed;
use crate::format::pdf::read::{Dict, Object, ReadError};

impl Comparison<'_, '_> {
    /// Number and dictionary of the widget that a new field shows on its page. `None`, with a
    /// finding, when it has several widgets, or an existing one.
    pub(super) fn widget_of(
        &mut self,
        field: u32,
        dict: &Dict,
    ) -> Result<Option<(u32, Dict)>, ReadError> {
        let unknown = dict.iter().find(|(key, _)| !WIDGET_KEYS.contains(key) && *key != b"Kids");
        if let Some((key, _)) = unknown {
            self.refuse(
                Changed::SignatureField,
                Some(field),
                format!("the new signature field has {}", name(key)),
            );
        }
        let lock = dict.get("Lock").and_then(number_of);
        let more = ["Kids", "DR"].iter().any(|key| dict.get(key).is_some());
        self.since.incidental |= more || lock.is_some();
        let Some(kids) = dict.get("Kids") else {
            if dict.get("Subtype").is_some_and(|kind| !is_widget(kind)) {
                self.refuse(
                    Changed::SignatureField,
                    Some(field),
                    "the new field is another annotation".to_owned(),
                );
            }
            return Ok(Some((field, dict.clone())));
        };
        self.explained.extend(number_of(kids).filter(|list| self.differs(*list)));
        let list = self.new.resolve(kids, self.budget)?;
        let only = match list.array() {
            Some([kid]) => number_of(kid),
            _ => None,
        };
        let Some(number) = only else {
            self.refuse(
                Changed::SignatureField,
                Some(field),
                "the new signature field has several parts".to_owned(),
            );
            return Ok(None);
        };
        let (before, _) = self.old.numbered(number, self.budget)?;
        let (after, _) = self.new.numbered(number, self.budget)?;
        let (Object::Null, Object::Dict(widget)) = (before, after) else {
            self.refuse(
                Changed::SignatureField,
                Some(number),
                "the new signature field takes over a widget".to_owned(),
            );
            return Ok(None);
        };
        if let Some((key, _)) = widget.iter().find(|(key, _)| !PART_KEYS.contains(key)) {
            self.refuse(
                Changed::SignatureField,
                Some(number),
                format!("the new field's widget has {}", name(key)),
            );
        }
        if !widget.get("Subtype").is_some_and(is_widget) {
            self.refuse(
                Changed::SignatureField,
                Some(number),
                "the new field's part is no widget".to_owned(),
            );
        }
        if widget.get("Parent").is_some_and(|parent| number_of(parent) != Some(field)) {
            self.refuse(
                Changed::SignatureField,
                Some(number),
                "the new widget belongs to another field".to_owned(),
            );
        }
        self.judged.insert(number);
        Ok(Some((number, widget)))
    }
}

fn is_widget(kind: &Object) -> bool {
    kind.name() == Some(b"Widget")
}

/// Required keys of a signature's widget (tables 164, 188, 220, 232).
const WIDGET_KEYS: [&[u8]; 23] = [
    b"Type", b"Subtype", b"FT", b"T", b"TU", b"TM", b"V", b"F", b"Ff", b"P", b"Rect", b"AP",
    b"Lock", b"SV", b"MK", b"BS", b"Border", b"H", b"NM", b"M", b"DA", b"DR", b"AS",
];
/// The same for a widget that is a separate object.
const PART_KEYS: [&[u8]; 15] = [
    b"Type", b"Subtype", b"Parent", b"F", b"P", b"Rect", b"AP", b"MK", b"BS", b"Border", b"H",
    b"NM", b"M", b"DA", b"AS",
];
