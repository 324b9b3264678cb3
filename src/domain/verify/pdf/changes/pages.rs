//! Pages and their annotations.

use super::comments::Comments;
use super::lists::Grown;
use super::{Comparison, name, number_of};
use crate::base::limits::Purse;
use crate::domain::verify::pdf::certification::Permitted;
use crate::domain::verify::report::Changes;
use crate::domain::verify::report::codes::Changed;
use crate::format::pdf::read::{Object, ReadError};

impl Comparison<'_, '_> {
    /// The page tree (ISO 32000-1, 7.7.3): only the annotation lists of its pages may grow.
    pub(super) fn pages(&mut self, root: &Object) -> Result<(), ReadError> {
        let mut stack = vec![root.clone()];
        while let Some(node) = stack.pop() {
            self.budget.pay(Purse::Steps, 1, "pages")?;
            let Some(number) = number_of(&node) else {
                // A page that is not an indirect object is in an array that must not differ.
                self.leave(b"Pages", &node);
                continue;
            };
            if !self.judged.insert(number) {
                let what = "a page stands twice in the document";
                return Err(ReadError::Structure { at: 0, what });
            }
            let (old, new) = self.both(&node, &node)?;
            let (Some(old), Some(new)) = (old.dict(), new.dict()) else {
                self.unchanged(&node, "a page");
                // What it uses must not change either.
                self.judged.remove(&number);
                self.leave(b"Pages", &node);
                continue;
            };
            let is_page = new.get("Kids").is_none();
            for key in old.differing(new, self.bytes()) {
                if !(is_page && key == b"Annots") {
                    self.refuse(
                        Changed::Page,
                        Some(number),
                        format!("{} of a page changed", name(key)),
                    );
                }
            }
            if is_page {
                let null = &Object::Null;
                let (before, after) =
                    (old.get("Annots").unwrap_or(null), new.get("Annots").unwrap_or(null));
                self.annotations(before, after)?;
                self.leave_all(new, &[b"Annots"]);
            } else {
                if let Some(kids) = new.get("Kids") {
                    self.unchanged(kids, "the list of pages");
                }
                if let Object::Array(kids) = self.new.get(new, "Kids", self.budget)? {
                    stack.extend(kids);
                }
                self.leave_all(new, &[b"Kids"]);
            }
        }
        Ok(())
    }

    fn annotations(&mut self, before: &Object, after: &Object) -> Result<(), ReadError> {
        let Some(Grown { kept, added }) = self.grown(before, after, "a page's annotations")? else {
            return Ok(());
        };
        for annotation in &kept {
            self.annotation(annotation)?;
        }
        let mut comments = Comments::default();
        for annotation in &added {
            match number_of(annotation) {
                Some(number) if self.added.contains(&number) => {}
                number if self.permissions.certified == Some(Permitted::Annotations) => {
                    self.comment(number, annotation, &mut comments)?;
                }
                number => {
                    self.refuse(
                        Changed::Annotation,
                        number,
                        "an annotation was added to a page".to_owned(),
                    );
                }
            }
        }
        self.comments(&comments)
    }

    /// An existing annotation. Widgets of the form were judged as fields.
    fn annotation(&mut self, annotation: &Object) -> Result<(), ReadError> {
        let Some(number) = number_of(annotation) else {
            self.leave(b"Annots", annotation);
            return Ok(());
        };
        if !self.judged.insert(number) {
            return Ok(());
        }
        let (old, new) = self.both(annotation, annotation)?;
        let (Object::Dict(old), Object::Dict(new)) = (&old, &new) else {
            self.unchanged(annotation, "an annotation");
            self.judged.remove(&number);
            self.leave(b"Annots", annotation);
            return Ok(());
        };
        // Other kinds show their contents on the page.
        let subtype = new.get("Subtype").and_then(Object::name);
        let is_comment = subtype.is_some_and(|subtype| COMMENTS.contains(&subtype));
        for key in old.differing(new, self.bytes()) {
            let comment = is_comment && matches!(key, b"Contents" | b"M" | b"Popup");
            if comment && self.permissions.certified == Some(Permitted::Annotations) {
                self.raise(Changes::Annotation);
            } else {
                self.refuse(
                    Changed::Annotation,
                    Some(number),
                    format!("{} of an annotation changed", name(key)),
                );
            }
        }
        self.leave_all(new, &[]);
        Ok(())
    }
}

/// Annotations that show their text in a separate window.
const COMMENTS: [&[u8]; 6] =
    [b"Text", b"Popup", b"Highlight", b"Underline", b"Squiggly", b"StrikeOut"];
