//! Content of a signed document that its reader may not see: hidden layers, annotations that paint,
//! unreachable objects, actions.
//!
//! All of it was signed, so none of it is a change. But a document can be prepared so that a later
//! change is small, or so that two programs show different things; the reader should know what to
//! examine.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::limits::{Budget, Purse};
use crate::domain::verify::report::codes::Code;
use crate::format::pdf::read::{Dict, Document, Object, ReadError};

/// A warning: the finding, and its detail.
pub(super) type Hidden = (Code, String);

/// Searches the newest state of a document, with budgets of its own: a document too large to be
/// searched gets a warning and stays readable. A structural fault makes it unreadable: two programs
/// would show two documents.
pub(super) fn search(
    document: &Document<'_>,
    budget: &mut Budget,
) -> Result<Vec<Hidden>, ReadError> {
    within(document, &Budget::default(), budget)
}

fn within(
    document: &Document<'_>,
    purses: &Budget,
    budget: &mut Budget,
) -> Result<Vec<Hidden>, ReadError> {
    let (seen, pages) = (BTreeSet::new(), BTreeMap::new());
    let mut search = Search { document, seen, pages, found: Vec::new() };
    let shown = budget.aside(purses.clone(), |budget| search.shown(budget));
    search.note(shown)?;
    // Last, since the end of each object is known by then. Its budget is separate, so that an
    // expensive earlier search cannot prevent it.
    let unlisted = budget.aside(purses.clone(), |budget| search.unlisted(budget));
    search.note(unlisted)?;
    Ok(search.found)
}

/// Number and generation of an object.
type Reference = (u32, u16);

struct Search<'a, 'b> {
    document: &'a Document<'b>,
    seen: BTreeSet<Reference>,
    /// Objects read by the page tree walk, until it is walked again: most of a long document.
    pages: BTreeMap<Reference, Object>,
    found: Vec<Hidden>,
}

impl Search<'_, '_> {
    fn shown(&mut self, budget: &mut Budget) -> Result<(), ReadError> {
        self.pages(budget)?;
        self.layers(budget)?;
        self.reachable(budget)?;
        self.unreachable(budget)
    }

    /// An exhausted budget is reported.
    fn note(&mut self, searched: Result<(), ReadError>) -> Result<(), ReadError> {
        let Err(ReadError::Budget(over)) = searched else { return searched };
        self.found.push((Code::NotSearched, over.to_string()));
        Ok(())
    }

    /// Objects that no cross-reference table lists: programs that repair files may see another
    /// document.
    fn unlisted(&mut self, budget: &mut Budget) -> Result<(), ReadError> {
        for revision in self.document.revisions() {
            let place = if revision.end == self.document.bytes().len() {
                self.document.unlisted(revision, budget)?
            } else {
                self.document.as_of(revision, budget)?.unlisted(revision, budget)?
            };
            if let Some(place) = place {
                self.found.push((Code::UnlistedContent, format!("byte {place}")));
            }
        }
        Ok(())
    }

    /// Checks that the page tree is a tree.
    fn pages(&mut self, budget: &mut Budget) -> Result<(), ReadError> {
        let catalog = self.document.catalog(budget)?;
        let mut stack = vec![catalog.get("Pages").cloned().unwrap_or(Object::Null)];
        let mut nodes = BTreeSet::new();
        while let Some(node) = stack.pop() {
            budget.pay(Purse::Steps, 1, "pages")?;
            let named = match node {
                Object::Ref(number, generation) => Some((number, generation)),
                _ => None,
            };
            if named.is_some_and(|(number, _)| !nodes.insert(number)) {
                let what = "a page stands twice in the document";
                return Err(ReadError::Structure { at: 0, what });
            }
            let Object::Dict(node) = self.document.resolve(&node, budget)? else { continue };
            if let Object::Array(kids) = self.document.get(&node, "Kids", budget)? {
                stack.extend(kids);
            }
            if let Some(named) = named {
                self.pages.insert(named, Object::Dict(node));
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
        let (mut names, mut known) = (Vec::new(), BTreeSet::new());
        if let Object::Array(groups) = self.document.get(hidden.0, hidden.1, budget)? {
            for group in groups.iter().take(MOST) {
                if let Object::Ref(number, _) = group
                    && !known.insert(*number)
                {
                    continue;
                }
                let group = self.document.resolve(group, budget)?;
                let name = group.dict().and_then(|group| group.get("Name")).and_then(Object::text);
                names.push(name.unwrap_or_default());
            }
        }
        if !names.is_empty() {
            self.found.push((Code::HiddenLayers, names.join(", ")));
        }
        if default.get("AS").is_some() {
            let what = "layers that show themselves on screen or paper only".to_owned();
            self.found.push((Code::HiddenLayers, what));
        }
        Ok(())
    }

    /// Everything reachable from the trailer.
    fn reachable(&mut self, budget: &mut Budget) -> Result<(), ReadError> {
        let mut stack: Vec<(Option<u32>, Object)> =
            self.document.trailer().iter().map(|(_, value)| (None, value.clone())).collect();
        while let Some((number, object)) = stack.pop() {
            budget.pay(Purse::Steps, 1, "values of the document")?;
            match object {
                Object::Ref(number, generation) if self.seen.contains(&(number, generation)) => {}
                Object::Ref(number, generation) => {
                    self.seen.insert((number, generation));
                    let object = match self.pages.remove(&(number, generation)) {
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
            self.found.push((Code::AnnotationPaints, what(subtype)));
        }
        let action = name("S");
        if ACTING.contains(&action) && self.found.len() < MOST {
            self.found.push((Code::ActiveContent, what(action)));
        }
        stack.extend(dict.into_values().filter(leads).map(|value| (None, value)));
    }

    /// Unreachable objects: content that another state of the document could show.
    fn unreachable(&mut self, budget: &mut Budget) -> Result<(), ReadError> {
        let mut lost = Vec::new();
        let seen = |number| self.seen.range((number, 0)..=(number, u16::MAX)).next().is_some();
        for number in self.document.numbers().filter(|number| !seen(*number)) {
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
            self.found.push((Code::UnreachableContent, format!("objects {}", lost.join(", "))));
        }
        Ok(())
    }
}

/// Whether it may lead to another object.
const fn leads(object: &Object) -> bool {
    matches!(object, Object::Ref(..) | Object::Array(_) | Object::Dict(_) | Object::Stream(_))
}

/// Annotations that cover content below them (table 169).
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
/// Actions that do more than turn pages (table 198).
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
/// Number of examples in a detail.
const MOST: usize = 20;

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "the tests build their own files")]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    /// Objects with their table; `more` follows them and is in no table.
    fn file(objects: &[&str], more: &str) -> Vec<u8> {
        let (mut text, mut table) = ("%PDF-1.7\n".to_owned(), String::new());
        for (at, object) in objects.iter().enumerate() {
            writeln!(table, "{:010} 00000 n ", text.len()).unwrap();
            write!(text, "{} 0 obj\n{object}\nendobj\n", at + 1).unwrap();
        }
        text += more;
        let (count, xref) = (objects.len(), text.len());
        write!(text, "xref\n1 {count}\n{table}trailer\n<</Size {}/Root 1 0 R>>\n", count + 1)
            .unwrap();
        write!(text, "startxref\n{xref}\n%%EOF\n").unwrap();
        text.into_bytes()
    }

    fn codes(file: &[u8], purse: &Budget) -> Result<Vec<&'static str>, ReadError> {
        let document = Document::parse(file, &mut Budget::default())?;
        within(&document, purse, &mut Budget::default())
            .map(|found| found.into_iter().map(|(code, _)| code.name()).collect())
    }

    const PAGES: &str = "<</Type/Pages/Kids[3 0 R]/Count 1>>";
    const PAGE: &str = "<</Type/Page/Parent 2 0 R>>";
    const LOST: &str = "9 0 obj\n<</Type/Catalog>>\nendobj\n";

    #[test]
    fn a_document_that_is_too_costly_is_looked_through_for_what_is_in_no_list() {
        let layers = "<</Type/Catalog/Pages 2 0 R/OCProperties<</D<</OFF[4 0 R 4 0 R 5 0 R]>>>>>>";
        let group = format!("<</Name(a)/Long[{}]>>", "1 ".repeat(500));
        let file = file(&[layers, PAGES, PAGE, &group, &group], LOST);
        let all = codes(&file, &Budget::default());
        assert_eq!(all.unwrap(), ["hidden_layers", "unlisted_content"]);
        // Enough to read each object once, and too little for the searches before that.
        let steps = Budget { steps: 1_035, ..Budget::default() };
        assert_eq!(
            codes(&file, &steps).unwrap(),
            ["hidden_layers", "not_searched", "unlisted_content"]
        );
    }

    #[test]
    fn a_page_of_another_generation_is_two_documents() {
        for (reference, readable) in [("3 0 R", true), ("3 1 R", false)] {
            let catalog = format!("<</Type/Catalog/Pages 2 0 R/Dest[{reference}]>>");
            let found = codes(&file(&[&catalog, PAGES, PAGE], ""), &Budget::default());
            assert_eq!(found.is_ok(), readable, "{reference}: {found:?}");
        }
    }

    #[test]
    fn each_entry_of_a_list_has_an_object_of_its_own() {
        let good = file(&["<</Type/Catalog/Pages 2 0 R>>", PAGES, PAGE, "null"], "");
        assert_eq!(codes(&good, &Budget::default()).unwrap(), <[&str; 0]>::default());
        // The fourth entry points to the third object.
        let text = String::from_utf8(good).unwrap();
        let rows: Vec<&str> = text.lines().filter(|line| line.ends_with(" n ")).collect();
        let bad = text.replace(rows[3], rows[2]);
        let found = codes(bad.as_bytes(), &Budget::default());
        assert!(matches!(found, Err(ReadError::Structure { .. })), "{found:?}");
    }
}
