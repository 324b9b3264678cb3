//! Everything that the command line prints.

pub(super) mod columns;
mod hints;
mod report;
pub(super) mod words;

use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::sync::OnceLock;

use crate::base::foreign_words;
use crate::base::localized::{Language, Localized};
use crate::base::text::visible;
use crate::domain::licence::kind::{FieldKind, Types, ValidityRule};
use crate::edge::local::ReadFault;

pub(super) use report::{answer, report};

/// A line or more to standard output. When it cannot be written, [`lost`] knows.
pub(super) fn say(text: &str) {
    note(writeln!(io::stdout(), "{text}"));
}

/// The same sentence to standard output in the reader's language.
pub(super) fn tell(language: Language, zh: impl Into<String>, en: impl Into<String>) {
    say(Localized::new(zh, en).of(language));
}

/// Bytes to standard output, as they are.
pub(super) fn write(bytes: &[u8]) {
    note(io::stdout().write_all(bytes));
}

/// Why a part of the output was not written, with what is still buffered written first.
pub(super) fn lost() -> Option<&'static Localized> {
    note(io::stdout().flush());
    LOST.get()
}

/// Keeps the first failure. A reader that went away (`| head`) has seen what it wanted.
pub(super) fn note(written: io::Result<()>) {
    if let Err(error) = written
        && error.kind() != ErrorKind::BrokenPipe
    {
        LOST.get_or_init(|| foreign_words::of_system(&error));
    }
}

/// The first failure of standard output.
static LOST: OnceLock<Localized> = OnceLock::new();

/// Whether somebody reads standard output on a terminal.
pub(super) fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// What is wrong with the command line, to standard error.
pub(super) fn refuse(text: &str) {
    note(io::stderr().write_all(text.as_bytes()));
}

/// A line or more to standard error. Names of files stand in it, and what servers said.
pub(super) fn complain(text: &str) {
    let lines: Vec<_> = text.split('\n').map(visible).collect();
    drop(writeln!(io::stderr(), "yinzheng: {}", lines.join("\n")));
}

/// How far something long is, on a terminal; nothing elsewhere.
#[derive(Debug)]
pub(super) struct Progress {
    what: &'static str,
    total: u64,
    percent: Option<u64>,
}

impl Progress {
    pub(super) fn new(what: &'static str, total: u64) -> Self {
        let percent = io::stderr().is_terminal().then_some(0);
        Self { what, total, percent }
    }

    /// Written again only when the percentage changed.
    pub(super) fn show(&mut self, done: u64) {
        let now = done.saturating_mul(100) / self.total.max(1);
        if self.percent.is_some_and(|shown| shown < now) {
            self.percent = Some(now);
            drop(write!(io::stderr(), "\r{} {done} / {} ({now} %)", self.what, self.total));
        }
    }

    /// Clears the line.
    pub(super) fn done(&self) {
        if self.percent.is_some() {
            drop(write!(io::stderr(), "\r\u{1b}[K"));
        }
    }
}

/// One fault of an application, indented.
pub(super) fn fault(fault: &ReadFault, language: Language) -> String {
    let ReadFault { pointer, code, message } = fault;
    format!("\n  {pointer} [{code}] {}", message.of(language))
}

/// The licence types with their fields, and what values must fulfil.
pub(super) fn types(types: &Types, language: Language) {
    for kind in types.iter() {
        say(&format!("{}  {}", kind.slug, kind.name.of(language)));
        let (number, term) = (&kind.number, term(kind.validity));
        tell(
            language,
            format!("    编号 {number}；有效期{}", term.zh),
            format!("    number {number}; {}", term.en),
        );
        for field in &kind.fields {
            let label = match language {
                Language::Zh => field.zh.replace('\u{3000}', ""),
                Language::En => field.en.clone(),
            };
            let bounds = bounds(&field.kind);
            let bounds = bounds.of(language);
            let optional = Localized::new("可不填", "optional");
            let notes = [bounds, if field.required { "" } else { optional.of(language) }];
            let notes: Vec<_> = notes.into_iter().filter(|note| !note.is_empty()).collect();
            let notes = match language {
                _ if notes.is_empty() => String::new(),
                Language::Zh => format!("（{}）", notes.join("，")),
                Language::En => format!(" ({})", notes.join(", ")),
            };
            say(&format!("    {:<22} {label}{notes}", field.name));
            if let FieldKind::Choice { options } = &field.kind {
                for option in options {
                    // An application has the Chinese one.
                    let words = match language {
                        Language::Zh => option.zh.clone(),
                        Language::En => format!("{} ({})", option.zh, option.en),
                    };
                    say(&format!("    {:<24} {words}", ""));
                }
            }
        }
    }
}

fn term(rule: ValidityRule) -> Localized {
    match rule {
        ValidityRule::Years(years) => {
            let noun = if years == 1 { "year" } else { "years" };
            Localized::new(format!(" {years} 年"), format!("valid for {years} {noun}"))
        }
        ValidityRule::Given { long_term: false } => {
            Localized::new("由申请写明", "valid until the day in the application")
        }
        ValidityRule::Given { long_term: true } => Localized::new(
            "由申请写明，可为长期",
            "valid until the day in the application, or without a fixed end",
        ),
    }
}

/// What a value must fulfil; of a choice its options say it.
fn bounds(kind: &FieldKind) -> Localized {
    match kind {
        FieldKind::Text { max } => {
            Localized::new(format!("至多 {max} 字"), format!("up to {max} characters"))
        }
        FieldKind::Lines { max } => Localized::new(
            format!("可分行，至多 {max} 字"),
            format!("several lines, up to {max} characters"),
        ),
        FieldKind::Date { not_after_today: false } => Localized::new("日期", "a day"),
        FieldKind::Date { not_after_today: true } => {
            Localized::new("日期，不晚于签发日", "a day, not after that of issue")
        }
        FieldKind::Uscc | FieldKind::CitizenId { .. } => {
            Localized::new("18 位，校验", "18 characters, checked")
        }
        FieldKind::Choice { .. } => Localized::default(),
        FieldKind::Number { min, max, unit } => Localized::new(
            format!("整数 {min} 至 {max} {unit}").trim_end(),
            format!("a whole number from {min} to {max} {unit}").trim_end(),
        ),
        FieldKind::List { max_items, max } => Localized::new(
            format!("至多 {max_items} 项，每项至多 {max} 字"),
            format!("up to {max_items} items of up to {max} characters"),
        ),
    }
}
