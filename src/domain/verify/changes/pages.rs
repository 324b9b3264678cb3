//! Pages and their annotations.

use super::lists::Grown;
use super::{Comparison, name, number_of};
use crate::base::limits::Budget;
use crate::domain::verify::certification::Permitted;
use crate::domain::verify::report::Changes;
use crate::format::pdf::read::{Dict, Object, ReadError};

impl Comparison<'_, '_> {
    /// The page tree (ISO 32000-1, 7.7.3): of its pages, only the lists of annotations may grow.
    pub(super) fn pages(&mut self, root: &Object) -> Result<(), ReadError> {
        let mut stack = vec![root.clone()];
        while let Some(node) = stack.pop() {
            Budget::spend(&mut self.budget.steps, 1, "pages")?;
            let Some(number) = number_of(&node) else {
                // A page that is no object of its own stands in an array that must not differ.
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
                continue;
            };
            let is_page = new.get("Kids").is_none();
            for key in old.differing(new, self.bytes()) {
                if !(is_page && key == b"Annots") {
                    self.refuse(Some(number), format!("{} of a page changed", name(key)));
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
        for annotation in &added {
            match number_of(annotation) {
                Some(number) if self.added.contains(&number) => {}
                number if self.permissions.certified == Some(Permitted::Annotations) => {
                    self.new_annotation(number, annotation)?;
                }
                number => {
                    self.refuse(number, "an annotation was added to a page".to_owned());
                }
            }
        }
        Ok(())
    }

    /// An annotation that was there before. Widgets of the form were judged as fields.
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
            return Ok(());
        };
        for key in old.differing(new, self.bytes()) {
            let comment = matches!(key, b"Contents" | b"M" | b"Popup");
            if comment && self.permissions.certified == Some(Permitted::Annotations) {
                self.raise(Changes::Annotation);
            } else {
                self.refuse(Some(number), format!("{} of an annotation changed", name(key)));
            }
        }
        self.leave_all(new, &[]);
        Ok(())
    }

    /// A comment that a certification permits: one that cannot hide what it comments on.
    ///
    /// Notes may have an appearance, since they are small; marks of text may not: programs draw
    /// them transparently, an appearance of its own could draw anything.
    fn new_annotation(&mut self, number: Option<u32>, value: &Object) -> Result<(), ReadError> {
        let Object::Dict(annotation) = self.new.resolve(value, self.budget)? else {
            self.refuse(number, "what was added to a page is no annotation".to_owned());
            return Ok(());
        };
        self.judged.extend(number);
        let subtype = annotation.get("Subtype").and_then(Object::name).unwrap_or_default();
        let has_appearance = annotation.get("AP").is_some();
        let harmless = match subtype {
            b"Text" | b"Popup" => !has_appearance || self.is_small(&annotation)?,
            b"Highlight" | b"Underline" | b"Squiggly" | b"StrikeOut" => !has_appearance,
            _ => false,
        };
        if !harmless {
            let what = format!("an annotation {} was added that can hide content", name(subtype));
            self.refuse(number, what);
        }
        if annotation.iter().any(|(key, _)| matches!(key, b"A" | b"AA")) {
            self.refuse(number, "an annotation was added that acts".to_owned());
        }
        if let Some(appearance) = annotation.get("AP") {
            self.permit(appearance)?;
        }
        self.leave_all(&annotation, &[b"AP"]);
        self.raise(Changes::Annotation);
        Ok(())
    }

    /// Whether an annotation is no larger than the icon of a note.
    fn is_small(&mut self, annotation: &Dict) -> Result<bool, ReadError> {
        let Object::Array(rect) = self.new.get(annotation, "Rect", self.budget)? else {
            return Ok(false);
        };
        let sides: Vec<f64> = rect.iter().filter_map(Object::number).collect();
        Ok(matches!(sides.as_slice(), [left, bottom, right, top]
            if (right - left).abs() <= ICON && (top - bottom).abs() <= ICON))
    }
}

/// Icons of notes are drawn at about 20 points.
const ICON: f64 = 32.0;
