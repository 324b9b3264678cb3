//! `NumericDate` (RFC 7519, 2): seconds since 1970, with a fraction when the writer's clock has
//! one.
//!
//! The rest of the program counts whole seconds. A fraction is rounded against the party that it
//! would help: a start is rounded up, an end down. A time of issue is rounded down, so that a token
//! never counts as issued later than it states.

use serde_json::Value;

use crate::base::time::Timestamp;

/// A time of a token as the whole seconds before and after it, which are equal without a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumericDate {
    before: Timestamp,
    after: Timestamp,
}

impl NumericDate {
    /// Reads a JSON number. `None` for anything else, and outside the years 1970 to 9998.
    pub fn read(value: &Value) -> Option<Self> {
        if let Some(seconds) = value.as_i64() {
            let at = Timestamp::from_unix(seconds)?;
            return Some(Self { before: at, after: at });
        }
        let since = std::time::Duration::try_from_secs_f64(value.as_f64()?).ok()?;
        let whole = i64::try_from(since.as_secs()).ok()?;
        let next = whole.checked_add(i64::from(since.subsec_nanos() > 0))?;
        Some(Self { before: Timestamp::from_unix(whole)?, after: Timestamp::from_unix(next)? })
    }

    /// For `iat`: time of issue, rounded down.
    pub fn made(self) -> Timestamp {
        self.before
    }

    /// For `nbf`, and for `iat` where it must not be in the future: rounded up.
    pub fn begins(self) -> Timestamp {
        self.after
    }

    /// For `exp`: end, rounded down.
    pub fn ends(self) -> Timestamp {
        self.before
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_fraction_helps_nobody() {
        let read = |value: Value| NumericDate::read(&value);
        let at = |seconds| Timestamp::from_unix(seconds).unwrap();
        for whole in [json!(1_795_000_000), json!(1_795_000_000.0), json!(1.795e9)] {
            let read = read(whole).unwrap();
            assert_eq!((read.begins(), read.ends()), (at(1_795_000_000), at(1_795_000_000)));
        }
        let half = read(json!(1_795_000_000.5)).unwrap();
        assert_eq!((half.made(), half.ends()), (at(1_795_000_000), at(1_795_000_000)));
        assert_eq!(half.begins(), at(1_795_000_001));
        for none in [
            json!(-1),
            json!(-0.5),
            json!(1e300),
            json!(253_370_678_400.5),
            json!("1795000000"),
            json!(true),
            json!([1]),
            Value::Null,
        ] {
            assert_eq!(read(none.clone()), None, "{none}");
        }
    }
}
