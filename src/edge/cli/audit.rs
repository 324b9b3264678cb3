//! Who did what: the operator sees the whole journal, on paper, as JSON, or for a spreadsheet.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::desk::Desk;
use super::{Failure, csv, render};
use crate::base::text::visible;
use crate::base::time::Timestamp;
use crate::edge::local::{AuditAnswer, AuditEvent, LocalAct};

/// What is looked for.
#[derive(Debug, Args)]
pub(super) struct Options {
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
    /// With the office's own housekeeping: numbers set aside, returned and void, definitions of
    /// licence types, new epochs.
    #[arg(long)]
    all: bool,
    /// A table for a spreadsheet.
    #[arg(long)]
    csv: bool,
    /// One JSON object a line.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
}

pub(super) fn run(options: &Options) -> Result<u8, Failure> {
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
        for event in &page.events {
            show(event, options)?;
        }
        next = page.next;
    }
    desk.close();
    Ok(0)
}

fn show(event: &AuditEvent, options: &Options) -> Result<(), Failure> {
    if options.csv {
        let event = json!(event);
        let cells = COLUMNS.iter().map(|(_, pointer)| csv::cell(event.pointer(pointer)));
        render::write(&csv::line(cells)?);
    } else if options.json {
        render::say(&serde_json::to_string(event)?);
    } else {
        let AuditEvent { index, local_time, event, note, actor, id, number, entries, .. } = event;
        let about: Vec<_> = number.iter().chain(entries).chain(id).map(String::as_str).collect();
        let line = format!(
            "{index:>8}  {local_time}  {:<10}  {:<24}  {actor}  {}",
            event.name(),
            note.as_deref().unwrap_or_default(),
            about.join(" ")
        );
        render::say(visible(line.trim_end()).as_ref());
    }
    Ok(())
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
