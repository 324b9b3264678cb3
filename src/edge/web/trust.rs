//! The page with the values that a reader must compare over another channel: the root, and the log
//! keys.

use askama::Template;

use super::Page;
use crate::base::limits::Budget;
use crate::service::log::{LogError, LogName};
use crate::service::office::Office;

struct RootShown {
    name: String,
    fingerprint: String,
    valid: String,
}

/// One of the logs, for readers.
struct LogShown {
    title: &'static str,
    /// Address of its checkpoint.
    checkpoint: &'static str,
    size: u64,
    key: String,
    witnessed: Option<Witnessed>,
}

/// Witnesses that signed a head, and how many lines it has.
struct Witnessed {
    names: Vec<String>,
    size: u64,
}

#[derive(Template)]
#[template(path = "trust.html")]
struct Trust<'a> {
    page: &'a Page,
    roots: Vec<RootShown>,
    status_uri: &'static str,
    /// None in offices whose log has no key yet.
    logs: Vec<LogShown>,
    base: &'a str,
}

/// The page with the roots and the logs. Unlocks the key of the logs, which may take a while the
/// first time.
pub fn trust(page: &Page, office: &Office) -> Result<String, askama::Error> {
    let certificates = office.certificates();
    let root = &certificates.root;
    let (from, until) = root.validity();
    let shown = RootShown {
        name: root.name().to_owned(),
        fingerprint: root.fingerprint().to_fingerprint(),
        valid: format!("{} – {}", from.date_in_china(), until.date_in_china()),
    };
    let acts = page.t("签发与变更", "Acts");
    let accesses = page.t("数据查阅", "Accesses");
    let logs = [
        (LogName::Acts, acts, "/log/checkpoint"),
        (LogName::Accesses, accesses, "/log/access/checkpoint"),
    ];
    let logs = logs.into_iter().filter_map(|(name, title, checkpoint)| {
        let log = log_of(office, name, title, checkpoint);
        log.inspect_err(|error| tracing::debug!(%error, "the page shows no log")).ok()
    });
    Trust {
        page,
        roots: vec![shown],
        status_uri: "/status/1",
        logs: logs.collect(),
        base: office.profile().public_base_url.as_str(),
    }
    .render()
}

fn log_of(
    office: &Office,
    name: LogName,
    title: &'static str,
    checkpoint: &'static str,
) -> Result<LogShown, LogError> {
    let log = office.log(name);
    let mut witnessed = None;
    if let Some(head) = log.witnessed() {
        let witnesses = head.by_witnesses(&office.profile().witnesses, &mut Budget::default())?;
        let names: Vec<_> = witnesses.iter().map(|one| one.name().to_owned()).collect();
        let size = head.unproved().size();
        witnessed = (!names.is_empty()).then_some(Witnessed { names, size });
    }
    Ok(LogShown {
        title,
        checkpoint,
        size: log.checkpoint()?.unproved().size(),
        key: log.key()?.to_string(),
        witnessed,
    })
}
