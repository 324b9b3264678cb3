//! Frames and groups: the format of the segments.
//!
//! ```text
//! segment  magic, then groups
//! group    frames, the last of them an end frame with size and root of the tree
//! frame    length u32, CRC-32C u32 over the rest, kind u8, key u8 (0: clear), payload
//! ```
//! A group counts when its end frame is complete; bytes after the last complete group of the last
//! segment are a torn write and are cut. They are damage instead when another group follows, or
//! when the index has their content: groups are synced one after the other.

use super::StoreError;
use super::act::{Collection, Event, EventKind, LeafFormat, written};
use super::files::Files;
use super::place::{self, EventPlace, FramePosition};
use super::window::Window;
use crate::base::digest::Digest;
use crate::format::merkle::content::LeafContent;

/// The kinds of frames.
const EVENT: u8 = 1;
const DOCUMENT: u8 = 2;
const END: u8 = 3;
/// A document as its difference from one in a frame before it.
const DELTA: u8 = 4;
/// The first bytes of a segment: name and version of the format.
pub(super) const MAGIC: &[u8; 4] = b"YZJ2";
/// Segments of the first version have no differences. They are read, and not appended to: the program
/// that wrote them would take what follows for damage.
pub(super) const FIRST_MAGIC: &[u8; 4] = b"YZJ1";
const HEADER: usize = place::HEADER;
/// An end frame: header, size, root.
const END_FRAME: usize = HEADER + 8 + 32;
/// Searched at once for an end frame.
const SEARCHED: usize = 1 << 20;

/// Assembles a group.
#[derive(Debug)]
pub(super) struct GroupWriter {
    bytes: Vec<u8>,
    /// Position of the group: segment, and offset in it.
    segment: u32,
    start: u64,
}

/// What a document is stored as.
#[derive(Debug)]
pub(super) enum Payload {
    /// Its bytes.
    Whole(Vec<u8>),
    /// Its difference from the document in another frame.
    Delta(FramePosition, Vec<u8>),
}

impl GroupWriter {
    /// A group for this offset of a segment.
    pub(super) fn new(segment: u32, start: u64) -> Self {
        Self { bytes: Vec::new(), segment, start }
    }

    /// Adds an event, as serialised, and its documents.
    pub(super) fn event(
        &mut self,
        text: &str,
        documents: &[Payload],
    ) -> Result<EventPlace, StoreError> {
        let event = self.put(EVENT, &[text.as_bytes()])?;
        let documents = documents.iter().map(|document| match document {
            Payload::Whole(bytes) => self.put(DOCUMENT, &[bytes]),
            Payload::Delta(base, delta) => self.put(DELTA, &[&base.to_bytes(), delta]),
        });
        Ok(EventPlace { event, documents: documents.collect::<Result<_, _>>()? })
    }

    /// Ends the group with the tree's size and root; returns its bytes.
    pub(super) fn finish(mut self, size: u64, root: Digest) -> Result<Vec<u8>, StoreError> {
        self.put(END, &[&size.to_le_bytes(), root.as_bytes()])?;
        Ok(self.bytes)
    }

    fn put(&mut self, kind: u8, parts: &[&[u8]]) -> Result<FramePosition, StoreError> {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        let stated =
            u32::try_from(length).map_err(|_| StoreError::Taken("more space than a frame has"))?;
        let held = u64::try_from(self.bytes.len()).unwrap_or(u64::MAX);
        let offset = self.start.saturating_add(held);
        let head = [kind, 0];
        let crc =
            parts.iter().fold(crc32c::crc32c(&head), |crc, part| crc32c::crc32c_append(crc, part));
        self.bytes.reserve(HEADER.saturating_add(length));
        self.bytes.extend(stated.to_le_bytes());
        self.bytes.extend(crc.to_le_bytes());
        self.bytes.extend(head);
        for part in parts {
            self.bytes.extend_from_slice(part);
        }
        Ok(FramePosition { segment: self.segment, offset, length: stated })
    }
}

/// An event of the journal, and where it is.
#[derive(Debug)]
pub(super) struct Replayed {
    pub(super) event: Event,
    /// The hash of its leaf.
    pub(super) leaf: Digest,
    pub(super) place: EventPlace,
}

/// Kind and payload of the frame at a position, once its checksum is verified.
fn read(at: FramePosition, files: &dyn Files) -> Result<(u8, Vec<u8>), StoreError> {
    let whole = usize::try_from(at.length).unwrap_or(usize::MAX).saturating_add(HEADER);
    let mut bytes = files.read_at(at.segment, at.offset, whole)?;
    let kind = bytes.split_first_chunk().and_then(|(head, body)| Some(checked(*head, body)?.0));
    let kind = kind.ok_or_else(|| damage(at.segment, at.offset, "a frame cannot be read"))?;
    bytes.drain(..HEADER);
    Ok((kind, bytes))
}

/// The event at a position.
pub(super) fn event_at(at: FramePosition, files: &dyn Files) -> Result<Event, StoreError> {
    match read(at, files)? {
        (EVENT, text) => {
            serde_json::from_slice(&text).map_err(|_| unread(&text, at.segment, at.offset))
        }
        _ => Err(damage(at.segment, at.offset, "an event cannot be read")),
    }
}

/// What the document at a position is stored as.
pub(super) fn document_at(at: FramePosition, files: &dyn Files) -> Result<Payload, StoreError> {
    match read(at, files)? {
        (DOCUMENT, bytes) => return Ok(Payload::Whole(bytes)),
        (DELTA, bytes) => {
            if let Some((base, delta)) = FramePosition::read_from(&bytes) {
                return Ok(Payload::Delta(base, delta.to_vec()));
            }
        }
        _ => {}
    }
    Err(damage(at.segment, at.offset, "a document cannot be read"))
}

/// A group as read: its events, and the end frame.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) events: Vec<Replayed>,
    /// Size and root that its end frame states.
    pub(super) size: u64,
    pub(super) root: Digest,
    /// The offset after it.
    pub(super) end: u64,
}

/// Reads the group at an offset. `Ok(None)` when there is no complete group.
pub(super) fn group(window: &mut Window<'_>, start: u64) -> Result<Option<Group>, StoreError> {
    let segment = window.segment();
    let mut at = start;
    let mut events: Vec<Replayed> = Vec::new();
    while let Some(Frame { kind, payload, next }) = frame(window, at)? {
        let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
        let place = FramePosition { segment, offset: at, length };
        match kind {
            EVENT => {
                let unread = || unread(payload, segment, at);
                let text = std::str::from_utf8(payload).map_err(|_| unread())?;
                let mut event = serde_json::from_str(text).map_err(|_| unread())?;
                let leaf = leaf(&mut event, Some(text))?.hash();
                let place = EventPlace { event: place, documents: Vec::new() };
                events.push(Replayed { event, leaf, place });
            }
            DOCUMENT | DELTA => {
                let last = events.last_mut().filter(|Replayed { event, place, .. }| {
                    place.documents.len() < event.documents.len()
                });
                let Some(last) = last else {
                    return Err(damage(segment, at, "a document without its event"));
                };
                last.place.documents.push(place);
            }
            END => {
                let (size, root) = end_of_group(payload)
                    .ok_or_else(|| damage(segment, at, "a malformed end of a group"))?;
                return Ok(Some(Group { events, size, root, end: next }));
            }
            _ => return Err(damage(segment, at, "an unknown kind of frame")),
        }
        at = next;
    }
    Ok(None)
}

/// Size and root that the payload of an end frame states.
fn end_of_group(payload: &[u8]) -> Option<(u64, Digest)> {
    let (size, root) = payload.split_first_chunk::<8>()?;
    Some((u64::from_le_bytes(*size), Digest::from_bytes(root.try_into().ok()?)))
}

/// A field or a form of a newer program is not damage: a backup would not help.
fn unread(event: &[u8], segment: u32, at: u64) -> StoreError {
    #[derive(serde::Deserialize)]
    struct Any {
        #[serde(default)]
        form: u32,
        kind: String,
    }
    match serde_json::from_slice(event) {
        Ok(Any { form, .. }) if form > u32::from(LeafFormat::NEWEST) => StoreError::NewerForm(form),
        Ok(Any { kind, .. })
            if serde_json::from_value::<EventKind>(kind.as_str().into()).is_err() =>
        {
            StoreError::NewerKind(kind)
        }
        _ => damage(segment, at, "an event cannot be read"),
    }
}

/// A frame with a correct checksum.
struct Frame<'a> {
    kind: u8,
    payload: &'a [u8],
    /// The offset after it.
    next: u64,
}

/// The frame at an offset. `Ok(None)` when there is none that is whole.
fn frame<'a>(window: &'a mut Window<'_>, at: u64) -> Result<Option<Frame<'a>>, StoreError> {
    let Some(head) = window.get(at, 8)?.and_then(|head| head.first_chunk().copied()) else {
        return Ok(None);
    };
    let body = stated_length(head).saturating_add(2);
    let behind = at.saturating_add(8);
    let Some(body) = window.get(behind, body)? else { return Ok(None) };
    let next = behind.saturating_add(u64::try_from(body.len()).unwrap_or(u64::MAX));
    Ok(checked(head, body).map(|(kind, payload)| Frame { kind, payload, next }))
}

/// Kind and payload of a frame, from its length and checksum and from what follows them.
fn checked(head: [u8; 8], body: &[u8]) -> Option<(u8, &[u8])> {
    let [.., c0, c1, c2, c3] = head;
    let (start, payload) = body.split_first_chunk::<2>()?;
    let is_whole = payload.len() == stated_length(head)
        && crc32c::crc32c(body) == u32::from_le_bytes([c0, c1, c2, c3]);
    is_whole.then_some((start[0], payload))
}

fn stated_length(head: [u8; 8]) -> usize {
    let [l0, l1, l2, l3, ..] = head;
    usize::try_from(u32::from_le_bytes([l0, l1, l2, l3])).unwrap_or(usize::MAX)
}

/// The next end frame from an offset on: the tree size that it states, and the offset after it.
/// There is one after a group that was damaged after it was written.
pub(super) fn next_end(
    window: &mut Window<'_>,
    start: u64,
) -> Result<Option<(u64, u64)>, StoreError> {
    let mut at = start;
    loop {
        let left = usize::try_from(window.length().saturating_sub(at)).unwrap_or(usize::MAX);
        let Some(bytes) = window.get(at, left.min(SEARCHED))? else { return Ok(None) };
        for (place, bytes) in (at..).zip(bytes.windows(END_FRAME)) {
            let end = bytes
                .split_first_chunk()
                .and_then(|(head, body)| checked(*head, body))
                .filter(|(kind, _)| *kind == END)
                .and_then(|(_, payload)| end_of_group(payload));
            if let Some((size, _)) = end {
                return Ok(Some((size, place.saturating_add(END_FRAME as u64))));
            }
        }
        if left <= SEARCHED {
            return Ok(None);
        }
        at = at.saturating_add((SEARCHED - END_FRAME) as u64);
    }
}

/// The leaf of an event: its kind, a digest of its whole content (author and time included), the
/// digests of its artefacts, and the blinding. It has no personal data, and without the blinding
/// guesses cannot be tested.
///
/// `text` is the event as serialised, when that is at hand. The event is changed only temporarily.
pub(super) fn leaf(event: &mut Event, text: Option<&str>) -> Result<LeafContent, StoreError> {
    let artefact = |(_, _, sha256): &(_, _, String)| {
        Digest::from_hex(sha256).ok_or_else(|| StoreError::Damaged {
            place: format!("an event of {}", event.at),
            what: "the digest of a document cannot be read",
        })
    };
    let artefacts = event.documents.iter().map(artefact).collect::<Result<_, _>>()?;
    let (blinding, parts) = match event.form {
        LeafFormat::Parts => (event.blinding.clone(), parts_of_first_format(event)?),
        LeafFormat::All => (event.blinding.clone(), vec![all_of(event, text)?]),
        LeafFormat::Lines => with_lines(event)?,
    };
    Ok(LeafContent { kind: event.kind.name().to_owned(), blinding, parts, artefacts })
}

fn all_of(event: &Event, text: Option<&str>) -> Result<Digest, StoreError> {
    let all = match text {
        Some(text) => text,
        None => &written(|| format!("an event of {}", event.at), event)?,
    };
    Ok(Digest::of(&[event.blinding.as_bytes(), all.as_bytes()]))
}

/// For accesses, several of which may be one act: first the whole event, with each access's line
/// replaced by its digest, then these digests. So one line can be shown to its holder without the
/// others. Each line has 128 random bits in its identifier, which blind it; the rest is blinded by
/// a value that is never disclosed, and the blinding of the leaf is derived from that.
fn with_lines(event: &mut Event) -> Result<(String, Vec<Digest>), StoreError> {
    let mut texts = Vec::new();
    let mut lines = Vec::new();
    for entry in event.entries.iter_mut().filter(|entry| entry.room == Collection::Access) {
        let line = Digest::of(&[entry.value.as_bytes()]);
        texts.push(std::mem::replace(&mut entry.value, line.to_hex()));
        lines.push(line);
    }
    let all = all_of(event, None);
    let accesses = event.entries.iter_mut().filter(|entry| entry.room == Collection::Access);
    for (entry, text) in accesses.zip(texts) {
        entry.value = text;
    }
    let mut blinding = Digest::of(&[b"blind of a leaf\0", event.blinding.as_bytes()]).to_hex();
    blinding.truncate(event.blinding.len());
    Ok((blinding, std::iter::once(all?).chain(lines).collect()))
}

/// For journals of the first format, whose leaves cover record, definition and entries only.
fn parts_of_first_format(event: &Event) -> Result<Vec<Digest>, StoreError> {
    let blinding = event.blinding.as_bytes();
    let record = event.record.as_deref().map(|record| Digest::of(&[blinding, record.as_bytes()]));
    let definition = event
        .definition
        .as_ref()
        .map(|(vct, document)| Digest::of(&[vct.as_bytes(), b"\0", document.as_bytes()]));
    let entries = (!event.entries.is_empty())
        .then(|| written(|| format!("the entries of {}", event.at), &event.entries))
        .transpose()?
        .map(|entries| Digest::of(&[blinding, entries.as_bytes()]));
    Ok(record.into_iter().chain(definition).chain(entries).collect())
}

pub(super) fn damage(segment: u32, at: u64, what: &'static str) -> StoreError {
    StoreError::Damaged { place: format!("segment {segment}, byte {at}"), what }
}

#[cfg(test)]
mod tests {
    use super::super::files::Segments;
    use super::*;

    fn event(form: LeafFormat, lines: &[&str]) -> Event {
        let entry = |(at, line): (usize, &&str)| serde_json::json!({ "room": "access", "key": at.to_string(), "revision": 1, "value": line });
        let entries: Vec<_> = lines.iter().enumerate().map(entry).collect();
        serde_json::from_value(serde_json::json!({
            "form": form, "kind": "accessed", "actor": { "kind": "client", "name": "desk" },
            "at": "2026-11-24T06:00:00Z", "entries": entries, "blind": "07".repeat(16),
        }))
        .unwrap()
    }

    #[test]
    fn a_form_or_kind_of_a_newer_program_is_no_damage() {
        let written = |change: &dyn Fn(&mut serde_json::Value)| {
            let mut json = serde_json::to_value(event(LeafFormat::Lines, &["one"])).unwrap();
            change(&mut json);
            let mut group = GroupWriter::new(1, 0);
            group.put(EVENT, &[&serde_json::to_vec(&json).unwrap()]).unwrap();
            group.finish(1, Digest::of(&[b"root"])).unwrap()
        };
        let read = |bytes: &[u8]| {
            let mut files = Segments::default();
            files.append(1, 0, bytes).unwrap();
            group(&mut Window::open(&files, 1).unwrap(), 0)
        };
        assert!(read(&written(&|_| {})).unwrap().is_some());
        for newer in [3, 300] {
            let bytes = written(&|json| {
                json["form"] = newer.into();
                json["more"] = true.into();
            });
            assert!(matches!(read(&bytes), Err(StoreError::NewerForm(form)) if form == newer));
        }
        let newer = read(&written(&|json| json["kind"] = "merged".into()));
        assert!(matches!(newer, Err(StoreError::NewerKind(kind)) if kind == "merged"));
        let damaged = written(&|json| json["more"] = true.into());
        assert!(matches!(read(&damaged), Err(StoreError::Damaged { .. })));
    }

    #[test]
    fn a_line_has_its_own_digest_and_the_blind_of_the_act_is_not_told() {
        let content = leaf(&mut event(LeafFormat::Lines, &["one", "two"]), None).unwrap();
        let lines = [Digest::of(&[b"one"]), Digest::of(&[b"two"])];
        assert_eq!(content.parts.get(1..), Some(&lines[..]));
        assert_eq!(content.blinding.len(), 32);
        assert_ne!(content.blinding, "07".repeat(16));
        // Every field of the act changes the leaf.
        let mut others = vec![
            leaf(&mut event(LeafFormat::Lines, &["one", "tw0"]), None).unwrap(),
            leaf(&mut event(LeafFormat::Lines, &["one"]), None).unwrap(),
        ];
        let mut other = event(LeafFormat::Lines, &["one", "two"]);
        other.actor = crate::base::actor::Actor::System;
        others.push(leaf(&mut other, None).unwrap());
        other = event(LeafFormat::Lines, &["one", "two"]);
        other.about.push("a licence".to_owned());
        others.push(leaf(&mut other, None).unwrap());
        for other in &others {
            assert_ne!(other.parts.first(), content.parts.first());
            assert_ne!(other.hash(), content.hash());
        }
        // Journals of earlier versions keep their roots.
        let before = leaf(&mut event(LeafFormat::All, &["one", "two"]), None).unwrap();
        assert_eq!((before.parts.len(), before.blinding), (1, "07".repeat(16)));
    }
}
