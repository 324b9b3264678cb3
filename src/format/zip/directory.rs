//! The central directory of an archive, and the local header of each entry (APPNOTE 4.3).

use std::collections::HashMap;

use super::entry::{DEFLATED, END, EntryFault, LOCAL, STORED, Source, ZipEntry, ZipError};
use super::extra::Extra;
use super::names::place_of;
use crate::base::digest::Digest;
use crate::base::limits::{Budget, Purse};

/// Reads and compares everything that describes the layout of the entries.
pub(super) fn read(source: &impl Source, budget: &mut Budget) -> Result<Vec<ZipEntry>, ZipError> {
    let end = End::find(source)?;
    budget.pay(Purse::ArchiveEntries, usize::from(end.count), "archive entries")?;
    let size = usize::try_from(end.size).unwrap_or(usize::MAX);
    budget.pay(Purse::ArchiveNames, size, "bytes of an archive's directory")?;
    let bytes = bytes_at(source, u64::from(end.offset), size)?;
    let mut fields = Fields { bytes: &bytes, at: u64::from(end.offset) };
    let mut records = Vec::new();
    for _ in 0..end.count {
        records.push(Record::read(&mut fields)?);
    }
    if !fields.bytes.is_empty() {
        return fault(fields.at, "the directory is longer than its entries");
    }
    place(source, &mut records, u64::from(end.offset), budget)?;
    entries(records, budget)
}

/// The end of the directory.
struct End {
    count: u16,
    size: u32,
    offset: u32,
}

impl End {
    /// Finds the single end record; its comment extends to the end of the file.
    fn find(source: &impl Source) -> Result<Self, ZipError> {
        let length = source.length();
        if length > u64::from(u32::MAX) {
            return fault(0, "4 GB or more: ZIP64 is not read; make several archives");
        }
        let tail = length.min(END_BYTES);
        let start = length.saturating_sub(tail);
        let bytes = bytes_at(source, start, usize::try_from(tail).unwrap_or(usize::MAX))?;
        let mut found = None;
        for (at, rest) in (start..).zip((0..bytes.len()).filter_map(|from| bytes.get(from..))) {
            if !rest.starts_with(END) {
                continue;
            }
            let mut fields = Fields { bytes: rest, at };
            let Ok((end, volumes, comment)) = Self::read(&mut fields) else { continue };
            if u64::from(comment) != length.saturating_sub(fields.at) {
                continue;
            }
            if volumes || end.count == u16::MAX || end.offset == u32::MAX {
                return fault(at, "several volumes, or ZIP64: not read; make several archives");
            }
            // A second end record inside the comment of the first: readers differ in which they
            // use.
            let hidden = fields.bytes.windows(END.len()).any(|window| window == END);
            if found.is_some() || hidden {
                return fault(at, "a second end of the directory");
            }
            let before = at.checked_sub(20).map(|at| bytes_at(source, at, 4)).transpose()?;
            if before.is_some_and(|mark| mark == b"PK\x06\x07") {
                return fault(at, "ZIP64 is not read; make the archive without it");
            }
            if u64::from(end.offset).saturating_add(u64::from(end.size)) != at {
                return fault(at, "bytes before the archive, or behind its directory");
            }
            found = Some(end);
        }
        found.map_or_else(|| fault(length, "the archive has no end: it is cut or no ZIP"), Ok)
    }

    /// The record, whether it belongs to several volumes, and the length of its comment.
    fn read(fields: &mut Fields<'_>) -> Result<(Self, bool, u16), ZipError> {
        fields.skip(END.len())?;
        let (disk, first_disk) = (fields.u16()?, fields.u16()?);
        let (here, count) = (fields.u16()?, fields.u16()?);
        let (size, offset) = (fields.u32()?, fields.u32()?);
        let volumes = (disk, first_disk) != (0, 0) || here != count;
        Ok((Self { count, size, offset }, volumes, fields.u16()?))
    }
}

/// A record of the central directory.
struct Record {
    name: Vec<u8>,
    flags: u16,
    method: u16,
    crc: u32,
    packed: u32,
    size: u32,
    /// The file type bits of Unix; 0 when there are none.
    kind: u32,
    header: u32,
    data: u64,
    /// Whether one of the headers has another name in its extra fields.
    renamed: bool,
    /// Whether the sizes in the descriptor after the entry have eight bytes.
    wide: bool,
}

impl Record {
    fn read(fields: &mut Fields<'_>) -> Result<Self, ZipError> {
        let at = fields.at;
        if fields.take(4)? != b"PK\x01\x02" {
            return fault(at, "no entry of the directory where one should be");
        }
        fields.skip(4)?;
        let (flags, method) = (fields.u16()?, fields.u16()?);
        fields.skip(4)?;
        let (crc, packed, size) = (fields.u32()?, fields.u32()?, fields.u32()?);
        let lengths = [fields.u16()?, fields.u16()?, fields.u16()?].map(usize::from);
        let disk = fields.u16()?;
        fields.skip(2)?;
        let (attributes, header) = (fields.u32()?, fields.u32()?);
        let [name, extra, comment] = lengths;
        let name = fields.take(name)?.to_vec();
        let extra = Extra::read(fields.take(extra)?, &name);
        fields.skip(comment)?;
        if disk != 0 || [packed, size, header].contains(&u32::MAX) {
            return fault(at, "several volumes, or ZIP64: not read");
        }
        // Some unpackers use them whatever system the header names.
        let kind = attributes >> 28;
        let renamed = extra.renames || extra.is_broken;
        let (data, wide) = (0, false);
        Ok(Self { name, flags, method, crc, packed, size, kind, header, data, renamed, wide })
    }

    /// Compares the local header, and returns where the entry's bytes end.
    fn compare(&mut self, source: &impl Source, budget: &mut Budget) -> Result<u64, ZipError> {
        let at = u64::from(self.header);
        let bytes = bytes_at(source, at, 30)?;
        let mut fields = Fields { bytes: &bytes, at };
        if fields.take(4)? != LOCAL {
            return fault(at, "no header where the directory says that an entry begins");
        }
        fields.skip(2)?;
        let (flags, method) = (fields.u16()?, fields.u16()?);
        fields.skip(4)?;
        let (crc, packed, size) = (fields.u32()?, fields.u32()?, fields.u32()?);
        let (name, extra) = (usize::from(fields.u16()?), usize::from(fields.u16()?));
        let length = name.saturating_add(extra);
        budget.pay(Purse::ArchiveNames, length, "bytes of an archive's headers")?;
        let behind = bytes_at(source, fields.at, length)?;
        let (name, extra) = behind.split_at_checked(name).unwrap_or_default();
        let extra = Extra::read(extra, name);
        let [unpacked, stored] = match extra.sizes {
            // The sizes of the field count when one of the header's says so (APPNOTE 4.5.3).
            Some(sizes) if [packed, size].contains(&u32::MAX) => sizes,
            _ => [size, packed].map(u64::from),
        };
        let here = [u64::from(crc), stored, unpacked];
        let own = [self.crc, self.packed, self.size].map(u64::from);
        // With bit 3 they are in the descriptor, and zero or provisional here.
        let fits = |(here, own): (&u64, &u64)| here == own || (self.is_described() && *here == 0);
        let fits = here.iter().zip(&own).all(fits);
        if !fits || flags != self.flags || method != self.method || name != self.name {
            return fault(at, "an entry's header and the directory say different things");
        }
        self.renamed |= extra.renames || extra.is_broken;
        self.wide = extra.sizes.is_some();
        self.data = fields.at.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
        Ok(self.data.saturating_add(u64::from(self.packed)))
    }

    fn is_described(&self) -> bool {
        self.flags & 1 << 3 != 0
    }

    /// Whether the bytes after the entry are its descriptor, with the same values. Sizes have eight
    /// bytes when the header has a ZIP64 field (APPNOTE 4.3.9.2), which not every writer respects.
    fn described(&self, behind: &[u8]) -> bool {
        // Older writers omit the signature.
        let values = [behind, behind.strip_prefix(b"PK\x07\x08").unwrap_or(behind)];
        let short = [self.crc, self.packed, self.size].map(u32::to_le_bytes).concat();
        let sizes = [self.packed, self.size].map(|size| u64::from(size).to_le_bytes());
        let long = [self.crc.to_le_bytes().as_slice(), sizes.concat().as_slice()].concat();
        values.contains(&short.as_slice()) || (self.wide && values.contains(&long.as_slice()))
    }

    fn is_folder(&self) -> bool {
        self.name.ends_with(b"/") && self.size == 0
    }

    fn fault(&self, file_bytes: usize) -> Option<EntryFault> {
        if self.flags & (1 | 1 << 6 | 1 << 13) != 0 || self.method == 99 {
            return Some(EntryFault::Encrypted);
        }
        if !is_inside(&self.name) {
            return Some(EntryFault::Name);
        }
        if self.renamed {
            return Some(EntryFault::Renamed);
        }
        if self.kind != 0 && self.kind != UNIX_FILE {
            return Some(EntryFault::NoFile);
        }
        if ![STORED, DEFLATED].contains(&self.method) {
            return Some(EntryFault::Method(self.method));
        }
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        (size > file_bytes).then_some(EntryFault::TooLarge(self.size))
    }
}

/// The entries fill the file up to the directory: none overlaps, and nothing is between them.
fn place(
    source: &impl Source,
    records: &mut [Record],
    directory: u64,
    budget: &mut Budget,
) -> Result<(), ZipError> {
    records.sort_by_key(|record| record.header);
    let mut next = 0;
    let mut previous: Option<&Record> = None;
    for record in records.iter_mut() {
        let begins = u64::from(record.header);
        follows(source, previous, next, begins)?;
        next = record.compare(source, budget)?;
        previous = Some(record);
    }
    follows(source, previous, next, directory)
}

/// Between the bytes of an entry and what follows there is only its descriptor, if it has one.
fn follows(
    source: &impl Source,
    previous: Option<&Record>,
    ends: u64,
    begins: u64,
) -> Result<(), ZipError> {
    let Some(gap) = begins.checked_sub(ends) else {
        return fault(begins, "entries overlap");
    };
    let fits = match previous.filter(|record| record.is_described()) {
        None => gap == 0,
        Some(record) => {
            [12, 16, 20, 24].contains(&gap)
                && record.described(&bytes_at(source, ends, usize::try_from(gap).unwrap_or(0))?)
        }
    };
    if fits { Ok(()) } else { fault(ends, "bytes that belong to no entry") }
}

/// The entries without the folders, each with its fault. Only entries that can be unpacked are paid
/// for.
fn entries(records: Vec<Record>, budget: &mut Budget) -> Result<Vec<ZipEntry>, ZipError> {
    let places: Vec<Digest> = records.iter().map(|record| place_of(&record.name)).collect();
    let mut named: HashMap<Digest, u32> = HashMap::new();
    for place in &places {
        let count = named.entry(*place).or_default();
        *count = count.saturating_add(1);
    }
    let mut entries = Vec::new();
    let files = records.into_iter().zip(places).filter(|(record, _)| !record.is_folder());
    for (record, place) in files {
        let repeated = named.get(&place).is_some_and(|count| *count > 1);
        let repeated = repeated.then_some(EntryFault::Repeated);
        let fault = record.fault(budget.file_bytes).or(repeated);
        if fault.is_none() {
            let size = usize::try_from(record.size).unwrap_or(usize::MAX);
            budget.pay(Purse::ArchiveBytes, size, "bytes that an archive unpacks to")?;
        }
        let Record { name, method, crc, packed, size, data, .. } = record;
        entries.push(ZipEntry { name, method, crc, packed, size, data, fault });
    }
    Ok(entries)
}

/// Whether a name stays inside the folder that it is unpacked into, on Unix and on Windows.
fn is_inside(name: &[u8]) -> bool {
    let mut parts = name.split(|byte| [b'/', b'\\'].contains(byte));
    let is_file = parts.clone().next_back() != Some(b".");
    // A colon ends a drive name or begins the name of an alternate data stream.
    let stays = !name.contains(&0) && !name.contains(&b':');
    is_file && stays && parts.all(|part| !part.is_empty() && part != b"..")
}

/// Little-endian fields, one after the other.
struct Fields<'a> {
    bytes: &'a [u8],
    at: u64,
}

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], ZipError> {
        let Some((taken, rest)) = self.bytes.split_at_checked(count) else {
            return fault(self.at, "a record is cut off");
        };
        self.bytes = rest;
        self.at = self.at.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        Ok(taken)
    }

    fn skip(&mut self, count: usize) -> Result<(), ZipError> {
        self.take(count).map(drop)
    }

    fn u16(&mut self) -> Result<u16, ZipError> {
        let mut bytes = [0; 2];
        bytes.copy_from_slice(self.take(2)?);
        Ok(u16::from_le_bytes(bytes))
    }

    fn u32(&mut self) -> Result<u32, ZipError> {
        let mut bytes = [0; 4];
        bytes.copy_from_slice(self.take(4)?);
        Ok(u32::from_le_bytes(bytes))
    }
}

/// Callers know that `count` is bounded: a header, a name, or what was paid for.
fn bytes_at(source: &impl Source, at: u64, count: usize) -> Result<Vec<u8>, ZipError> {
    let end = at.checked_add(u64::try_from(count).unwrap_or(u64::MAX));
    if end.is_none_or(|end| end > source.length()) {
        return fault(at, "a record that lies beyond the end of the file");
    }
    let mut bytes = vec![0; count];
    source.read_at(at, &mut bytes)?;
    Ok(bytes)
}

fn fault<T>(at: u64, what: &'static str) -> Result<T, ZipError> {
    Err(ZipError::Structure { at, what })
}

/// Length of an end record with the longest comment.
const END_BYTES: u64 = 22 + 0xFFFF;
/// `S_IFREG`, shifted.
const UNIX_FILE: u32 = 8;
