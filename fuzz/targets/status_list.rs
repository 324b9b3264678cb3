//! Status lists.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yinzheng::base::limits::Budget;
use yinzheng::format::jose::statuslist::StatusToken;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(token) = StatusToken::parse(text, &mut Budget::default()) {
        assert_eq!(token.list.get(u32::MAX), None);
    }
});
