//! Whether a field that was filled in shows the value that it has.

use super::Comparison;
use crate::format::pdf::read::{Dict, Object, ReadError, Stream};

/// What a widget shows beside its value.
enum Look {
    Same,
    Other,
    Unknown,
}

impl Comparison<'_, '_> {
    /// A check box or radio button: its looks were signed, and it shows the one of its value.
    pub(super) fn button(
        &mut self,
        number: u32,
        widget: &Dict,
        value: &Object,
    ) -> Result<(), ReadError> {
        let Object::Dict(looks) = self.new.get(widget, "AP", self.budget)? else { return Ok(()) };
        let Object::Dict(states) = self.new.get(&looks, "N", self.budget)? else { return Ok(()) };
        let value = self.new.resolve(value, self.budget)?;
        let value = value.name().unwrap_or(b"Off");
        let known = states.iter().any(|(state, _)| state == value);
        let wanted = if known { value } else { b"Off" };
        let shown = self.new.get(widget, "AS", self.budget)?;
        if shown.name().unwrap_or(b"Off") != wanted {
            self.refuse(Some(number), "a button shows another state than its value".to_owned());
        }
        Ok(())
    }

    /// A text or choice field: the text that it shows is its value.
    pub(super) fn text(
        &mut self,
        number: u32,
        name: &str,
        widget: &Dict,
        value: &Object,
    ) -> Result<(), ReadError> {
        // A password is not shown (table 228); a field that formats itself shows something else.
        let flags = self.new.get(widget, "Ff", self.budget)?.int().unwrap_or_default();
        if flags & PASSWORD != 0 {
            return Ok(());
        }
        match self.look(widget, value)? {
            Look::Same => {}
            Look::Other if widget.get("AA").is_none() => {
                let what = format!("the field {name:?} shows something else than its value");
                self.refuse(Some(number), what);
            }
            Look::Other | Look::Unknown => drop(self.since.unseen.insert(name.to_owned())),
        }
        Ok(())
    }

    fn look(&mut self, widget: &Dict, value: &Object) -> Result<Look, ReadError> {
        let Some(wanted) = self.texts(widget, value)? else { return Ok(Look::Unknown) };
        let looks = self.new.get(widget, "AP", self.budget)?;
        let normal = match looks.dict() {
            Some(looks) => self.new.get(looks, "N", self.budget)?,
            None => Object::Null,
        };
        let Object::Stream(normal) = normal else {
            return Ok(if wanted.is_empty() { Look::Same } else { Look::Unknown });
        };
        let Some(shown) = self.shown(&normal)? else { return Ok(Look::Unknown) };
        let same = |one: &str| plain(one) == plain(&shown);
        // A list shows all of its options, the chosen ones among them.
        let list = wanted.len() > 1 && wanted.iter().all(|one| plain(&shown).contains(&plain(one)));
        let nothing = wanted.is_empty() && plain(&shown).is_empty();
        Ok(if nothing || list || wanted.iter().any(|one| same(one)) {
            Look::Same
        } else {
            Look::Other
        })
    }

    fn shown(&mut self, look: &Stream) -> Result<Option<String>, ReadError> {
        let Some(content) = self.new.stream(look, self.budget)? else { return Ok(None) };
        let resources = self.new.get(&look.dict, "Resources", self.budget)?;
        let resources = resources.dict().cloned().unwrap_or_default();
        self.new.shown_text(&content, &resources, self.budget)
    }

    /// The texts that stand for a value; options are shown by their names. `None` for a value that
    /// is no text.
    fn texts(&mut self, field: &Dict, value: &Object) -> Result<Option<Vec<String>>, ReadError> {
        let value = self.new.resolve(value, self.budget)?;
        let values = match value {
            Object::Null => Vec::new(),
            Object::Array(values) => values.to_vec(),
            one => vec![one],
        };
        let mut texts = Vec::new();
        for value in values {
            let Some(text) = self.new.resolve(&value, self.budget)?.text() else { return Ok(None) };
            if !text.is_empty() {
                texts.push(text);
            }
        }
        if let Object::Array(options) = self.new.get(field, "Opt", self.budget)? {
            for option in options {
                let Object::Array(pair) = self.new.resolve(&option, self.budget)? else { continue };
                let [export, shown] = pair.as_slice() else { continue };
                let (export, shown) = (export.text(), shown.text());
                for text in &mut texts {
                    if let (Some(export), Some(shown)) = (&export, &shown)
                        && text == export
                    {
                        text.clone_from(shown);
                    }
                }
            }
        }
        Ok(Some(texts))
    }
}

/// Without white space: lines and columns are set as the field likes.
fn plain(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace()).collect()
}

/// Bit 14 of a text field's flags.
const PASSWORD: i64 = 1 << 13;
