//! Changes after a signature, judged by a whitelist.
//!
//! Two states of a file are compared: the signed one, and the newest. Every object that differs
//! must be explained by a rule; one that no rule explains is a finding with its number and the
//! revision that wrote it. Rules know the places where something may change (catalog, form, fields,
//! annotations of pages, security store) and compare them key by key. Everything else is walked: an
//! object that differs and is reached there is a change of the content, even when a rule would
//! explain it in another place.

mod appearance;
mod archive;
mod comments;
mod defaults;
mod form;
mod lists;
mod locks;
mod metadata_update;
mod pages;
mod reachability;
mod spacing;
mod unreferenced;
mod widget;

pub(super) use locks::Locks;

use std::collections::{BTreeMap, BTreeSet};

use super::certification::Permitted;
use crate::base::limits::{Budget, OverBudget, Purse};
use crate::domain::verify::report::Changes;
use crate::domain::verify::report::codes::Changed;
use crate::format::pdf::read::{Dict, Document, Fonts, Object, ReadError, SignatureField};

/// Proof that every change after a signature is explained by a rule that the signature permits.
#[derive(Clone, Copy, Debug)]
pub struct NothingElseChanged {
    kind: Changes,
    incidental: bool,
}

impl NothingElseChanged {
    /// The greatest change.
    pub fn kind(self) -> Changes {
        self.kind
    }

    /// Whether only evidence for archives follows: the rule for a licence.
    pub fn is_archive_only(self) -> bool {
        self.kind <= Changes::Archive && !self.incidental
    }
}

/// The changes that a signature permits after it.
#[derive(Clone, Debug, Default)]
pub(super) struct Permissions {
    /// `DocMDP`; `None` for a signature that does not certify.
    pub(super) certified: Option<Permitted>,
    /// `FieldMDP` and the lock of its field.
    pub(super) locks: Locks,
}

/// A change that no rule explains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unexplained {
    /// The part of the file that it belongs to.
    pub(super) part: Changed,
    /// The object, and the revision (from 1) that wrote it; `None` for a change outside of objects.
    pub(super) object: Option<(u32, usize)>,
    /// The rule that it breaks.
    pub(super) what: String,
}

impl std::fmt::Display for Unexplained {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.object {
            Some((number, 0)) => write!(f, "object {number}: {}", self.what),
            Some((number, revision)) => {
                write!(f, "object {number}, revision {revision}: {}", self.what)
            }
            None => f.write_str(&self.what),
        }
    }
}

/// Results of comparing the states.
#[derive(Debug)]
pub(super) struct Since {
    /// Changes that no rule explains.
    pub(super) unexplained: Vec<Unexplained>,
    /// Later signatures that paint on a page.
    pub(super) visible: BTreeSet<String>,
    /// Fields that were filled in without proof that they show their value.
    pub(super) unseen: BTreeSet<String>,
    /// Fields with a changed value, and the new value.
    pub(super) filled: BTreeSet<String>,
    /// Comments with an appearance of their own.
    pub(super) painted: BTreeSet<String>,
    /// Whether the file identifier changed.
    pub(super) renamed: bool,
    /// Objects that a rule explained in an earlier state, and the revision that had written them.
    explained: BTreeMap<u32, usize>,
    kind: Changes,
    incidental: bool,
}

impl Default for Since {
    fn default() -> Self {
        Self {
            unexplained: Vec::new(),
            visible: BTreeSet::new(),
            unseen: BTreeSet::new(),
            filled: BTreeSet::new(),
            painted: BTreeSet::new(),
            renamed: false,
            explained: BTreeMap::new(),
            kind: Changes::None,
            incidental: false,
        }
    }
}

impl Since {
    /// The proof, when nothing is unexplained.
    pub(super) fn proof(&self) -> Option<NothingElseChanged> {
        let proof = NothingElseChanged { kind: self.kind, incidental: self.incidental };
        self.unexplained.is_empty().then_some(proof)
    }

    /// Records a change that no rule explains, once. Of many only the first are kept; a flood of
    /// findings would add nothing.
    fn refuse(&mut self, one: Unexplained) {
        if self.unexplained.len() < MOST_FINDINGS && !self.unexplained.contains(&one) {
            self.unexplained.push(one);
        }
    }
}

/// Compares every later state of the file with the one in its revision `signed`: a change that was
/// reverted is a change.
pub(super) fn since(
    document: &Document<'_>,
    signed: usize,
    signatures: &[SignatureField],
    permissions: &Permissions,
    budget: &mut Budget,
) -> Result<Since, ReadError> {
    let mut since = Since::default();
    let Some(revision) = document.revisions().get(signed) else { return Ok(since) };
    let newest = document.revisions().len().saturating_sub(1);
    if signed == newest {
        return Ok(since);
    }
    let old = document.as_of(revision, budget)?;
    let mut previous = old.clone();
    let mut differences = Differences::default();
    for (index, later) in document.revisions().iter().enumerate().skip(signed.saturating_add(1)) {
        // Its state at that time: objects that were rewritten later are listed elsewhere.
        let state =
            if index == newest { document.clone() } else { document.as_of(later, budget)? };
        let number = index.saturating_add(1);
        if let Some(place) = state.unlisted(later, budget)? {
            let what = format!("revision {number} lists nothing at byte {place}");
            since.refuse(Unexplained { part: Changed::Hidden, object: None, what });
        }
        if let Some((place, why)) = state.ambiguity(budget)? {
            let what = format!("revision {number} has at byte {place} {why}");
            since.refuse(Unexplained { part: Changed::Hidden, object: None, what });
        }
        let repacked = state.repacked(&previous, budget)?;
        let written = later.objects.iter().chain(&repacked).copied();
        differences.update(&old, &state, written, number, budget)?;
        previous = state.clone();
        let mut comparison = Comparison {
            old: &old,
            new: &state,
            signatures,
            permissions,
            budget: &mut *budget,
            changed: &differences.changed,
            judged: BTreeSet::new(),
            explained: BTreeSet::new(),
            pending: Vec::new(),
            fonts: Fonts::default(),
            added: BTreeSet::new(),
            since: &mut since,
            wrote: !differences.written.is_empty(),
            moved: false,
            shows_own_looks: false,
        };
        comparison.trailer()?;
        comparison.catalog()?;
        comparison.walk()?;
        comparison.unreferenced()?;
        comparison.close();
    }
    Ok(since)
}

/// The objects that differ from the signed state, carried over from state to state: only objects
/// that a revision writes are compared again.
#[derive(Debug, Default)]
struct Differences {
    /// Objects whose meaning changed, and the revision that wrote them last.
    changed: BTreeMap<u32, usize>,
    /// Objects that were written and are more than containers.
    written: BTreeSet<u32>,
    /// Streams whose length is an indirect object: they may change without being written.
    elastic: BTreeMap<u32, usize>,
}

impl Differences {
    /// Compares the objects that the revision `number` wrote.
    fn update(
        &mut self,
        old: &Document<'_>,
        new: &Document<'_>,
        written: impl Iterator<Item = u32>,
        revision: usize,
        budget: &mut Budget,
    ) -> Result<(), ReadError> {
        let mut again = std::mem::take(&mut self.elastic);
        again.extend(written.map(|number| (number, revision)));
        for (number, revision) in again {
            let (before, was) = old.numbered(number, budget)?;
            let (after, is) = new.numbered(number, budget)?;
            for object in [&before, &after] {
                if let Object::Stream(stream) = object {
                    budget.pay(Purse::ReadBytes, stream.span.len(), "bytes of objects")?;
                }
            }
            let cost = before.weight().saturating_add(after.weight());
            budget.pay(Purse::Steps, cost, "comparisons")?;
            if is_container(&after) {
                self.written.remove(&number);
            } else {
                self.written.insert(number);
            }
            if [&before, &after].into_iter().any(is_elastic) {
                self.elastic.insert(number, revision);
            }
            let null = matches!((&before, &after), (Object::Null, Object::Null));
            if !null && (was != is || !before.means(&after, new.bytes())) {
                self.changed.insert(number, revision);
            } else {
                self.changed.remove(&number);
            }
        }
        Ok(())
    }
}

/// Whether a stream's length is an indirect object.
fn is_elastic(object: &Object) -> bool {
    let Object::Stream(stream) = object else { return false };
    !matches!(stream.dict.get("Length"), Some(Object::Int(_)))
}

/// A value to walk, and whether it merely points to an object (a page's parent, a destination)
/// instead of using it.
#[derive(Clone, Debug)]
struct Value {
    object: Object,
    pointer: bool,
}

struct Comparison<'a, 'b> {
    old: &'a Document<'b>,
    new: &'a Document<'b>,
    /// Every signature of the newest state.
    signatures: &'a [SignatureField],
    permissions: &'a Permissions,
    budget: &'a mut Budget,
    /// Objects that differ, and the revision that wrote them last.
    changed: &'a BTreeMap<u32, usize>,
    /// Objects whose differences were judged key by key.
    judged: BTreeSet<u32>,
    /// Objects that differ and that a rule explains where it found them.
    explained: BTreeSet<u32>,
    /// Values without a rule: they are walked, and must not lead to changed objects.
    pending: Vec<Value>,
    /// Fonts of fields, as far as they were read.
    fonts: Fonts,
    /// Widgets of added signatures.
    added: BTreeSet<u32>,
    since: &'a mut Since,
    /// Whether anything other than containers was written, changed or not.
    wrote: bool,
    /// Whether the catalog or the information dictionary is another object now.
    moved: bool,
    /// Whether viewers showed the values of the form, and show the looks of its fields from now on
    /// (`/NeedAppearances`).
    shows_own_looks: bool,
}

impl<'b> Comparison<'_, 'b> {
    fn trailer(&mut self) -> Result<(), ReadError> {
        let (before, after) = (self.old.trailer().clone(), self.new.trailer().clone());
        self.pay(&before, &after)?;
        for key in before.differing(&after, self.new.bytes()) {
            match key {
                b"ID" if same_origin(&before, &after) => {}
                // It identifies the saving, and is not shown.
                b"ID" if identifier(&after).is_some() => {
                    self.since.incidental = true;
                    self.since.renamed = true;
                }
                b"Info" if before.get("Info").is_none() => {}
                // Written as another object; its content is compared below.
                b"Root" | b"Info" if self.is_new(after.find(key))? => self.moved = true,
                // An office suite's checksum over its own saving, which no other program uses.
                b"DocChecksum" if after.get("DocChecksum").is_none() => {}
                // Without the source that an office suite embedded for itself, it shows the pages
                // only.
                b"AdditionalStreams" if !self.packs_a_source(&after)? => {
                    self.since.incidental = true;
                }
                key if XREF_KEYS.contains(&key) => {}
                key => self.refuse(
                    Changed::Structure,
                    None,
                    format!("the trailer's {} changed", name(key)),
                ),
            }
        }
        if let Some(info) = after.get("Info") {
            self.info(before.get("Info"), info)?;
        }
        let packed = self.packs_a_source(&after)?;
        for (key, value) in after.iter().filter(|(key, _)| !XREF_KEYS.contains(key)) {
            match key {
                b"Root" | b"Info" => {}
                b"AdditionalStreams" if !packed => {}
                key => self.leave(key, value),
            }
        }
        Ok(())
    }

    /// Whether `/AdditionalStreams` references a stream: signing programs write references into it
    /// that are missing, or are not streams.
    fn packs_a_source(&mut self, trailer: &Dict) -> Result<bool, ReadError> {
        let packed = self.new.get(trailer, "AdditionalStreams", self.budget)?;
        let Object::Array(parts) = packed else { return Ok(!matches!(packed, Object::Null)) };
        for part in &parts {
            self.budget.pay(Purse::Steps, 1, "packed sources")?;
            let plain = match part {
                Object::Name(_) => true,
                Object::Ref(..) => {
                    !matches!(self.new.resolve(part, self.budget)?, Object::Stream(_))
                }
                _ => false,
            };
            if !plain {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn catalog(&mut self) -> Result<(), ReadError> {
        let (before, after) = (self.old.catalog(self.budget)?, self.new.catalog(self.budget)?);
        self.pay(&before, &after)?;
        let root = self.new.trailer().get("Root").and_then(number_of);
        self.judged.extend(root);
        for key in before.differing(&after, self.new.bytes()) {
            let ruled = matches!(key, b"DSS" | b"AcroForm" | b"Extensions" | b"Metadata");
            let version = key == b"Version" && is_version(after.get("Version"));
            let gone = after.find(key).is_none();
            if (!ruled || gone) && !version {
                self.refuse(
                    Changed::Structure,
                    root,
                    format!("{} of the catalog changed", name(key)),
                );
            }
        }
        // Fields before pages: a page's annotations are widgets of the form.
        if let Some(form) = after.get("AcroForm") {
            self.form(before.get("AcroForm").unwrap_or(&Object::Null), form)?;
        }
        for (key, value) in after.iter() {
            match key {
                b"AcroForm" => {}
                b"Pages" => self.pages(value)?,
                b"DSS" => self.security_store(value)?,
                b"Extensions" => self.extensions(before.get("Extensions"), value)?,
                b"Metadata" => self.metadata(before.get("Metadata"), value)?,
                _ => self.leave(key, value),
            }
        }
        Ok(())
    }

    fn close(&mut self) {
        let permitted =
            self.permissions.certified.into_iter().chain(self.permissions.locks.permit());
        let most = match permitted.min() {
            Some(Permitted::Nothing) => Changes::Archive,
            Some(Permitted::Forms) | None => Changes::Form,
            Some(Permitted::Annotations) => Changes::Annotation,
        };
        if self.since.kind > most {
            self.refuse(
                Changed::Structure,
                None,
                "the certification does not permit changes of this kind".to_owned(),
            );
        }
        if self.moved && self.since.kind == Changes::None {
            // Programs do it only while they save something else.
            self.refuse(
                Changed::Structure,
                None,
                "the trailer names another object, and nothing else changed".to_owned(),
            );
        }
        if !self.wrote {
            // No program writes an empty revision; another reader might see something in it.
            self.refuse(
                Changed::Hidden,
                None,
                "a revision was added that changes nothing".to_owned(),
            );
        }
    }

    /// Records a change that no rule explains.
    fn refuse(&mut self, part: Changed, number: Option<u32>, what: String) {
        let object =
            number.map(|number| (number, self.changed.get(&number).copied().unwrap_or_default()));
        self.since.refuse(Unexplained { part, object, what });
    }

    fn raise(&mut self, kind: Changes) {
        self.since.kind = self.since.kind.max(kind);
    }

    /// Pays for comparing two dictionaries and for walking their values.
    fn pay(&mut self, before: &Dict, after: &Dict) -> Result<(), OverBudget> {
        let cost = before.weight().saturating_add(after.weight());
        self.budget.pay(Purse::Steps, cost, "comparisons")
    }

    fn differs(&self, number: u32) -> bool {
        self.changed.contains_key(&number)
    }

    /// A value of both states, resolved.
    fn both(&mut self, before: &Object, after: &Object) -> Result<(Object, Object), ReadError> {
        Ok((self.old.resolve(before, self.budget)?, self.new.resolve(after, self.budget)?))
    }

    fn bytes(&self) -> &'b [u8] {
        self.new.bytes()
    }
}

/// The first part of the file identifier (14.4), which identifies the original file.
fn identifier(trailer: &Dict) -> Option<&[u8]> {
    let [first, second] = trailer.get("ID")?.array()? else { return None };
    second.string()?;
    first.string()
}

/// Whether it is still a revision of the same file.
fn same_origin(before: &Dict, after: &Dict) -> bool {
    let was = identifier(before);
    before.get("ID").is_none() || was.is_some_and(|was| identifier(after) == Some(was))
}

/// An object that holds objects or their positions, or nothing.
fn is_container(object: &Object) -> bool {
    match object {
        Object::Null => true,
        Object::Stream(stream) => stream.dict.is("XRef") || stream.dict.is("ObjStm"),
        _ => false,
    }
}

fn is_version(value: Option<&Object>) -> bool {
    let known: [&[u8]; 6] = [b"1.3", b"1.4", b"1.5", b"1.6", b"1.7", b"2.0"];
    value.and_then(Object::name).is_some_and(|version| known.contains(&version))
}

fn number_of(object: &Object) -> Option<u32> {
    if let Object::Ref(number, _) = object { Some(*number) } else { None }
}

fn name(key: &[u8]) -> String {
    format!("/{}", String::from_utf8_lossy(key))
}

/// Keys of the cross-reference and not of the document (7.5.8.2).
const XREF_KEYS: [&[u8]; 9] =
    [b"Size", b"Prev", b"XRefStm", b"Type", b"W", b"Index", b"Filter", b"DecodeParms", b"Length"];
/// Most findings of one kind; more would add nothing.
pub(super) const MOST_FINDINGS: usize = 20;
