//! Form changes: fields that are filled in, and signatures that are added.

use std::collections::BTreeSet;

use super::lists::Grown;
use super::{Comparison, name, number_of};
use crate::base::limits::{OverBudget, Purse};
use crate::domain::verify::report::Changes;
use crate::domain::verify::report::codes::Changed;
use crate::format::pdf::read::{Dict, Object, ReadError, SignatureField};

/// Attributes that a field inherits from its parents.
#[derive(Clone, Debug, Default)]
struct Above {
    name: String,
    kind: Option<Vec<u8>>,
    /// The value, which can be inherited too, and whether it was filled in.
    value: Option<Object>,
    filled: bool,
    inherited: Inherited,
    depth: usize,
}

/// The attributes that determine how a field shows its value; they must not change.
#[derive(Clone, Debug)]
pub(super) struct Inherited {
    pub(super) flags: i64,
    pub(super) options: Object,
    pub(super) most_characters: u16,
    /// Whether an action formats the text that it shows.
    pub(super) formats: bool,
}

impl Default for Inherited {
    fn default() -> Self {
        Self { flags: 0, options: Object::Null, most_characters: 1, formats: false }
    }
}

impl Above {
    /// The full name of a child field with this partial name.
    fn full_name(&self, partial: Option<&str>) -> String {
        match partial {
            Some(partial) if self.name.is_empty() => partial.to_owned(),
            Some(partial) => format!("{}.{partial}", self.name),
            None => self.name.clone(),
        }
    }
}

impl Comparison<'_, '_> {
    /// The interactive form (ISO 32000-1, 12.7.2).
    pub(super) fn form(&mut self, before: &Object, after: &Object) -> Result<(), ReadError> {
        let (old, new) = self.both(before, after)?;
        let number = number_of(after);
        self.judged.extend(number);
        let old = old.dict().cloned().unwrap_or_default();
        let Object::Dict(new) = new else {
            self.refuse(Changed::Field, number, "the form is no dictionary".to_owned());
            return Ok(());
        };
        let defaults = self.defaults(&old)?;
        let [drew, draws] = [(self.old, &old), (self.new, &new)].map(|(state, form)| {
            state
                .get(form, "NeedAppearances", self.budget)
                .map(|needed| needed == Object::Bool(true))
        });
        self.shows_own_looks = drew? && !draws?;
        for key in old.differing(&new, self.bytes()) {
            let fine = match key {
                b"DA" => defaults.may_give_way(new.get("DA")),
                b"Fields" | b"DR" => new.get("Fields").is_some(),
                b"SigFlags" => flags_grow(&old, &new),
                // `true` would make programs redraw the fields.
                b"NeedAppearances" => {
                    matches!(new.get("NeedAppearances"), None | Some(Object::Bool(false)))
                }
                _ => false,
            };
            if !fine {
                self.refuse(Changed::Field, number, format!("{} of the form changed", name(key)));
            }
            self.since.incidental |= key == b"DA";
        }
        let null = &Object::Null;
        if let Some(resources) = new.get("DR") {
            self.default_fonts(&defaults, old.get("DR").unwrap_or(null), resources)?;
            // PDFBox does so: each further visible signature adds its form, /FRM, there.
            self.resources(old.get("DR").unwrap_or(null), resources, 1, Some(&defaults))?;
        }
        let (before, after) =
            (old.get("Fields").unwrap_or(null), new.get("Fields").unwrap_or(null));
        if let Some(Grown { kept, added }) = self.grown(before, after, "the form")? {
            let mut names = BTreeSet::new();
            for field in &kept {
                self.field(field, &Above::default(), &mut names)?;
            }
            for field in &added {
                self.new_field(field, &mut names)?;
            }
        }
        self.leave_all(&new, &[b"Fields", b"DR"]);
        Ok(())
    }

    /// A field, or a widget of one, that existed before.
    fn field(
        &mut self,
        reference: &Object,
        above: &Above,
        names: &mut BTreeSet<String>,
    ) -> Result<(), ReadError> {
        self.budget.pay(Purse::Steps, 1, "form fields")?;
        if above.depth > self.budget.depth {
            return Err(OverBudget("nesting of fields").into());
        }
        let Some(number) = number_of(reference) else {
            self.leave(b"Fields", reference);
            return Ok(());
        };
        self.judged.insert(number);
        let (old, new) = self.both(reference, reference)?;
        let (Object::Dict(old), Object::Dict(new)) = (&old, &new) else {
            if self.differs(number) {
                self.refuse(Changed::Field, Some(number), "a field is no dictionary".to_owned());
            }
            self.judged.remove(&number);
            self.leave(b"Fields", reference);
            return Ok(());
        };
        let partial = self.new.get(new, "T", self.budget)?.text();
        let full = above.full_name(partial.as_deref());
        self.budget.pay(Purse::Memory, full.len(), "names of fields")?;
        if partial.is_some() {
            names.insert(full.clone());
        }
        let kind = self.new.get(new, "FT", self.budget)?;
        let kind = kind.name().map(<[u8]>::to_vec).or_else(|| above.kind.clone());
        self.pay(old, new)?;
        let differing = old.differing(new, self.bytes());
        let filled = above.filled
            || differing.contains(&&b"V"[..])
            || (kind.as_deref() != Some(b"Sig") && self.value_differs(new)?);
        let judge = Field { number, name: &full, kind: kind.as_deref(), old, new, filled };
        for key in &differing {
            self.field_key(&judge, key)?;
        }
        let ruled = ruled_keys(&judge);
        let shows_anew = self.appearance(&judge)?;
        if let Some(value) = new.get("V") {
            self.value(&judge, value)?;
            if filled && judge.kind != Some(b"Sig") {
                self.filled_in(&judge, value)?;
            }
        }
        let value = new.get("V").cloned().or_else(|| above.value.clone());
        let inherited = self.inherited(new, &above.inherited)?;
        if filled || shows_anew || self.shows_own_looks {
            let value = value.as_ref().unwrap_or(&Object::Null);
            self.looks_like_its_value(&judge, value, &inherited)?;
        }
        let depth = above.depth.saturating_add(1);
        let below = Above { name: full, kind, value, filled, inherited, depth };
        if let Object::Array(kids) = self.new.get(new, "Kids", self.budget)? {
            for kid in kids {
                self.field(&kid, &below, names)?;
            }
        }
        if let Some(list) = new.get("Kids").filter(|list| number_of(list).is_some()) {
            self.unchanged(list, "the list of a field's parts");
        }
        self.leave_all(new, ruled);
        Ok(())
    }

    /// Records what was filled in, so that a reader can compare.
    fn filled_in(&mut self, field: &Field<'_>, value: &Object) -> Result<(), ReadError> {
        let value = self.new.resolve(value, self.budget)?;
        let text = value.text().or_else(|| value.name().map(name)).unwrap_or_default();
        let text: String = text.chars().take(SHOWN).collect();
        self.since.filled.insert(format!("{}: {text}", field.name));
        Ok(())
    }

    /// Whether a value that is an indirect object has changed.
    fn value_differs(&mut self, field: &Dict) -> Result<bool, ReadError> {
        let Some(value) = field.get("V").filter(|value| number_of(value).is_some()) else {
            return Ok(false);
        };
        Ok(!self.permit(value)?.is_empty())
    }

    fn inherited(&mut self, field: &Dict, above: &Inherited) -> Result<Inherited, ReadError> {
        let most = self.new.get(field, "MaxLen", self.budget)?.int();
        let most = most.map(|most| u16::try_from(most).unwrap_or(1).max(1));
        Ok(Inherited {
            flags: self.new.get(field, "Ff", self.budget)?.int().unwrap_or(above.flags),
            options: field.get("Opt").unwrap_or(&above.options).clone(),
            most_characters: most.unwrap_or(above.most_characters),
            formats: above.formats || field.get("AA").is_some(),
        })
    }

    /// Compares the appearance of a field that was filled in, or that looks different, with its
    /// value.
    fn looks_like_its_value(
        &mut self,
        field: &Field<'_>,
        value: &Object,
        inherited: &Inherited,
    ) -> Result<(), ReadError> {
        if field.new.get("Rect").is_none() {
            return Ok(());
        }
        match field.kind {
            Some(b"Sig") => Ok(()),
            Some(b"Btn") => self.button(field, value),
            _ => self.text(field, value, inherited),
        }
    }

    /// One changed key of a field.
    fn field_key(&mut self, judge: &Field<'_>, key: &[u8]) -> Result<(), OverBudget> {
        let Field { number, name: field, kind, old, new, .. } = *judge;
        let signature = kind == Some(b"Sig");
        let newly_signed = signature && matches!(old.get("V"), None | Some(Object::Null));
        let fine = match key {
            b"V" | b"DR" if signature => newly_signed && new.get("V").is_some(),
            b"AP" | b"F" | b"AS" | b"M" if signature => newly_signed && judge.filled,
            b"DA" if signature => {
                let plain = matches!(new.get("DA"), Some(Object::String { .. }));
                newly_signed && judge.filled && plain
            }
            b"V" => true,
            b"AP" => judge.filled || old.get("AP").is_none(),
            b"AS" => judge.filled && matches!(new.get("AS"), Some(Object::Name(_))),
            b"I" => kind == Some(b"Ch") && judge.filled,
            b"M" => matches!(new.get("M"), Some(Object::String { .. })),
            _ => false,
        };
        if !fine {
            let what = format!("{} of the field {field:?} changed", name(key));
            self.refuse(Changed::Field, Some(number), what);
        } else if self.locked(field)? {
            let what = format!("the field {field:?} is locked by the signature");
            self.refuse(Changed::Field, Some(number), what);
        } else if !signature {
            self.raise(Changes::Form);
        }
        Ok(())
    }

    /// Whether the signature locks the field with this full name.
    fn locked(&mut self, name: &str) -> Result<bool, OverBudget> {
        self.permissions.locks.hold(name, self.budget)
    }

    /// Judges a changed value of a field.
    fn value(&mut self, judge: &Field<'_>, value: &Object) -> Result<(), ReadError> {
        let Field { number, name: field, kind, .. } = *judge;
        if kind != Some(b"Sig") {
            let differing = self.permit(value)?;
            if !differing.is_empty() && self.locked(field)? {
                self.refuse(Changed::Field, Some(number), format!("the field {field:?} is locked"));
            }
            let resolved = self.new.resolve(value, self.budget)?;
            if !differing.is_empty() {
                self.raise(Changes::Form);
            }
            if matches!(resolved, Object::Dict(_)) {
                self.refuse(
                    Changed::Field,
                    Some(number),
                    format!("the value of {field:?} is a dictionary"),
                );
            }
            return Ok(());
        }
        if !judge.filled {
            self.leave(b"V", value);
            return Ok(());
        }
        self.new_signature(number, value, judge.new)?;
        Ok(())
    }

    /// Judges the appearance of a field; returns whether it is new or changed. Its objects must
    /// belong to it only; it may change with the value, or be added where there was none.
    /// Appearances of buttons come from the form's author.
    fn appearance(&mut self, judge: &Field<'_>) -> Result<bool, ReadError> {
        let Some(appearance) = judge.new.get("AP") else { return Ok(false) };
        let differing = self.permit(appearance)?;
        let allowed = judge.filled || judge.old.get("AP").is_none();
        let moved = judge.old.get("AP").is_none_or(|old| !old.means(appearance, self.bytes()));
        let shows_anew = moved || !differing.is_empty();
        if shows_anew {
            self.looks(judge.number, appearance)?;
        }
        if judge.kind == Some(b"Btn") && shows_anew {
            self.refuse(
                Changed::Field,
                Some(judge.number),
                "the looks of a button changed".to_owned(),
            );
            return Ok(true);
        }
        match differing.first() {
            Some(number) if !allowed => {
                let what =
                    format!("the field {:?} looks different, with the same value", judge.name);
                self.refuse(Changed::Field, Some(*number), what);
            }
            Some(number) if self.locked(judge.name)? => {
                let what = format!("the field {:?} is locked by the signature", judge.name);
                self.refuse(Changed::Field, Some(*number), what);
            }
            _ => {}
        }
        Ok(shows_anew)
    }

    /// An added field: the widget of a new signature, and nothing else.
    fn new_field(
        &mut self,
        reference: &Object,
        names: &mut BTreeSet<String>,
    ) -> Result<(), ReadError> {
        let number = number_of(reference);
        let resolved = self.new.resolve(reference, self.budget)?;
        let (Some(number), Object::Dict(field)) = (number, resolved) else {
            self.refuse(
                Changed::Field,
                number,
                "what was added to the form is no field".to_owned(),
            );
            return Ok(());
        };
        let is_signature = field.get("FT").and_then(Object::name) == Some(b"Sig");
        let value = field.get("V").cloned().unwrap_or(Object::Null);
        if !is_signature || value == Object::Null {
            self.refuse(
                Changed::SignatureField,
                Some(number),
                "a field was added that holds no signature".to_owned(),
            );
            return Ok(());
        }
        let Some((place, widget)) = self.widget_of(number, &field)? else { return Ok(()) };
        let full = self.new.get(&field, "T", self.budget)?.text().unwrap_or_default();
        if full.is_empty() || !names.insert(full.clone()) {
            self.refuse(
                Changed::SignatureField,
                Some(number),
                format!("a second field is called {full:?}"),
            );
        }
        self.judged.insert(number);
        let Some(is_timestamp) = self.new_signature(number, &value, &field)? else {
            return Ok(());
        };
        self.added.insert(place);
        if self.paints(&widget)? {
            match (is_timestamp, self.permissions.certified) {
                (true, _) => {
                    self.refuse(
                        Changed::SignatureField,
                        Some(number),
                        "a document timestamp that paints".to_owned(),
                    );
                }
                // In a certified document only the author may place the field for a visible
                // signature.
                (false, Some(_)) => {
                    let what = "a signature was added that paints over the certified document";
                    self.refuse(Changed::Field, Some(number), what.to_owned());
                }
                (false, None) => drop(self.since.visible.insert(full)),
            }
        }
        // A lock only adds restrictions.
        for own in [widget.get("AP"), field.get("Lock")].into_iter().flatten() {
            self.permit(own)?;
        }
        self.leave_all(&field, &[b"AP", b"DR", b"Lock", b"V", b"Kids"]);
        self.leave_all(&widget, &[b"AP", b"DR", b"Lock", b"V", b"Parent", b"Kids"]);
        Ok(())
    }

    /// Judges the signature put into a field; returns whether it is a document time stamp. It must
    /// be one that is judged separately, and cover everything up to its own end.
    fn new_signature(
        &mut self,
        field: u32,
        value: &Object,
        widget: &Dict,
    ) -> Result<Option<bool>, ReadError> {
        let known = number_of(value)
            .and_then(|object| self.signatures.iter().find(|one| one.object == object));
        let Some(known) = known.filter(|known| known.field == field) else {
            self.refuse(
                Changed::SignatureField,
                Some(field),
                "what was put into the field is no signature".to_owned(),
            );
            return Ok(None);
        };
        let is_timestamp = known.sub_filter() == SignatureField::TIMESTAMP;
        self.permit(value)?;
        // They are unused; programs write them by default.
        if let Some(resources) = widget.get("DR") {
            self.permit(resources)?;
        }
        if self.locked(&known.name)? {
            self.refuse(
                Changed::Field,
                Some(field),
                format!("the field {:?} is locked", known.name),
            );
        }
        if widget.get("A").is_some() || widget.get("AA").is_some() {
            self.refuse(
                Changed::SignatureField,
                Some(field),
                "a signature field that acts".to_owned(),
            );
        }
        self.raise(if is_timestamp { Changes::Archive } else { Changes::Signature });
        Ok(Some(is_timestamp))
    }

    /// Whether a widget is visible, on a screen or on paper: it has an area, and an appearance or
    /// colours from which viewers make one (table 189), and is not hidden.
    fn paints(&mut self, widget: &Dict) -> Result<bool, ReadError> {
        let area = match *self.numbers(widget, "Rect")?.as_slice() {
            [left, bottom, right, top] => {
                let (across, up) = ((right - left).abs(), (top - bottom).abs());
                !(across <= f64::EPSILON || up <= f64::EPSILON)
            }
            // No rectangle at all: not shown. One that cannot be read: unknown.
            [] => !matches!(widget.get("Rect"), None | Some(Object::Null)),
            _ => true,
        };
        let flags = self.new.get(widget, "F", self.budget)?.int().unwrap_or_default();
        let off_screen = flags & NO_VIEW != 0 && flags & (PRINT | TOGGLE_NO_VIEW) == 0;
        let look = ["AP", "MK"].iter().any(|key| widget.get(key).is_some());
        Ok(area && look && flags & HIDDEN == 0 && !off_screen)
    }

    /// An object that must not change.
    pub(super) fn unchanged(&mut self, reference: &Object, what: &str) {
        if let Some(number) = number_of(reference).filter(|number| self.differs(*number)) {
            self.refuse(Changed::Field, Some(number), format!("{what} changed"));
        }
    }
}

/// The keys of a field that are judged here and not by the walk. Resources of a new signature are
/// judged with it.
fn ruled_keys(field: &Field<'_>) -> &'static [&'static [u8]] {
    let signed = field.filled && field.kind == Some(b"Sig") && field.new.get("V").is_some();
    if signed { &[b"Kids", b"AP", b"V", b"DR"] } else { &[b"Kids", b"AP", b"V"] }
}

/// A field while it is judged.
#[derive(Clone, Copy)]
pub(super) struct Field<'a> {
    pub(super) number: u32,
    pub(super) name: &'a str,
    pub(super) kind: Option<&'a [u8]>,
    pub(super) old: &'a Dict,
    pub(super) new: &'a Dict,
    /// Whether its value changed.
    pub(super) filled: bool,
}

/// Flags of the form (table 219) may be set, never cleared.
fn flags_grow(old: &Dict, new: &Dict) -> bool {
    let flags = |dict: &Dict| match dict.get("SigFlags") {
        None => Some(0),
        Some(flags) => flags.int(),
    };
    match (flags(old), flags(new)) {
        (Some(old), Some(new)) => old & !new == 0 && (0..=3).contains(&new),
        _ => false,
    }
}
/// Bits 2, 3, 6 and 9 of an annotation's flags (table 165).
const HIDDEN: i64 = 1 << 1;
const PRINT: i64 = 1 << 2;
const NO_VIEW: i64 = 1 << 5;
const TOGGLE_NO_VIEW: i64 = 1 << 8;
/// Characters of a value that a finding repeats.
const SHOWN: usize = 80;
