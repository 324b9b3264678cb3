//! Applications of every type: a fault with a place, or values that fit.

use std::sync::LazyLock;

use yinzheng::base::codes::ListedCodes;
use yinzheng::base::time::Date;
use yinzheng::domain::licence::application::{self, Terms};
use yinzheng::domain::licence::kind::Types;
use yinzheng::format::jose::json;

static TYPES: LazyLock<Types> = LazyLock::new(|| Types::built_in().expect("built-in types read"));

pub fn run(data: &[u8]) {
    let Ok(input) = json::parse(data, 16) else { return };
    let today = Date::new(2026, 11, 24).expect("a day");
    for kind in TYPES.iter() {
        let listed_codes = &ListedCodes::default();
        let terms = Terms { today, can_print: &|_| true, listed_codes };
        match application::check(&input, kind, &terms) {
            Ok(good) => assert!(good.values.len() <= kind.fields.len()),
            Err(faults) => assert!(!faults.is_empty()),
        }
    }
}
