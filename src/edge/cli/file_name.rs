//! How the files of a licence are named.

use clap::ValueEnum;

/// After what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FileName {
    /// The licence's number, with _ for what does not belong into the name of a file.
    Number,
    /// Its identifier.
    Id,
}

impl FileName {
    /// The name without its ending.
    pub(super) fn of(self, number: &str, id: &str) -> String {
        let fits = |one: char| one.is_alphanumeric() || "-_".contains(one);
        match self {
            Self::Number => number.chars().map(|one| if fits(one) { one } else { '_' }).collect(),
            Self::Id => id.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_names_a_file_of_the_directory_that_was_given() {
        for (number, name) in [
            ("JY29900010000045", "JY29900010000045"),
            ("（2026）示例证字第 1-2_3 号", "_2026_示例证字第_1-2_3_号"),
            ("../../etc/passwd\0", "______etc_passwd_"),
        ] {
            assert_eq!(FileName::Number.of(number, "1.2.156"), name);
        }
        assert_eq!(FileName::Id.of("JY1", "1.2.156"), "1.2.156");
    }
}
