//! Strict JSON: whatever it accepts, serde_json accepts too, with the same value.

use yinzheng::format::jose::json;

pub fn run(data: &[u8]) {
    let Ok(value) = json::parse(data, 16) else { return };
    let usual: serde_json::Value = serde_json::from_slice(data).expect("a strict reader takes less");
    assert_eq!(value, usual);
}
