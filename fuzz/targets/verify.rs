//! The whole verifier: a file that is not the sealed one, byte for byte, is never valid.

#[path = "../../tests/world/mod.rs"]
mod world;

use std::sync::{Arc, LazyLock};

use world::TestOffice;
use yinzheng::domain::verify::report::Verdict;
use yinzheng::store::Memory;

struct World {
    test: TestOffice,
    pdf: Vec<u8>,
    credential: Vec<u8>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let test = TestOffice::over(Arc::new(Memory::new().expect("memory")));
    let issued = test.issue("food-operation").expect("the example is issued");
    World { test, pdf: issued.pdf, credential: issued.credential.into_bytes() }
});

// The first byte selects the input itself, or edits of the sealed file or of the credential. An
// edit has a position (3 bytes), an operation (1) and a byte; the rest is appended.
pub fn run(data: &[u8]) {
    let Some((choice, data)) = data.split_first() else { return };
    let original = match choice % 3 {
        0 => &[][..],
        1 => &WORLD.pdf,
        _ => &WORLD.credential,
    };
    let changed = if original.is_empty() { data.to_vec() } else { edit(original, data) };
    if changed == original || (choice % 3 == 2 && is_presentation(&changed, original)) {
        return;
    }
    let report = WORLD.test.office.verify("", &changed);
    // Hexadecimal digits of the message in the other case are the same bytes.
    let same = changed.eq_ignore_ascii_case(original) && choice % 3 == 1;
    assert!(same || report.verdict != Verdict::Valid, "{report:#?}");
}

/// Whether this is a valid presentation: the whole token, and some of the disclosures, each once.
/// White space around a credential, and a byte order mark before it, are not part of it.
fn is_presentation(changed: &[u8], credential: &[u8]) -> bool {
    let parts = |text: &[u8]| -> Vec<Vec<u8>> {
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        text.trim_ascii().split(|byte| *byte == b'~').map(<[u8]>::to_vec).collect()
    };
    let (mut shown, whole) = (parts(changed), parts(credential));
    let same_token = shown.first() == whole.first() && shown.last() == whole.last();
    let count = shown.len();
    shown.sort();
    shown.dedup();
    same_token && shown.len() == count && shown.iter().all(|part| whole.contains(part))
}

fn edit(original: &[u8], data: &[u8]) -> Vec<u8> {
    let mut file = original.to_vec();
    let (edits, appendix) = data.split_at(data.len().min(40));
    for edit in edits.chunks_exact(5) {
        let place = usize::from(edit[0]) << 16 | usize::from(edit[1]) << 8 | usize::from(edit[2]);
        let place = place % file.len().max(1);
        match edit[3] % 5 {
            0 => file[place] ^= edit[4] | 1,
            1 => file.insert(place, edit[4]),
            2 => drop(file.drain(place..(place + usize::from(edit[4])).min(file.len()))),
            3 => file.truncate(place),
            _ => {}
        }
        if file.is_empty() {
            break;
        }
    }
    file.extend(appendix);
    file
}
