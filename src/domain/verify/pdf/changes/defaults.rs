//! Defaults that fields inherit from the form: the default appearance, and the fonts that it names
//! (ISO 32000-1, 12.7.3.3). Programs redraw fields from them, so they may change only for new
//! fields.

use std::collections::BTreeSet;

use super::{Comparison, name, number_of};
use crate::base::limits::{Budget, Purse};
use crate::domain::verify::report::codes::Changed;
use crate::format::pdf::read::{Array, Dict, Object, ReadError};

/// The defaults with which a program redraws the fields of a form.
#[derive(Debug, Default)]
pub(super) struct Defaults {
    /// Whether some field that shows text has no default appearance of its own.
    inherited: bool,
    /// The fonts named by the default appearances in use.
    fonts: BTreeSet<Vec<u8>>,
    /// Whether one of them is escaped.
    escaped: bool,
    /// Whether some drawing appearance has no resources of its own, and may use those of the form.
    bare: bool,
}

impl Defaults {
    /// Whether another default appearance of the form would affect new fields only.
    pub(super) fn may_give_way(&self, to: Option<&Object>) -> bool {
        !self.inherited && matches!(to, Some(Object::String { .. }))
    }

    /// Whether no appearance and no default appearance uses this form `XObject` of the form's
    /// resources.
    pub(super) fn leave_idle(&self, drawing: &[u8]) -> bool {
        !self.bare && !self.name_font(drawing)
    }

    fn add(&mut self, appearance: &Object, budget: &mut Budget) -> Result<(), ReadError> {
        let text = appearance.string().unwrap_or_default();
        // One string may be the appearance of many fields.
        budget.pay(Purse::ReadBytes, text.len(), "bytes of objects")?;
        let ends = |byte: &u8| byte.is_ascii_whitespace() || b"\0/()<>[]{}%".contains(byte);
        self.escaped |= text.contains(&b'#');
        for rest in text.split(|byte| *byte == b'/').skip(1) {
            let name = rest.split(ends).next().unwrap_or_default();
            if !self.fonts.contains(name) {
                let memory = name.len().saturating_add(NODE);
                budget.pay(Purse::Memory, memory, "fonts of fields")?;
                self.fonts.insert(name.to_vec());
            }
        }
        Ok(())
    }

    /// Whether a default appearance in use names this font. An escaped name could be any.
    fn name_font(&self, font: &[u8]) -> bool {
        self.fonts.contains(font) || self.escaped
    }
}

impl Comparison<'_, '_> {
    /// The defaults of the form in the signed state.
    pub(super) fn defaults(&mut self, form: &Dict) -> Result<Defaults, ReadError> {
        let mut defaults = Defaults::default();
        let mut seen = BTreeSet::new();
        let fields = self.old.get(form, "Fields", self.budget)?;
        let list = |object: Object| match object {
            Object::Array(items) => items,
            _ => Array::default(),
        };
        let mut stack: Vec<_> =
            list(fields).into_iter().map(|field| (field, false, false)).collect();
        while let Some((field, signature, has_own)) = stack.pop() {
            self.budget.pay(Purse::Steps, 1, "form fields")?;
            if number_of(&field).is_some_and(|number| !seen.insert(number)) {
                continue;
            }
            let Object::Dict(field) = self.old.resolve(&field, self.budget)? else { continue };
            let signature = match self.old.get(&field, "FT", self.budget)? {
                Object::Name(kind) => &kind[..] == b"Sig",
                _ => signature,
            };
            let own = self.old.get(&field, "DA", self.budget)?;
            let has_own = has_own || own.string().is_some();
            defaults.add(&own, self.budget)?;
            let kids = list(self.old.get(&field, "Kids", self.budget)?);
            let shown = kids.is_empty() || field.get("Rect").is_some();
            defaults.inherited |= shown && !signature && !has_own;
            defaults.bare |= self.has_a_bare_look(&field)?;
            stack.extend(kids.into_iter().map(|kid| (kid, signature, has_own)));
        }
        if defaults.inherited {
            let own = self.old.get(form, "DA", self.budget)?;
            defaults.add(&own, self.budget)?;
        }
        Ok(defaults)
    }

    /// Whether an appearance of this widget in the signed state draws, and has no resources of its
    /// own.
    fn has_a_bare_look(&mut self, widget: &Dict) -> Result<bool, ReadError> {
        let looks = self.old.get(widget, "AP", self.budget)?;
        let mut stack: Vec<Object> =
            looks.dict().into_iter().flat_map(Dict::iter).map(|(_, look)| look.clone()).collect();
        let mut states = true;
        while !stack.is_empty() {
            let mut below = Vec::new();
            for look in std::mem::take(&mut stack) {
                self.budget.pay(Purse::Steps, 1, "looks of fields")?;
                match self.old.resolve(&look, self.budget)? {
                    Object::Stream(look) => {
                        let resources = self.old.get(&look.dict, "Resources", self.budget)?;
                        if resources.dict().is_none() && !look.span.is_empty() {
                            return Ok(true);
                        }
                    }
                    Object::Dict(looks) if states => {
                        below.extend(looks.iter().map(|(_, look)| look.clone()));
                    }
                    _ => {}
                }
            }
            (stack, states) = (below, false);
        }
        Ok(false)
    }

    /// Judges added resources of the form: a font that an existing field names may not be added.
    pub(super) fn default_fonts(
        &mut self,
        defaults: &Defaults,
        before: &Object,
        after: &Object,
    ) -> Result<(), ReadError> {
        let (old, new) = self.both(before, after)?;
        let (old, new) =
            (old.dict().cloned().unwrap_or_default(), new.dict().cloned().unwrap_or_default());
        let old = self.old.get(&old, "Font", self.budget)?;
        let new = self.new.get(&new, "Font", self.budget)?;
        let known: BTreeSet<&[u8]> =
            old.dict().into_iter().flat_map(Dict::iter).map(|(font, _)| font).collect();
        for (font, _) in new.dict().into_iter().flat_map(Dict::iter) {
            if !known.contains(font) && defaults.name_font(font) {
                let what = format!("the font {}, which fields name, was added", name(font));
                self.refuse(Changed::Field, number_of(after), what);
            }
        }
        Ok(())
    }
}

/// Memory of a short name in a set besides its bytes, with the allocation of its own.
const NODE: usize = 64;
