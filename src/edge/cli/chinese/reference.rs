//! `docs/reference/commands.md`: every command with its arguments, in both languages.

use std::fmt::Write as _;
use std::fs;

use clap::{Arg, Command, CommandFactory as _};

use super::help::path;
use super::words::Words;
use crate::edge::cli::Arguments;

#[test]
#[expect(clippy::disallowed_methods, reason = "rewrites a file of the source tree, when asked to")]
fn the_reference_has_every_command() {
    const PAGE: &str = "docs/reference/commands.md";
    let mut root = Arguments::command();
    root.build();
    let words = Words::read();
    let mut page = HEAD.to_owned();
    let everywhere = |arg: &&Arg| EVERYWHERE.contains(&arg.get_id().as_str());
    table(root.get_arguments().filter(everywhere), "yinzheng", &words, &mut page);
    for command in root.get_subcommands_mut() {
        section(command, "", &words, &mut page);
    }
    if std::env::var_os("YZ_BLESS").is_some() {
        fs::write(PAGE, &page).unwrap();
    }
    let kept = fs::read_to_string(PAGE).unwrap_or_default();
    assert_eq!(kept, page, "{PAGE} is out of date: run with YZ_BLESS=1");
}

fn section(command: &mut Command, parent: &str, words: &Words, page: &mut String) {
    if command.get_name() == "help" {
        return;
    }
    let path = path(command, parent);
    let marks = if parent.is_empty() { "##" } else { "###" };
    let about = command.get_long_about().or_else(|| command.get_about()).unwrap().to_string();
    let zh = words.of(&path, "about");
    write!(page, "\n{marks} yinzheng {path}\n\n{about}\n\n{zh}\n").unwrap();
    if command.has_subcommands() {
        for inner in command.get_subcommands_mut() {
            section(inner, &path, words, page);
        }
        return;
    }
    let usage = command.render_usage().to_string();
    write!(page, "\n```text\n{}\n```\n\n", usage.trim_start_matches("Usage: ")).unwrap();
    let of_its_own = |arg: &&Arg| !EVERYWHERE.contains(&arg.get_id().as_str());
    table(command.get_arguments().filter(of_its_own), &path, words, page);
    if let Some(after) = command.get_after_long_help() {
        let zh = words.of(&path, "after");
        write!(page, "\n```text\n{after}\n```\n\n```text\n{zh}\n```\n").unwrap();
    }
}

fn table<'a>(args: impl Iterator<Item = &'a Arg>, path: &str, words: &Words, page: &mut String) {
    page.push_str(
        "| Argument | Meaning | 含义 | Values 取值 | Default 默认 |\n|---|---|---|---|---|\n",
    );
    for arg in args {
        let help = arg.get_long_help().or_else(|| arg.get_help()).unwrap().to_string();
        let (mut en, mut zh) = (cell(&help), cell(words.of(path, arg.get_id().as_str())));
        let (mut values, mut default) = (Vec::new(), String::new());
        if arg.get_action().takes_values() {
            for value in arg.get_possible_values() {
                values.push(format!("`{}`", value.get_name()));
                let Some(help) = value.get_help() else { continue };
                let key = format!("{}.{}", arg.get_id(), value.get_name());
                write!(en, "<br>`{}`: {}", value.get_name(), cell(&help.to_string())).unwrap();
                write!(zh, "<br>`{}`：{}", value.get_name(), cell(words.of(path, &key))).unwrap();
            }
            let shown = arg
                .get_default_values()
                .iter()
                .filter(|one| !arg.is_hide_default_value_set() && !one.is_empty());
            default =
                shown.map(|one| format!("`{}`", one.display())).collect::<Vec<_>>().join(", ");
        }
        let name = cell(&arg.to_string());
        writeln!(page, "| `{name}` | {en} | {zh} | {} | {default} |", values.join(", ")).unwrap();
    }
}

/// On one line of a table.
fn cell(text: &str) -> String {
    text.replace("\n\n", "<br>").replace('\n', " ").replace('|', "\\|")
}

/// Arguments that every command has.
const EVERYWHERE: [&str; 3] = ["lang", "help", "version"];
const HEAD: &str = "\
# Commands / 命令

Made from the command line itself: `YZ_BLESS=1 cargo test --features testing --lib cli::chinese`. Step by step, with what is printed: the guides that the [README](../../README.md) lists. Exit codes: 0 done, 1 not done, 64 the command line is wrong, 74 the output could not be written; `verify` has more.

本页由命令行自身生成。分步骤的说明见 [README](../../README.zh-CN.md) 所列的指南。退出码：0 完成，1 未完成，64 命令行有误，74 输出未能写完；`verify` 另有规定。

Every command takes: / 每条命令都接受：

";
