//! What a signed document has in it that its reader may not see: hidden layers, annotations that
//! paint, objects that nothing shows, actions.
//!
//! All of it was signed, so none of it is a change. But a document can be prepared so that a later
//! change is small, or so that two programs show different things; whoever relies on it should
//! know what to look at twice.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::limits::Budget;
use crate::format::pdf::read::{Dict, Document, Object, ReadError};

/// Something to look at twice: the finding's code, and what it is.
pub(super) type Hidden = (&'static str, String);

/// Looks through the newest state of a document, with a purse of its own: that a document is too
/// large to be searched is said, and makes nothing unreadable. A fault of its structure does: two
/// programs would show two documents.
pub(super) fn search(document: &Document<'_>) -> Result<Vec<Hidden>, ReadError> {
    let (seen, pages) = (BTreeSet::new(), BTreeMap::new());
    let mut search = Search { document, seen, pages, found: Vec::new() };
    let mut budget = Budget::default();
    match search.whole(&mut budget) {
        Ok(()) => Ok(search.found),
        Err(ReadError::Budget(over)) => {
            search.found.push(("not_searched", over.to_string()));
            Ok(search.found)
        }
        Err(error) => Err(error),
    }
}

struct Search<'a, 'b> {
    document: &'a Document<'b>,
    seen: BTreeSet<u32>,
    /// What the page tree was read from, until it is walked again: most of a long document.
    pages: BTreeMap<u32, Object>,
    found: Vec<Hidden>,
}

impl Search<'_, '_> {
    fn whole(&mut self, budget: &mut Budget) -> Result<(), ReadError> {
        self.pages(budget)?;
        self.layers(budget)?;
        self.reachable(budget)?;
        self.unreachable(budget)?;
        // Last: by now every object was read once, and where it ends is known.
        self.unlisted(budget)
    }

    /// What stands in the file and is in no list: to programs that repair files, a document.
    fn unlisted(&mut self, budget: &mut Budget) -> Result<(), ReadError> {
        for revision in self.document.revisions() {
            let place = if revision.end == self.document.bytes().len() {
                self.document.unlisted(revision, budget)?
            } else {
                self.document.as_of(revision, budget)?.unlisted(revision, budget)?
            };
            if let Some(place) = place {
                self.found.push(("unlisted_content", format!("byte {place}")));
            }
        }
        Ok(())
    }

    /// The page tree is a tree.
    fn pages(&mut self, budget: &mut Budget) -> Result<(), ReadError> {
        let catalog = self.document.catalog(budget)?;
        let mut stack = vec![catalog.get("Pages").cloned().unwrap_or(Object::Null)];
        let mut nodes = BTreeSet::new();
        while let Some(node) = stack.pop() {
            let number = if let Object::Ref(number, _) = node { Some(number) } else { None };
            if number.is_some_and(|number| !nodes.insert(number)) {
                let what = "a page stands twice in the document";
                return Err(ReadError::Structure { at: 0, what });
            }
            let Object::Dict(node) = self.document.resolve(&node, budget)? else { continue };
            if let Object::Array(kids) = self.document.get(&node, "Kids", budget)? {
                stack.extend(kids);
            }
            if let Some(number) = number {
                self.pages.insert(number, Object::Dict(node));
            }
        }
        Ok(())
    }

    /// Layers that are not shown, or not printed (ISO 32000-1, 8.11.4).
    fn layers(&mut self, budget: &mut Budget) -> Result<(), ReadError> {
        let catalog = self.document.catalog(budget)?;
        let Object::Dict(layers) = self.document.get(&catalog, "OCProperties", budget)? else {
            return Ok(());
        };
        let Object::Dict(default) = self.document.get(&layers, "D", budget)? else {
            return Ok(());
        };
        let base = self.document.get(&default, "BaseState", budget)?;
        let hidden =
            if base.name() == Some(b"OFF") { (&layers, "OCGs") } else { (&default, "OFF") };
        let mut names = Vec::new();
        if let Object::Array(groups) = self.document.get(hidden.0, hidden.1, budget)? {
            for group in groups.iter().take(MOST) {
                let group = self.document.resolve(group, budget)?;
                let name = group.dict().and_then(|group| group.get("Name")).and_then(Object::text);
                names.push(name.unwrap_or_default());
            }
        }
        if !names.is_empty() {
            self.found.push(("hidden_layers", names.join(", ")));
        }
        if default.get("AS").is_some() {
            let what = "layers that show themselves on screen or paper only".to_owned();
            self.found.push(("hidden_layers", what));
        }
        Ok(())
    }

    /// Everything that the trailer leads to.
    fn reachable(&mut self, budget: &mut Budget) -> Result<(), ReadError> {
        let mut stack: Vec<(Option<u32>, Object)> =
            self.document.trailer().iter().map(|(_, value)| (None, value.clone())).collect();
        while let Some((number, object)) = stack.pop() {
            match object {
                Object::Ref(number, _) if self.seen.contains(&number) => {}
                Object::Ref(number, _) => {
                    self.seen.insert(number);
                    let object = match self.pages.remove(&number) {
                        Some(known) => known,
                        None => self.document.resolve(&object, budget)?,
                    };
                    stack.push((Some(number), object));
                }
                Object::Array(items) => {
                    stack.extend(items.into_iter().filter(leads).map(|item| (None, item)));
                }
                Object::Dict(dict) => self.dictionary(number, dict, &mut stack),
                Object::Stream(stream) => self.dictionary(number, stream.dict, &mut stack),
                _ => {}
            }
        }
        Ok(())
    }

    fn dictionary(
        &mut self,
        number: Option<u32>,
        dict: Dict,
        stack: &mut Vec<(Option<u32>, Object)>,
    ) {
        let name = |key: &str| dict.get(key).and_then(Object::name).unwrap_or_default();
        let what = |kind: &[u8]| {
            let kind = String::from_utf8_lossy(kind).into_owned();
            number.map_or_else(|| kind.clone(), |number| format!("object {number}: {kind}"))
        };
        let subtype = name("Subtype");
        let annotation = dict.get("Rect").is_some() && PAINTING.contains(&subtype);
        if annotation && self.found.len() < MOST {
            self.found.push(("annotation_paints", what(subtype)));
        }
        let action = name("S");
        if ACTING.contains(&action) && self.found.len() < MOST {
            self.found.push(("active_content", what(action)));
        }
        stack.extend(dict.into_values().filter(leads).map(|value| (None, value)));
    }

    /// What nothing leads to: content that another state of the document could show.
    fn unreachable(&mut self, budget: &mut Budget) -> Result<(), ReadError> {
        let mut lost = Vec::new();
        let numbers: Vec<u32> =
            self.document.numbers().filter(|number| !self.seen.contains(number)).collect();
        for number in numbers {
            let (object, _) = self.document.numbered(number, budget)?;
            let shows = match &object {
                Object::Stream(stream) => {
                    let machinery = ["XRef", "ObjStm"].iter().any(|kind| stream.dict.is(kind));
                    !machinery && !stream.span.is_empty()
                }
                Object::Dict(dict) => ["Page", "Pages", "Catalog"].iter().any(|kind| dict.is(kind)),
                _ => false,
            };
            if shows && lost.len() < MOST {
                lost.push(number.to_string());
            }
        }
        if !lost.is_empty() {
            self.found.push(("unreachable_content", format!("objects {}", lost.join(", "))));
        }
        Ok(())
    }
}

/// Whether it may lead to another object.
const fn leads(object: &Object) -> bool {
    matches!(object, Object::Ref(..) | Object::Array(_) | Object::Dict(_) | Object::Stream(_))
}

/// Annotations that cover what is below them (table 169).
const PAINTING: [&[u8]; 9] = [
    b"FreeText",
    b"Stamp",
    b"Square",
    b"Circle",
    b"Polygon",
    b"Redact",
    b"Watermark",
    b"Line",
    b"Ink",
];
/// Actions that do more than to turn pages (table 198).
const ACTING: [&[u8]; 8] = [
    b"JavaScript",
    b"Launch",
    b"SubmitForm",
    b"ImportData",
    b"SetOCGState",
    b"Rendition",
    b"GoToR",
    b"Hide",
];
/// Enough to know what to look for.
const MOST: usize = 20;
