//! Everything that the command line prints.

use std::io::{IsTerminal as _, Write as _};

use serde_json::Value;

use crate::domain::licence::kind::{FieldKind, Types};

/// A line or more to standard output. A reader that went away is no error.
pub(super) fn say(text: &str) {
    drop(writeln!(std::io::stdout(), "{text}"));
}

/// A line or more to standard error.
pub(super) fn complain(text: &str) {
    drop(writeln!(std::io::stderr(), "yinzheng: {text}"));
}

/// One fault of an application, indented.
pub(super) fn fault(fault: &Value) -> String {
    let part = |key: &str| fault.get(key).and_then(Value::as_str).unwrap_or_default();
    let words = |lang: &str| {
        fault.get("message").and_then(|m| m.get(lang)).and_then(Value::as_str).unwrap_or_default()
    };
    format!("\n  {} [{}] {} / {}", part("pointer"), part("code"), words("zh"), words("en"))
}

/// A report: worst finding first, then a line for each check.
pub(super) fn report(report: &Value) {
    let colour = std::io::stdout().is_terminal();
    let text = |value: &Value, key: &str| {
        value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let verdict = text(report, "verdict");
    let (mark, paint) = match verdict.as_str() {
        "valid" => ("✓", "32"),
        "altered" | "invalid" | "revoked" | "suspended" | "expired" | "superseded" => ("✗", "31"),
        _ => ("?", "33"),
    };
    let head = format!("{mark} {verdict}  {}", text(report, "file"));
    let head = if colour { format!("\u{1b}[1;{paint}m{head}\u{1b}[0m") } else { head };
    let mut lines = vec![head];
    for language in ["zh", "en"] {
        lines.push(format!("  {}", text(&report["headline"], language)));
    }
    let licence = &report["licence"];
    if licence.is_object() {
        let until = licence["valid_until"].as_str().unwrap_or("长期");
        lines.push(format!(
            "  {} {} · {} · {} – {until}",
            text(&licence["type_name"], "zh"),
            text(licence, "number"),
            text(licence, "holder"),
            text(licence, "valid_from"),
        ));
    }
    for finding in report["findings"].as_array().into_iter().flatten() {
        // What is only good to know is for --json.
        if text(finding, "severity") == "info" {
            continue;
        }
        lines.push(format!(
            "  ! {} / {}",
            text(&finding["message"], "zh"),
            text(&finding["message"], "en")
        ));
        if !text(finding, "detail").is_empty() {
            lines.push(format!("    {}", text(finding, "detail")));
        }
    }
    for check in report["checks"].as_array().into_iter().flatten() {
        let mark = match text(check, "outcome").as_str() {
            "passed" => "✓",
            "failed" => "✗",
            _ => "?",
        };
        lines.push(format!(
            "  {mark} {} / {}",
            text(&check["message"], "zh"),
            text(&check["message"], "en")
        ));
    }
    say(&lines.join("\n"));
}

/// Licences, one a line.
pub(super) fn list(records: &[Value]) {
    if records.is_empty() {
        say("no licences; issue one with `yinzheng issue`");
    }
    for record in records {
        let text = |key: &str| record.get(key).and_then(Value::as_str).unwrap_or_default();
        let state = record["standing"]["state"].as_str().unwrap_or_default();
        say(&format!(
            "{}  {:<10} {}  {}  {}",
            text("id"),
            state,
            text("number"),
            text("kind"),
            text("holder")
        ));
    }
}

/// The licence types with their fields.
pub(super) fn types(types: &Types) {
    for kind in types.iter() {
        say(&format!("{}  {} / {}", kind.slug, kind.name.zh, kind.name.en));
        for field in &kind.fields {
            let needed = if field.required { "" } else { " (optional)" };
            let zh = field.zh.replace('\u{3000}', "");
            say(&format!("    {:<22} {zh} / {}{needed}", field.name, field.en));
            if let FieldKind::Choice { options } = &field.kind {
                for option in options {
                    say(&format!("    {:<24} {} / {}", "", option.zh, option.en));
                }
            }
        }
    }
}
