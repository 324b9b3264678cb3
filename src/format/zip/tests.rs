//! Archives built byte by byte, so that each contradiction is tested alone.

use std::io::Read as _;
use std::sync::atomic::{AtomicU64, Ordering};

use super::entry::{DEFLATED, STORED};
use super::*;
use crate::base::limits::Budget;

/// One entry to write, with its contradictions.
#[derive(Clone)]
struct Made {
    name: Vec<u8>,
    content: Vec<u8>,
    flags: u16,
    method: u16,
    attributes: u32,
    /// The name in the local header, when it differs.
    local_name: Option<Vec<u8>>,
    /// Extra fields, in the header and in the directory.
    extras: [Vec<u8>; 2],
    /// Whether the header has its sizes in a ZIP64 field, and the descriptor eight bytes for each.
    wide: bool,
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
        extras: [Vec::new(), Vec::new()],
        wide: false,
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

/// An archive of the entries; `between` precedes each but the first.
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
        // Info-ZIP knows the size before it writes, but not the checksum.
        let known = [&[0; 8], size.to_le_bytes().as_slice()].concat();
        let long = [values[2], values[1]].map(|size| u64::from(size).to_le_bytes()).concat();
        let mut extra = one.extras[0].clone();
        if one.wide {
            let unknown = if one.described { vec![0; 16] } else { long.clone() };
            extra.extend(field(1, &unknown));
            file.extend(if one.described { 0 } else { crc }.to_le_bytes());
            file.extend([0xFF; 8]);
        } else {
            file.extend(if one.described { known } else { sizes.clone() });
        }
        file.extend(u16::try_from(local.len()).unwrap().to_le_bytes());
        file.extend(u16::try_from(extra.len()).unwrap().to_le_bytes());
        file.extend(local);
        file.extend(&extra);
        file.extend(&packed);
        if one.described {
            file.extend(b"PK\x07\x08");
            if one.wide {
                file.extend(crc.to_le_bytes());
                file.extend([&long[8..], &long[..8]].concat());
            } else {
                file.extend(&sizes);
            }
        }
        directory.extend(b"PK\x01\x02\x1e\x03");
        directory.extend(&common);
        directory.extend(&sizes);
        directory.extend(u16::try_from(one.name.len()).unwrap().to_le_bytes());
        directory.extend(u16::try_from(one.extras[1].len()).unwrap().to_le_bytes());
        directory.extend([0; 6]);
        directory.extend(one.attributes.to_le_bytes());
        directory.extend(at.to_le_bytes());
        directory.extend(&one.name);
        directory.extend(&one.extras[1]);
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

/// An extra field.
fn field(id: u16, data: &[u8]) -> Vec<u8> {
    let size = u16::try_from(data.len()).unwrap();
    [&id.to_le_bytes()[..], &size.to_le_bytes(), data].concat()
}

fn unicode_path(name: &[u8], path: &str) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(name);
    field(0x7075, &[&[1], &crc.sum().to_le_bytes()[..], path.as_bytes()].concat())
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

/// The result of reading an archive with one entry.
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
    let names: Vec<_> = archive.entries().iter().map(ZipEntry::name).collect();
    assert_eq!(names, ["示例.pdf", r"\xff\xff.pdf"]);
}

#[test]
fn what_is_wrong_with_one_entry_is_said_of_it_alone() {
    assert_eq!(only(Made { flags: 1, ..made("a", b"x") }), Err(EntryFault::Encrypted));
    assert_eq!(only(Made { method: 99, ..made("a", b"x") }), Err(EntryFault::Encrypted));
    assert_eq!(only(Made { method: 12, ..made("a", b"x") }), Err(EntryFault::Method(12)));
    for name in [
        "/etc/passwd",
        "../a",
        "a/../../b",
        "C:\\a",
        "..\\a",
        "\\\\host\\a",
        "a\0b",
        "",
        "a.pdf::$DATA",
        ".",
        "a/.",
    ] {
        assert_eq!(only(made(name, b"x")), Err(EntryFault::Name), "{name:?}");
    }
    let link = Made { attributes: 0o120_777 << 16, ..made("a", b"/etc/passwd") };
    // Whatever system the header names: Unix, DOS.
    for system in [3, 0] {
        let mut bytes = archive(std::slice::from_ref(&link));
        let at = bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
        bytes[at + 5] = system;
        assert_eq!(open(bytes).unwrap().entries()[0].fault(), Some(EntryFault::NoFile));
    }
    assert!(only(made("./a", b"x")).is_ok());
    let inner = archive(&[made("a", b"x")]);
    assert_eq!(only(made("inner.zip", &inner)), Err(EntryFault::Nested));
    assert_eq!(only(Made { method: STORED, ..made("inner.pdf", &inner) }), Err(EntryFault::Nested));
    let both = open(archive(&[made("a", b"good"), made("a", b"evil"), made("b", b"c")])).unwrap();
    let faults: Vec<_> = both.entries().iter().map(ZipEntry::fault).collect();
    assert_eq!(faults, [Some(EntryFault::Repeated), Some(EntryFault::Repeated), None]);
    let large = Made { size: Some(65 << 20), ..made("a", b"x") };
    assert_eq!(only(large), Err(EntryFault::TooLarge(65 << 20)));
}

#[test]
fn a_second_name_refuses_the_entry_wherever_it_stands() {
    let gbk = b"\xCA\xBE\xC0\xFD.pdf";
    let same = unicode_path(gbk, "示例.pdf");
    let entry = |extras: [Vec<u8>; 2]| Made { name: gbk.to_vec(), extras, ..made("", b"x") };
    let none = Vec::new;
    for extras in [
        [same.clone(), same.clone()],
        [none(), same.clone()],
        [field(0x5455, &[1; 5]), [same.clone(), vec![0; 3]].concat()],
        [vec![0; 9], none()],
    ] {
        assert_eq!(only(entry(extras.clone())), Ok(b"x".to_vec()), "{extras:?}");
    }
    let other = unicode_path(gbk, "别的.pdf");
    let stale = field(0x7075, b"\x01\0\0\0\0other.pdf");
    let version = [b"up\x0e\0\x02\0\0\0\0", "别的.pdf".as_bytes()].concat();
    let not_utf8 = field(0x7075, &[&[1, 0, 0, 0, 0], &gbk[..]].concat());
    for bad in [
        other.clone(),
        stale,
        version,
        not_utf8,
        field(0x7075, b"\x01"),
        [same.clone(), other.clone()].concat(),
        [field(0x5455, &[1; 5]), other].concat(),
        same[..same.len() - 1].to_vec(),
        b"up\xFF\xFF\x01".to_vec(),
        b"up".to_vec(),
    ] {
        for extras in [[bad.clone(), none()], [none(), bad.clone()], [same.clone(), bad.clone()]] {
            assert_eq!(only(entry(extras.clone())), Err(EntryFault::Renamed), "{extras:?}");
        }
    }
}

#[test]
fn names_that_lead_to_one_place_are_repeated() {
    let both = |one: &[u8], other: &[u8]| {
        let [one, other] = [one, other].map(|name| Made { name: name.to_vec(), ..made("", b"x") });
        let archive = open(archive(&[one, other])).unwrap();
        let faults: Vec<_> = archive.entries().iter().map(ZipEntry::fault).collect();
        faults == [Some(EntryFault::Repeated); 2]
    };
    for (one, other) in [
        ("执照.pdf", &b"\xD6\xB4\xD5\xD5.pdf"[..]),
        ("a.pdf", b"A.PDF"),
        ("dir/a.pdf", b"dir\\A.pdf"),
        ("dir/a.pdf", b"Dir/./a.pdf"),
        ("a.pdf", b"./a.pdf"),
        ("a.pdf", b"a.pdf. "),
        ("caf\u{E9}.pdf", "cafe\u{301}.pdf".as_bytes()),
        ("ΟΔΟΣ.pdf", "οδος.pdf".as_bytes()),
        ("\u{212A}.pdf", b"k.pdf"),
    ] {
        assert!(both(one.as_bytes(), other), "{one} {}", other.escape_ascii());
    }
    for (one, other) in [("a b.pdf", "ab.pdf"), ("a/b.pdf", "ab.pdf"), ("a.pdf", "á.pdf")] {
        assert!(!both(one.as_bytes(), other.as_bytes()), "{one} {other}");
    }
    let folder = Made { method: STORED, ..made("A/", b"") };
    let file = open(archive(&[folder, made("a", b"x")])).unwrap();
    assert_eq!(file.entries()[0].fault(), Some(EntryFault::Repeated));
}

#[test]
fn sizes_in_a_zip64_field_in_front_of_an_entry_are_read_and_compared() {
    for described in [false, true] {
        for method in [STORED, DEFLATED] {
            let wide = Made { wide: true, described, method, ..made("a", &[7; 900]) };
            let after = made("b", b"two");
            let archive = open(archive(&[wide, after])).unwrap();
            let read =
                archive.entries().iter().map(|one| archive.read(one).unwrap().unwrap().len());
            assert_eq!(read.collect::<Vec<_>>(), [900, 3], "{described} {method}");
        }
    }
    let good = archive(&[Made { wide: true, ..made("a", &[7; 900]) }]);
    // After the header of 30 bytes and the name: the field's id and size, then the sizes.
    for at in 31..51 {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert!(refusal(bad).contains("different things"), "{at}");
    }
}

#[test]
fn an_entry_that_lies_is_cut_where_it_says_and_refused() {
    // 64 MB of zeros in 64 KB, with a stated size of ten bytes.
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

    fn read_at(&self, at: u64, buffer: &mut [u8]) -> std::io::Result<()> {
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
