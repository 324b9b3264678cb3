//! Extra fields of an entry (APPNOTE 4.5): another name, and sizes of eight bytes.

use super::names::decoded;

/// The content of the extra fields of one header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Extra {
    /// Unpackers may write the entry under another name than the header's.
    pub(super) renames: bool,
    /// The fields cannot be parsed completely: unpackers may interpret them differently.
    pub(super) is_broken: bool,
    /// The sizes of the ZIP64 field, unpacked and in the archive. In a local header both must be
    /// present (4.5.3).
    pub(super) sizes: Option<[u64; 2]>,
}

impl Extra {
    /// Reads the fields of the entry `name`.
    pub(super) fn read(mut fields: &[u8], name: &[u8]) -> Self {
        let mut extra = Self::default();
        while let Some((head, rest)) = fields.split_first_chunk::<4>() {
            let [id_low, id_high, size_low, size_high] = *head;
            let size = usize::from(u16::from_le_bytes([size_low, size_high]));
            let Some((data, behind)) = rest.split_at_checked(size) else { break };
            match u16::from_le_bytes([id_low, id_high]) {
                UNICODE_PATH => extra.renames |= !is_same_name(data, name),
                ZIP64 => extra.sizes = extra.sizes.or_else(|| sizes(data)),
                _ => {}
            }
            fields = behind;
        }
        // Tools that align entries pad with zeros.
        extra.is_broken = fields.iter().any(|byte| *byte != 0);
        extra
    }
}

/// Whether the Unicode path field (4.6.9) has the header's name in another encoding. Its version
/// and checksum are not checked: not every unpacker checks them.
fn is_same_name(field: &[u8], name: &[u8]) -> bool {
    let path = field.get(5..).and_then(|path| std::str::from_utf8(path).ok());
    path.is_some_and(|path| path == decoded(name))
}

fn sizes(field: &[u8]) -> Option<[u64; 2]> {
    let (unpacked, rest) = field.split_first_chunk::<8>()?;
    let (packed, _) = rest.split_first_chunk::<8>()?;
    Some([u64::from_le_bytes(*unpacked), u64::from_le_bytes(*packed)])
}

const ZIP64: u16 = 0x0001;
const UNICODE_PATH: u16 = 0x7075;
