//! Who did what: the operator sees the whole journal, on paper, as JSON, or for a spreadsheet.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::desk::Desk;
use super::render::columns::aligned;
use super::render::words;
use super::{Failure, csv, render};
use crate::base::localized::Language;
use crate::base::text::visible;
use crate::base::time::Timestamp;
use crate::edge::local::{AuditAnswer, AuditEvent, LocalAct};

/// What is looked for.
#[derive(Debug, Args)]
pub(super) struct AuditOptions {
    /// Where the office lies.
    #[arg(long)]
    dir: PathBuf,
    /// Name of a client or person, or `local_operator`, or `system`.
    #[arg(long)]
    actor: Option<String>,
    /// Identifier or number of a licence.
    #[arg(long)]
    id: Option<String>,
    /// Not before this instant, as 2026-11-24T06:00:00Z.
    #[arg(long)]
    since: Option<String>,
    /// With the office's own housekeeping: numbers reserved, returned and void, definitions of licence
    /// types.
    #[arg(long)]
    all: bool,
    /// A table for a spreadsheet.
    #[arg(long)]
    csv: bool,
    /// One JSON object a line.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
}

pub(super) fn run(options: &AuditOptions, language: Language) -> Result<u8, Failure> {
    if options.since.as_deref().is_some_and(|since| Timestamp::parse(since).is_none()) {
        return Err(Failure::usage(
            "--since：时刻写作 2026-11-24T06:00:00Z",
            "--since: an instant such as 2026-11-24T06:00:00Z",
        ));
    }
    if options.csv {
        render::write(&csv::head(COLUMNS.iter().map(|(name, _)| *name))?);
    }
    let desk = Desk::open(&options.dir, None)?;
    let mut next = Some(0);
    while let Some(from) = next {
        let page: AuditAnswer = desk.act(LocalAct::Audit {
            next: from,
            since: options.since.clone(),
            actor: options.actor.clone(),
            id: options.id.clone(),
            all: options.all,
        })?;
        if options.csv || options.json {
            for event in &page.events {
                show(event, options)?;
            }
        } else {
            let rows: Vec<_> = page.events.iter().map(|event| row(event, language)).collect();
            for line in aligned(&rows) {
                render::say(&line);
            }
        }
        next = page.next;
    }
    desk.close();
    Ok(0)
}

fn show(event: &AuditEvent, options: &AuditOptions) -> Result<(), Failure> {
    if options.csv {
        let event = json!(event);
        let cells = COLUMNS.iter().map(|(_, pointer)| csv::cell(event.pointer(pointer)));
        render::write(&csv::line(cells)?);
    } else {
        render::say(&serde_json::to_string(event)?);
    }
    Ok(())
}

/// The columns for people: what is longest comes last.
fn row(event: &AuditEvent, language: Language) -> [String; 7] {
    let AuditEvent { index, local_time, event, note, actor, id, number, entries, .. } = event;
    let note = note.as_deref().map(|note| words::note(note, language)).unwrap_or_default();
    let about: Vec<_> = number.iter().chain(entries).map(String::as_str).collect();
    [
        format!("{index:>6}"),
        local_time.clone(),
        words::event(*event).of(language).to_owned(),
        actor.clone(),
        about.join(" "),
        note,
        id.clone().unwrap_or_default(),
    ]
    .map(|cell| visible(&cell).into_owned())
}

/// Each column, and where its value stands in a line of the journal.
const COLUMNS: [(&str, &str); 9] = [
    ("index", "/index"),
    ("at", "/at"),
    ("local_time", "/local_time"),
    ("event", "/event"),
    ("note", "/note"),
    ("actor", "/actor"),
    ("licence_id", "/id"),
    ("number", "/number"),
    ("entries", "/entries/0"),
];
