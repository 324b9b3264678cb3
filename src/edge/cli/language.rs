//! Which language the reader asked for on the command line.

use std::ffi::OsString;

use crate::base::localized::Language;

/// The last `--lang` that names a language. It is looked for before the command line is read: what
/// is wrong with the rest is said in this language too.
pub(super) fn of(arguments: &[OsString]) -> Option<Language> {
    named(arguments).into_iter().filter_map(Language::of_code).next_back()
}

/// Another code behind `--lang`: clap says so only when nothing else is wrong.
pub(super) fn unknown(arguments: &[OsString]) -> Option<&str> {
    named(arguments).into_iter().find(|code| Language::of_code(code).is_none())
}

fn named(arguments: &[OsString]) -> Vec<&str> {
    let texts: Vec<_> =
        arguments.iter().filter_map(|one| one.to_str()).take_while(|one| *one != "--").collect();
    let behind = texts.windows(2).filter_map(|pair| match pair {
        ["--lang", code] => Some(*code),
        [_, other] => other.strip_prefix("--lang="),
        _ => None,
    });
    behind.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_found_wherever_it_stands() {
        let asked = |line: &str| of(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert_eq!(asked("yinzheng --lang zh list"), Some(Language::Zh));
        assert_eq!(asked("yinzheng list --lang=en"), Some(Language::En));
        for without in
            ["yinzheng list", "yinzheng --lang fr", "yinzheng --lang", "yinzheng -- --lang zh"]
        {
            assert_eq!(asked(without), None, "{without}");
        }
        let wrong = |line: &str| {
            let given: Vec<_> = line.split(' ').map(OsString::from).collect();
            unknown(&given).map(str::to_owned)
        };
        assert_eq!(wrong("yinzheng --lang fr list").as_deref(), Some("fr"));
        assert_eq!(wrong("yinzheng --lang zh list"), None);
    }
}
