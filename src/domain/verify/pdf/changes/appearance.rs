//! Whether a field shows its value.
//!
//! Every appearance that is new or differs from the signed one is compared with the value, whether
//! or not the value changed. A proven difference is a change of the content; an unproven match is a
//! warning. White space counts where it separates words or figures that are together in the value.

use std::collections::{BTreeMap, BTreeSet};

use super::form::{Field, Inherited};
use super::spacing::{is_spaced_like, plain};
use super::{Comparison, name, number_of};
use crate::base::limits::Purse;
use crate::domain::verify::report::codes::Changed;
use crate::format::pdf::read::{Dict, Drawing, Frame, Object, ReadError, Stream};

/// Result of comparing a widget's appearance with its value, from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Look {
    Same,
    Unknown,
    Other,
    /// Written so that readers show different things.
    Odd,
}

/// The text that a field may show.
enum Expected {
    /// Exactly this text, white space aside.
    Text(String),
    /// Consecutive options, as many as fit, or the chosen ones.
    List { options: Vec<String>, chosen: String },
    /// As many dots as there are characters.
    Dots,
}

impl Comparison<'_, '_> {
    /// A check box or radio button: its appearances were signed, and it shows the one of its value.
    pub(super) fn button(&mut self, field: &Field<'_>, value: &Object) -> Result<(), ReadError> {
        let widget = field.new;
        let Object::Dict(looks) = self.new.get(widget, "AP", self.budget)? else { return Ok(()) };
        let Object::Dict(states) = self.new.get(&looks, "N", self.budget)? else { return Ok(()) };
        let value = self.new.resolve(value, self.budget)?;
        let value = value.name().unwrap_or(b"Off");
        let known = states.iter().any(|(state, _)| state == value);
        let wanted = if known { value } else { b"Off" };
        let shown = self.new.get(widget, "AS", self.budget)?;
        if shown.name().unwrap_or(b"Off") != wanted {
            let what = "a button shows another state than its value".to_owned();
            self.refuse(Changed::Field, Some(field.number), what);
        }
        Ok(())
    }

    /// A text or choice field: it shows the text of its value.
    pub(super) fn text(
        &mut self,
        field: &Field<'_>,
        value: &Object,
        inherited: &Inherited,
    ) -> Result<(), ReadError> {
        let mut look = match self.expected(field, value, inherited)? {
            Some(expected) => self.look(field, inherited, &expected)?,
            None => Look::Unknown,
        };
        // Programs build an appearance from the rich text, if there is one (12.7.3.4).
        let is_choice = field.kind == Some(b"Ch");
        if field.new.get("RV").is_some() || (is_choice && !self.indices(field, value, inherited)?) {
            look = look.max(Look::Unknown);
        }
        // A field with a format action shows another text than its value.
        if look == Look::Odd || (look == Look::Other && !inherited.formats) {
            let what = format!("the field {:?} shows something else than its value", field.name);
            self.refuse(Changed::Field, Some(field.number), what);
        } else if look != Look::Same {
            self.since.unseen.insert(field.name.to_owned());
        }
        Ok(())
    }

    /// The worst of the appearances: normal, rollover and down (table 168).
    fn look(
        &mut self,
        field: &Field<'_>,
        inherited: &Inherited,
        expected: &Expected,
    ) -> Result<Look, ReadError> {
        let before = self.old.get(field.old, "AP", self.budget)?;
        let looks = self.new.get(field.new, "AP", self.budget)?;
        let looks = looks.dict().cloned().unwrap_or_default();
        let mut worst = Look::Same;
        for (key, is_usual) in [("N", true), ("R", false), ("D", false)] {
            let look = match self.new.get(&looks, key, self.budget)? {
                Object::Null if is_usual && expected.is_nothing() => Look::Same,
                Object::Null if !is_usual => Look::Same,
                Object::Stream(look) => self.shows(&look, field.new, inherited, expected)?,
                _ => Look::Unknown,
            };
            // Form-filling programs do not update the rollover and down appearances.
            let stays = before.dict().and_then(|before| before.get(key)) == looks.get(key)
                && !looks.get(key).and_then(number_of).is_some_and(|number| self.differs(number));
            worst = worst.max(if !is_usual && stays { look.min(Look::Unknown) } else { look });
        }
        Ok(worst)
    }

    fn shows(
        &mut self,
        look: &Stream,
        widget: &Dict,
        inherited: &Inherited,
        expected: &Expected,
    ) -> Result<Look, ReadError> {
        let Some(content) = self.new.stream(look, self.budget)? else { return Ok(Look::Unknown) };
        let resources = self.new.get(&look.dict, "Resources", self.budget)?;
        let resources = resources.dict().cloned().unwrap_or_default();
        let frame = self.frame(&look.dict, widget, inherited)?;
        let is_upright = frame.is_some();
        let frame = frame.unwrap_or(Frame { bbox: [0.0; 4], scale: (1.0, 1.0), cells: 1 });
        let changed = &self.changed;
        let signed = |number: u32| !changed.contains_key(&number);
        let fonts = &mut self.fonts;
        let Drawing { claimed, drawn, read, is_doubtful, is_odd } =
            self.new.drawing(&content, &resources, frame, fonts, &signed, self.budget)?;
        let other = |text: &Option<String>| text.as_ref().is_some_and(|text| !expected.is(text));
        Ok(if is_odd {
            Look::Odd
        } else if other(&claimed) || other(&drawn) {
            Look::Other
        } else if is_upright && !is_doubtful && drawn.is_some() && expected.reads(&read) {
            Look::Same
        } else {
            Look::Unknown
        })
    }

    /// The area of an appearance (12.5.5). `None` when it is rotated against its field, mirrored or
    /// has no area.
    fn frame(
        &mut self,
        look: &Dict,
        widget: &Dict,
        inherited: &Inherited,
    ) -> Result<Option<Frame>, ReadError> {
        let (bbox, rect) = (self.rectangle(look, "BBox")?, self.rectangle(widget, "Rect")?);
        let (Some([left, bottom, right, top]), Some([l, b, r, t])) = (bbox, rect) else {
            return Ok(None);
        };
        let matrix = self.numbers(look, "Matrix")?;
        let turned = match *matrix.as_slice() {
            [] => 0,
            [a, b, c, d, _, _] if b == 0.0 && c == 0.0 && a > 0.0 && d > 0.0 => 0,
            [a, b, c, d, _, _] if a == 0.0 && d == 0.0 && b > 0.0 && c < 0.0 => 90,
            [a, b, c, d, _, _] if b == 0.0 && c == 0.0 && a < 0.0 && d < 0.0 => 180,
            [a, b, c, d, _, _] if a == 0.0 && d == 0.0 && b < 0.0 && c > 0.0 => 270,
            _ => return Ok(None),
        };
        let characteristics = self.new.get(widget, "MK", self.budget)?;
        let wanted = match characteristics.dict() {
            Some(dict) => self.new.get(dict, "R", self.budget)?.int().unwrap_or_default(),
            None => 0,
        };
        if wanted.rem_euclid(360) != turned {
            return Ok(None);
        }
        let (across, up) = (r - l, t - b);
        let (across, up) = if turned % 180 == 0 { (across, up) } else { (up, across) };
        let scale = (across / (right - left), up / (top - bottom));
        let cells = if inherited.flags & COMB == 0 { 1 } else { inherited.most_characters };
        Ok(Some(Frame { bbox: [left, bottom, right, top], scale, cells }))
    }

    /// A rectangle with an area: left, bottom, right, top.
    pub(super) fn rectangle(
        &mut self,
        dict: &Dict,
        key: &str,
    ) -> Result<Option<[f64; 4]>, ReadError> {
        let &[x, y, to_x, to_y] = self.numbers(dict, key)?.as_slice() else { return Ok(None) };
        let area = [x.min(to_x), y.min(to_y), x.max(to_x), y.max(to_y)];
        let [left, bottom, right, top] = area;
        Ok((right > left && top > bottom).then_some(area))
    }

    /// The text of a value. `None` for a value that is no text.
    fn expected(
        &mut self,
        field: &Field<'_>,
        value: &Object,
        inherited: &Inherited,
    ) -> Result<Option<Expected>, ReadError> {
        let Some(mut texts) = self.value_texts(value)? else { return Ok(None) };
        if field.kind != Some(b"Ch") {
            let dots = field.kind == Some(b"Tx") && inherited.flags & PASSWORD != 0;
            let text = texts.concat();
            return Ok(Some(if dots { Expected::Dots } else { Expected::Text(text) }));
        }
        let options = self.options(&inherited.options)?;
        let shown: BTreeMap<&str, &str> =
            options.iter().map(|(export, shown)| (export.as_str(), shown.as_str())).collect();
        for text in &mut texts {
            if let Some(shown) = shown.get(text.as_str()) {
                *text = (*shown).to_owned();
            }
        }
        let chosen = texts.join("\n");
        if inherited.flags & COMBO != 0 {
            return Ok(Some(Expected::Text(chosen)));
        }
        let top = self.new.get(field.new, "TI", self.budget)?.int().unwrap_or_default();
        let top = usize::try_from(top).unwrap_or_default();
        let options = options.iter().skip(top).map(|(_, shown)| shown.clone()).collect();
        Ok(Some(Expected::List { options, chosen }))
    }

    fn value_texts(&mut self, value: &Object) -> Result<Option<Vec<String>>, ReadError> {
        let values = match self.new.resolve(value, self.budget)? {
            Object::Null => Vec::new(),
            Object::Array(values) => values.to_vec(),
            one => vec![one],
        };
        let mut texts = Vec::new();
        for value in values {
            self.budget.pay(Purse::Steps, 1, "values of a field")?;
            let Some(text) = self.new.resolve(&value, self.budget)?.text() else { return Ok(None) };
            self.budget.pay(Purse::Memory, text.len(), "values of a field")?;
            texts.push(text);
        }
        Ok(Some(texts))
    }

    /// The options of a choice field: export value and displayed text.
    fn options(&mut self, options: &Object) -> Result<Vec<(String, String)>, ReadError> {
        let mut read = Vec::new();
        let options = self.new.resolve(options, self.budget)?;
        for option in options.array().unwrap_or_default() {
            self.budget.pay(Purse::Steps, 1, "options of a field")?;
            let option = self.new.resolve(option, self.budget)?;
            let text = |object: &Object| object.text().unwrap_or_default();
            let (export, shown) = match option.array() {
                Some([export, shown]) => (text(export), text(shown)),
                _ => (text(&option), text(&option)),
            };
            // Many options may be one long string.
            let memory = export.len().saturating_add(shown.len());
            self.budget.pay(Purse::Memory, memory, "options of a field")?;
            read.push((export, shown));
        }
        Ok(read)
    }

    /// Whether the indices of a choice (table 231), which repeat the choice, agree with its value.
    /// Form-filling programs may omit them; when present they must be right.
    fn indices(
        &mut self,
        field: &Field<'_>,
        value: &Object,
        inherited: &Inherited,
    ) -> Result<bool, ReadError> {
        let Some(written) = field.new.get("I") else { return Ok(true) };
        let indices = self.new.resolve(written, self.budget)?;
        let indices = indices.array().unwrap_or_default().iter().map(Object::int);
        let options = self.options(&inherited.options)?;
        let chosen = indices.map(|index| options.get(usize::try_from(index?).ok()?));
        let chosen: Option<Vec<_>> = chosen.collect();
        let values: BTreeSet<_> =
            self.value_texts(value)?.unwrap_or_default().into_iter().collect();
        let agrees = chosen.is_some_and(|chosen| {
            let named = |(export, shown): &(String, String)| {
                values.contains(export) || values.contains(shown)
            };
            chosen.len() == values.len() && chosen.into_iter().all(named)
        });
        let new = field.old.get("I").is_none_or(|old| !old.means(written, self.bytes()));
        if !agrees && new {
            let what = format!("the field {:?} chooses another option than its value", field.name);
            self.refuse(Changed::Field, Some(field.number), what);
        }
        Ok(agrees)
    }

    /// Appearances of a form have three states and no more.
    pub(super) fn looks(&mut self, number: u32, appearance: &Object) -> Result<(), ReadError> {
        let appearance = self.new.resolve(appearance, self.budget)?;
        let known: [&[u8]; 3] = [b"N", b"R", b"D"];
        let dict = appearance.dict().cloned().unwrap_or_default();
        if let Some((key, _)) = dict.iter().find(|(key, _)| !known.contains(key)) {
            self.refuse(Changed::Field, Some(number), format!("a look {} was added", name(key)));
        }
        Ok(())
    }
}

impl Expected {
    /// Whether the field may show this text, white space aside.
    fn is(&self, text: &str) -> bool {
        let text = plain(text);
        match self {
            Self::Text(wanted) => plain(wanted) == text,
            Self::Dots => text.chars().all(|one| matches!(one, '*' | '\u{2022}' | '\u{25CF}')),
            Self::List { options, chosen } => {
                Self::listed(options, &text).is_some() || plain(chosen) == text
            }
        }
    }

    /// Whether the field may show this text, with white space where readers need it.
    fn reads(&self, text: &str) -> bool {
        self.is(text)
            && match self {
                Self::Text(wanted) => is_spaced_like(text, wanted),
                Self::Dots => true,
                Self::List { options, chosen } => {
                    let listed = Self::listed(options, &plain(text));
                    let listed = listed.map(|count| options.iter().take(count).cloned());
                    let listed = listed.map(|options| options.collect::<Vec<_>>().join("\n"));
                    is_spaced_like(text, listed.as_ref().unwrap_or(chosen))
                }
            }
    }

    /// How many of the options make up a text.
    fn listed(options: &[String], text: &str) -> Option<usize> {
        let mut rest = text;
        let mut shown = options.iter().map_while(|option| {
            rest = rest.strip_prefix(plain(option).as_str())?;
            Some(rest.is_empty())
        });
        shown.position(|ended| ended).map(|last| last + 1)
    }

    fn is_nothing(&self) -> bool {
        match self {
            Self::Text(text) => plain(text).is_empty(),
            Self::List { chosen, .. } => plain(chosen).is_empty(),
            Self::Dots => true,
        }
    }
}

/// Bits 14 and 25 of a text field's flags, 18 of a choice field's (tables 228 and 230).
const PASSWORD: i64 = 1 << 13;
const COMB: i64 = 1 << 24;
const COMBO: i64 = 1 << 17;
