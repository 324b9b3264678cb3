//! Help in Chinese. clap breaks lines at spaces alone and counts a Chinese character as one column,
//! so the text is set here.

use clap::builder::PossibleValue;
use clap::{Arg, Command};

use super::words::Words;
use crate::domain::licence::sheet;
use crate::edge::cli::render::columns::{columns_of, width};

/// The same commands, which show Chinese help.
pub(super) fn in_chinese(mut command: Command, long: bool) -> Command {
    // Until then there is neither --help nor the command `help`.
    command.build();
    dress(command, "", &Page { words: &Words::read(), long, columns: columns() })
}

fn dress(command: Command, parent: &str, page: &Page<'_>) -> Command {
    let path = path(&command, parent);
    let command = command.mut_subcommands(|inner| dress(inner, &path, page));
    let text = page.of(&mut command.clone(), &path);
    command.override_help(text)
}

/// `log verify` of `yinzheng log verify`; `help` is the same below every command.
pub(super) fn path(command: &Command, parent: &str) -> String {
    match (command.get_name(), parent) {
        (name, "" | ROOT) | (name @ "help", _) => name.to_owned(),
        (name, _) => format!("{parent} {name}"),
    }
}

struct Page<'a> {
    words: &'a Words,
    long: bool,
    columns: usize,
}

impl Page<'_> {
    fn of(&self, command: &mut Command, path: &str) -> String {
        let mut blocks = vec![self.paragraphs(self.words.of(path, "about"), 0)];
        let usage = command.render_usage().to_string();
        blocks.push(format!("用法：{}", usage_in_chinese(&usage)));
        let inner: Vec<_> =
            command.get_subcommands().map(|inner| self.command(inner, path)).collect();
        blocks.extend(self.table("命令", &inner));
        let differs = self.differs(command, path);
        let shown = |arg: &&Arg| !arg.is_hide_set();
        let (positional, options): (Vec<_>, Vec<_>) =
            command.get_arguments().filter(shown).partition(|arg| arg.is_positional());
        let rows = |of: &[&Arg]| {
            let row = |arg: &&Arg| match self.argument(arg, path) {
                (name, text) if arg.get_id() == "help" && !differs => {
                    (name, text.split('；').next().unwrap_or_default().to_owned())
                }
                row => row,
            };
            of.iter().map(row).collect::<Vec<_>>()
        };
        blocks.extend(self.table("参数", &rows(&positional)));
        blocks.extend(self.table("选项", &rows(&options)));
        if self.long && command.get_after_long_help().is_some() {
            blocks.push(self.words.of(path, "after").to_owned());
        }
        blocks.join("\n\n")
    }

    /// Whether --help tells more than -h.
    fn differs(&self, command: &Command, path: &str) -> bool {
        let mut arguments = command.get_arguments();
        let more = |arg: &Arg| {
            let mut values = arg.get_possible_values().into_iter();
            self.words.of(path, arg.get_id().as_str()).contains("\n\n")
                || values.any(|value| value.get_help().is_some())
        };
        command.get_after_long_help().is_some() || arguments.any(more)
    }

    fn command(&self, inner: &Command, parent: &str) -> (String, String) {
        let about = self.words.of(&path(inner, parent), "about");
        (inner.get_name().to_owned(), first_paragraph(about).to_owned())
    }

    fn argument(&self, arg: &Arg, path: &str) -> (String, String) {
        let id = arg.get_id().as_str();
        let mut text = self.words.of(path, id);
        if !self.long {
            text = first_paragraph(text);
        }
        let short =
            arg.get_short().map_or_else(|| "    ".to_owned(), |short| format!("-{short}, "));
        let name = if arg.is_positional() { arg.to_string() } else { format!("{short}{arg}") };
        let mut text = text.to_owned();
        if arg.get_action().takes_values() {
            text += &self.values(arg, path);
        }
        (name, text)
    }

    /// The values that are possible, and the one that counts when none is given.
    fn values(&self, arg: &Arg, path: &str) -> String {
        let possible = arg.get_possible_values();
        let is_told = self.long && possible.iter().any(|value| value.get_help().is_some());
        let mut notes = Vec::new();
        if is_told {
            for value in &possible {
                let name = value.get_name();
                let key = format!("{}.{name}", arg.get_id());
                notes.push(format!("- {name}：{}", self.words.of(path, &key)));
            }
        } else if !possible.is_empty() {
            let names: Vec<_> = possible.iter().map(PossibleValue::get_name).collect();
            notes.push(format!("[可选：{}]", names.join("、")));
        }
        let default = arg.get_default_values().first().filter(|one| !one.is_empty());
        if let Some(default) = default.filter(|_| !arg.is_hide_default_value_set()) {
            notes.push(format!("[默认：{}]", default.display()));
        }
        let behind = if is_told { "\n" } else { " " };
        notes.iter().flat_map(|note| [behind, note]).collect()
    }

    fn table(&self, title: &str, rows: &[(String, String)]) -> Option<String> {
        let widest = rows.iter().map(|(name, _)| width(name)).max()?;
        let mut lines = vec![format!("{title}：")];
        for (name, text) in rows {
            let indent = widest + 4;
            let text = self.paragraphs(text, indent);
            let gap = " ".repeat(indent - 2 - width(name));
            lines.push(format!("  {name}{gap}{text}"));
        }
        Some(lines.join("\n"))
    }

    /// Set behind `indent` columns; the first line stands behind what is there already.
    fn paragraphs(&self, text: &str, indent: usize) -> String {
        let room = self.columns.saturating_sub(indent).max(LEAST_ROOM);
        let lines =
            sheet::wrap(text, columns_as_length(room), |one| columns_as_length(columns_of(one)));
        let margin = " ".repeat(indent);
        let set = |(at, line): (usize, &String)| match (at, line.is_empty()) {
            (0, _) | (_, true) => line.clone(),
            _ => format!("{margin}{line}"),
        };
        lines.iter().enumerate().map(set).collect::<Vec<_>>().join("\n")
    }
}

fn first_paragraph(text: &str) -> &str {
    text.split("\n\n").next().unwrap_or_default()
}

/// Names of values stay as they are; they are in Latin letters in both languages.
pub(super) fn usage_in_chinese(usage: &str) -> String {
    let usage = usage.strip_prefix("Usage: ").unwrap_or(usage);
    usage
        .replace("[OPTIONS]", "[选项]")
        .replace("<COMMAND>", "<命令>")
        .replace("[COMMAND]", "[命令]")
}

#[expect(
    clippy::cast_precision_loss,
    clippy::as_conversions,
    reason = "a line has 100 columns at most"
)]
fn columns_as_length(columns: usize) -> f32 {
    columns as f32
}

/// Of the terminal; as many as English help has elsewhere.
fn columns() -> usize {
    let size = rustix::termios::tcgetwinsize(std::io::stdout());
    let columns = size.map_or(0, |size| usize::from(size.ws_col));
    if columns == 0 { MOST_COLUMNS } else { columns.min(MOST_COLUMNS) }
}

const ROOT: &str = "yinzheng";
/// `max_term_width` of the English help.
const MOST_COLUMNS: usize = 100;
/// On a narrow terminal lines overflow sooner than that words stand below each other.
const LEAST_ROOM: usize = 24;
