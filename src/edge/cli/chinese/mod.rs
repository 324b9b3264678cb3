//! The Chinese of the command line's help and refusals. English is in the code, where clap reads it.

mod errors;
mod help;
#[cfg(test)]
mod reference;
pub(super) mod refusals;
mod words;

use std::ffi::OsString;

use clap::Command;
use clap::error::ErrorKind;

/// What is printed in the place of clap's own words: help, or what is wrong with the command line.
pub(super) fn said(command: Command, arguments: &[OsString], error: &clap::Error) -> String {
    match error.kind() {
        ErrorKind::DisplayVersion => error.to_string(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let long = !arguments.iter().any(|argument| argument == "-h");
            let said = help::in_chinese(command, long).try_get_matches_from(arguments);
            said.err().map_or_else(String::new, |help| help.to_string())
        }
        _ => refusals::in_chinese(error),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use clap::{CommandFactory as _, FromArgMatches as _};

    use super::words::{SHARED, WORDS, Words};
    use super::*;
    use crate::edge::cli::Arguments;

    /// Every text that help shows, with where its Chinese stands.
    fn texts(command: &Command, parent: &str, found: &mut BTreeSet<(String, String)>) {
        let path = help::path(command, parent);
        let mut add = |key: &str| found.insert((path.clone(), key.to_owned()));
        add("about");
        if command.get_after_long_help().is_some() {
            add("after");
        }
        for arg in command.get_arguments() {
            assert!(arg.get_help().is_some(), "{path}: {} has no help", arg.get_id());
            add(arg.get_id().as_str());
            for value in arg.get_possible_values().iter().filter(|one| one.get_help().is_some()) {
                add(&format!("{}.{}", arg.get_id(), value.get_name()));
            }
        }
        // `help` has every command once more.
        for inner in command.get_subcommands().filter(|_| command.get_name() != "help") {
            texts(inner, &path, found);
        }
    }

    #[test]
    fn every_text_has_its_chinese() {
        let mut command = Arguments::command();
        command.build();
        let mut expected = BTreeSet::new();
        texts(&command, "", &mut expected);
        let words: BTreeMap<String, BTreeMap<String, String>> = toml::from_str(WORDS).unwrap();
        let mut idle: BTreeSet<(&str, &str)> = words
            .iter()
            .flat_map(|(table, rows)| rows.keys().map(move |key| (table.as_str(), key.as_str())))
            .collect();
        let (words, mut missing) = (Words::read(), Vec::new());
        for (path, key) in &expected {
            if words.of(path, key).is_empty() {
                missing.push(format!("[{path}] {key}"));
            }
            if !idle.remove(&(path.as_str(), key.as_str())) {
                idle.remove(&(SHARED, key.as_str()));
            }
        }
        assert!(missing.is_empty(), "no Chinese in words.toml:\n{}", missing.join("\n"));
        assert!(idle.is_empty(), "words.toml has what no command has: {idle:?}");
        for (path, key) in &expected {
            let text = words.of(path, key);
            let first = text.split("\n\n").next().unwrap_or_default();
            assert!(
                ![text, first].iter().any(|one| one.ends_with('。')),
                "{path}: {key} ends with a full stop: {text}"
            );
        }
        assert!(expected.len() > 200, "{}", expected.len());
    }

    fn told(line: &str) -> String {
        let given: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let read = Arguments::command().try_get_matches_from(&given);
        let error =
            read.and_then(|mut read| Arguments::from_arg_matches_mut(&mut read)).unwrap_err();
        said(Arguments::command(), &given, &error)
    }

    #[test]
    fn help_stands_in_columns_and_is_short_or_long() {
        let (long, short) = (told("yinzheng verify --help"), told("yinzheng verify -h"));
        assert_eq!(told("yinzheng help verify"), long);
        for part in ["用法：yinzheng verify [选项] <FILES>...", "参数：", "选项：", "[默认：0]"]
        {
            assert!(long.contains(part) && short.contains(part), "{part}: {long}");
        }
        for part in ["包中之包不再打开", "退出码"] {
            assert!(long.contains(part) && !short.contains(part), "{part}: {long}");
        }
        assert!(long.contains("显示帮助；-h 简略，--help 详细"), "{long}");
        let list = told("yinzheng list -h");
        assert!(list.contains("  显示帮助\n") || list.ends_with("  显示帮助\n"), "{list}");
        assert!(told("yinzheng issue --help").contains("- id：证照标识"));
        assert!(
            told("yinzheng").contains("\n  issue        按 JSON 申请签发证照\n"),
            "{}",
            told("yinzheng")
        );
        assert!(
            told("yinzheng log")
                .contains("\n命令：\n  checkpoint       显示日志最新的签名检查点\n")
        );
        for english in ["Usage", "Options", "Print", "default", "possible"] {
            assert!(!long.contains(english), "{english}: {long}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_in_chinese() {
        for (line, parts) in [
            (
                "yinzheng verfy",
                &["没有命令 'verfy'", "是否要写 'verify'？", "用法：yinzheng [选项] <命令>"][..],
            ),
            ("yinzheng list --dir x --stat active", &["没有参数 '--stat'", "'--state'"]),
            (
                "yinzheng list --dir x --state y",
                &["取值 'y' 不正确", "[可选的取值：active、suspended"],
            ),
            ("yinzheng list --dir x --from y", &["日期写作 2026-11-24"]),
            ("yinzheng list --dir", &["'--dir <DIR>' 须写明取值"]),
            ("yinzheng list --dir x --dir y", &["只能写一次"]),
            ("yinzheng issue --dir x", &["缺少必需的参数：\n  --type <KIND>\n  <INPUT>\n"]),
            ("yinzheng verify x --json --csv", &["'--json' 不能与下列参数同时使用：\n  --csv"]),
            ("yinzheng proposals show --dir x y", &["须为不小于零的整数"]),
            ("yinzheng serve --dir x --listen y", &["127.0.0.1:8080"]),
            ("yinzheng destination new-key --dir x --overlap 91", &["0 至 90 天"]),
            ("yinzheng list x", &["没有参数 'x'"]),
        ] {
            let said = told(line);
            for part in parts.iter().chain(&["错误：", "详细说明见 '--help'"]) {
                assert!(said.contains(part), "{line}: {part}: {said}");
            }
        }
    }
}
