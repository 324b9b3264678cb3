//! Archives made byte by byte, so that each lie can be told alone.

use std::io::Read as _;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::base::limits::Budget;

/// One entry as it will be written, with its lies.
#[derive(Clone)]
struct Made {
    name: Vec<u8>,
    content: Vec<u8>,
    flags: u16,
    method: u16,
    attributes: u32,
    /// Stands in the header instead of the name.
    local_name: Option<Vec<u8>>,
    size: Option<u32>,
    crc: Option<u32>,
    described: bool,
}

fn made(name: &str, content: &[u8]) -> Made {
    Made {
        name: name.as_bytes().to_vec(),
        content: content.to_vec(),
        flags: 0,
        method: DEFLATED,
        attributes: 0,
        local_name: None,
        size: None,
        crc: None,
        described: false,
    }
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let level = flate2::Compression::best();
    flate2::read::DeflateEncoder::new(bytes, level).read_to_end(&mut packed).unwrap();
    packed
}

/// An archive of the entries; `between` lies before each but the first.
fn archive_with(entries: &[Made], between: &[u8], comment: &[u8]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for (number, one) in entries.iter().enumerate() {
        if number > 0 {
            file.extend(between);
        }
        let packed =
            if one.method == DEFLATED { deflated(&one.content) } else { one.content.clone() };
        let mut crc = flate2::Crc::new();
        crc.update(&one.content);
        let size = one.size.unwrap_or_else(|| u32::try_from(one.content.len()).unwrap());
        let crc = one.crc.unwrap_or_else(|| crc.sum());
        let values = [crc, u32::try_from(packed.len()).unwrap(), size];
        let sizes = values.map(u32::to_le_bytes).concat();
        let at = u32::try_from(file.len()).unwrap();
        let flags = one.flags | if one.described { 8 } else { 0 };
        let common =
            [20_u16.to_le_bytes(), flags.to_le_bytes(), one.method.to_le_bytes(), [0; 2], [0; 2]]
                .concat();
        let local = one.local_name.as_ref().unwrap_or(&one.name);
        file.extend(b"PK\x03\x04");
        file.extend(&common);
        // Info-ZIP knows the size before it writes, and not the checksum.
        let known = [&[0; 8], size.to_le_bytes().as_slice()].concat();
        file.extend(if one.described { known } else { sizes.clone() });
        file.extend(u16::try_from(local.len()).unwrap().to_le_bytes());
        file.extend([0; 2]);
        file.extend(local);
        file.extend(&packed);
        if one.described {
            file.extend(b"PK\x07\x08");
            file.extend(&sizes);
        }
        directory.extend(b"PK\x01\x02\x1e\x03");
        directory.extend(&common);
        directory.extend(&sizes);
        directory.extend(u16::try_from(one.name.len()).unwrap().to_le_bytes());
        directory.extend([0; 8]);
        directory.extend(one.attributes.to_le_bytes());
        directory.extend(at.to_le_bytes());
        directory.extend(&one.name);
    }
    let at = u32::try_from(file.len()).unwrap();
    let count = u16::try_from(entries.len()).unwrap().to_le_bytes();
    file.extend(&directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend([count, count].concat());
    file.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    file.extend(at.to_le_bytes());
    file.extend(u16::try_from(comment.len()).unwrap().to_le_bytes());
    file.extend(comment);
    file
}

fn archive(entries: &[Made]) -> Vec<u8> {
    archive_with(entries, b"", b"")
}

fn open(bytes: Vec<u8>) -> Result<Archive<Vec<u8>>, ZipError> {
    Archive::open(bytes, &mut Budget::default())
}

fn refusal(bytes: Vec<u8>) -> String {
    open(bytes).map(drop).unwrap_err().to_string()
}

/// What the only entry gives.
fn only(entry: Made) -> Result<Vec<u8>, EntryFault> {
    let archive = open(archive(&[entry])).unwrap();
    archive.read(&archive.entries()[0]).unwrap()
}

#[test]
fn entries_come_out_as_they_went_in() {
    let stored = Made { method: STORED, ..made("b", b"two") };
    let described = Made { described: true, ..made("c/d", &[7; 9000]) };
    let folder = Made { method: STORED, ..made("c/", b"") };
    let bytes = archive_with(&[made("示例.pdf", b"one"), stored, folder, described], b"", b"hello");
    let archive = open(bytes).unwrap();
    let all: Vec<_> = archive
        .entries()
        .iter()
        .map(|one| (one.name().into_owned(), archive.read(one).unwrap().unwrap().len()))
        .collect();
    let expected = [("示例.pdf", 3), ("b", 3), ("c/d", 9000)];
    assert_eq!(all, expected.map(|(name, size)| (name.to_owned(), size)));
    assert!(open(self::archive(&[])).unwrap().entries().is_empty());
}

#[test]
fn names_are_read_as_utf8_then_as_gb18030() {
    let gbk = Made { name: b"\xCA\xBE\xC0\xFD.pdf".to_vec(), ..made("", b"x") };
    let neither = Made { name: b"\xFF\xFF.pdf".to_vec(), ..made("", b"x") };
    let archive = open(archive(&[gbk, neither])).unwrap();
    let names: Vec<_> = archive.entries().iter().map(Entry::name).collect();
    assert_eq!(names, ["示例.pdf", r"\xff\xff.pdf"]);
}

#[test]
fn what_is_wrong_with_one_entry_is_said_of_it_alone() {
    assert_eq!(only(Made { flags: 1, ..made("a", b"x") }), Err(EntryFault::Encrypted));
    assert_eq!(only(Made { method: 99, ..made("a", b"x") }), Err(EntryFault::Encrypted));
    assert_eq!(only(Made { method: 12, ..made("a", b"x") }), Err(EntryFault::Method(12)));
    for name in ["/etc/passwd", "../a", "a/../../b", "C:\\a", "..\\a", "\\\\host\\a", "a\0b", ""] {
        assert_eq!(only(made(name, b"x")), Err(EntryFault::Name), "{name:?}");
    }
    let link = Made { attributes: 0o120_777 << 16, ..made("a", b"/etc/passwd") };
    assert_eq!(only(link), Err(EntryFault::NoFile));
    let inner = archive(&[made("a", b"x")]);
    assert_eq!(only(made("inner.zip", &inner)), Err(EntryFault::Nested));
    assert_eq!(only(Made { method: STORED, ..made("inner.pdf", &inner) }), Err(EntryFault::Nested));
    let both = open(archive(&[made("a", b"good"), made("a", b"evil"), made("b", b"c")])).unwrap();
    let faults: Vec<_> = both.entries().iter().map(Entry::fault).collect();
    assert_eq!(faults, [Some(EntryFault::Repeated), Some(EntryFault::Repeated), None]);
    let large = Made { size: Some(65 << 20), ..made("a", b"x") };
    assert_eq!(only(large), Err(EntryFault::TooLarge(65 << 20)));
}

#[test]
fn an_entry_that_lies_is_cut_where_it_says_and_refused() {
    // 64 MB of zeros in 64 KB, said to be ten bytes.
    let bomb = Made { size: Some(10), ..made("a", &vec![0; 64 << 20]) };
    let archive = open(archive(&[bomb])).unwrap();
    let read = Counted(&archive.source, AtomicU64::new(0));
    let fault = inflate::unpack(&read, &archive.entries[0]).unwrap().unwrap_err();
    assert!(matches!(fault, EntryFault::Damaged(_)), "{fault}");
    let taken = read.1.load(Ordering::Relaxed);
    assert!(taken <= 32 << 10, "{taken} bytes were read to see the lie");
    for wrong in [
        Made { size: Some(2), ..made("a", b"abc") },
        Made { size: Some(4), ..made("a", b"abc") },
        Made { size: Some(4), method: STORED, ..made("a", b"abc") },
        Made { crc: Some(1), ..made("a", b"abc") },
    ] {
        assert!(matches!(only(wrong), Err(EntryFault::Damaged(_))));
    }
}

/// Counts the bytes that are read.
struct Counted<'a>(&'a Vec<u8>, AtomicU64);

impl Source for Counted<'_> {
    fn length(&self) -> u64 {
        self.0.length()
    }

    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<()> {
        let count = u64::try_from(buffer.len()).unwrap();
        self.1.fetch_add(count, Ordering::Relaxed);
        self.0.read_at(at, buffer)
    }
}

#[test]
fn what_two_unpackers_could_see_differently_is_refused_whole() {
    let two = [made("a", b"one"), made("b", b"two")];
    assert!(refusal(archive_with(&two, b"gap", b"")).contains("belong to no entry"));
    let mut before = b"MZ".to_vec();
    before.extend(archive(&two));
    assert!(refusal(before).contains("bytes before the archive"));
    let mut behind = archive(&two);
    behind.extend(b"more");
    assert!(refusal(behind).contains("no end"));
    let end = archive(&[]);
    assert!(refusal(archive_with(&two, b"", &end)).contains("second end"));
    let other = Made { local_name: Some(b"z".to_vec()), ..made("a", b"x") };
    assert!(refusal(archive(&[other])).contains("different things"));
    // Two entries of the directory for the same bytes.
    let mut bytes = archive(&two);
    let second = bytes.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    bytes[second + 42..second + 46].fill(0);
    assert!(refusal(bytes).contains("overlap"));
    for length in 0..archive(&two).len() {
        assert!(open(archive(&two)[..length].to_vec()).is_err(), "cut at {length}");
    }
    let mut large = archive(&two);
    let end = large.len() - 22;
    large.splice(end..end, b"PK\x06\x07".iter().copied().chain([0; 16]));
    assert!(refusal(large).contains("ZIP64"));
    let mut volumes = archive(&two);
    let end = volumes.len() - 22;
    volumes[end + 4] = 1;
    assert!(refusal(volumes).contains("several volumes"));
}

#[test]
fn a_bomb_is_found_by_what_it_says_before_anything_is_unpacked() {
    let large = Made { size: Some(60 << 20), ..made("a", b"x") };
    let many: Vec<_> = (0..40)
        .map(|number| Made { name: format!("{number}").into_bytes(), ..large.clone() })
        .collect();
    assert!(refusal(archive(&many)).contains("bytes that an archive unpacks to"));
    let bytes = archive(&[made("a", b"x"), made("b", b"x")]);
    let tight = |budget: Budget| Archive::open(bytes.clone(), &mut { budget }).map(drop);
    assert!(tight(Budget { archive_entries: 1, ..Budget::default() }).is_err());
    assert!(tight(Budget { archive_names: 60, ..Budget::default() }).is_err());
    assert!(tight(Budget { archive_entries: 2, archive_bytes: 2, ..Budget::default() }).is_ok());
}

proptest::proptest! {
    #[test]
    fn any_byte_may_be_changed(at in proptest::prelude::any::<proptest::sample::Index>(), value in proptest::num::u8::ANY) {
        let mut bytes = archive(&[made("a", b"one"), Made { described: true, ..made("b", b"two") }]);
        let at = at.index(bytes.len());
        bytes[at] = value;
        if let Ok(archive) = open(bytes) {
            for entry in archive.entries() {
                drop(archive.read(entry));
            }
        }
    }
}
