//! ZIP archives: entries are within the file, and none unpacks to more than its stated size.

use yinzheng::base::limits::Budget;
use yinzheng::format::zip::Archive;

pub fn run(data: &[u8]) {
    let mut budget = Budget { archive_bytes: 8 << 20, ..Budget::default() };
    let Ok(archive) = Archive::open(data.to_vec(), &mut budget) else { return };
    for entry in archive.entries() {
        assert!(!entry.name().contains('\0') || entry.fault().is_some());
        if let Ok(Ok(bytes)) = archive.read(entry) {
            assert_eq!(u32::try_from(bytes.len()), Ok(entry.size()));
        }
    }
}
