//! Status lists.

use yinzheng::base::limits::Budget;
use yinzheng::format::jose::statuslist::StatusToken;

pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(token) = StatusToken::parse(text, &mut Budget::default()) {
        let end = u32::try_from(token.list.len()).expect("a list within its budget");
        assert!(token.list.get(end).is_err() && token.list.get(u32::MAX).is_err());
        assert!(token.begins < token.expires && token.issued <= token.begins);
    }
}
