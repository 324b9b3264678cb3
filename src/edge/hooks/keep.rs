//! How far each destination has been told, as a file that is replaced whole.

use std::fs;
use std::path::{Path, PathBuf};

use crate::edge::files::{self, FileError};
use crate::service::hooks::Progress;

/// Reads what was kept of a destination. What cannot be read counts as nothing: then everything
/// since the registration is sent again.
pub fn kept(office: &Path, name: &str) -> Option<Progress> {
    let bytes = files::read(&place(office, name), FILE_BYTES).ok()?;
    serde_json::from_slice(&bytes)
        .inspect_err(|error| tracing::warn!(destination = name, %error, "its progress is lost"))
        .ok()
}

/// Keeps it: after `Ok` it survives a power cut.
pub(super) fn keep(office: &Path, name: &str, progress: &Progress) -> Result<(), FileError> {
    files::private_folder(&office.join(FOLDER))?;
    let bytes = serde_json::to_vec(progress).unwrap_or_default();
    files::write_durably(&place(office, name), &bytes, 0o600)
}

/// Names of destinations whose last attempts failed so often that somebody should look.
pub fn failing(office: &Path) -> Vec<String> {
    let mut names = names(office);
    names.retain(|name| kept(office, name).is_some_and(|progress| progress.is_failing()));
    names
}

/// Takes away what was kept of destinations that are no more.
pub(super) fn tidy(office: &Path, is_there: impl Fn(&str) -> bool) {
    for name in names(office).iter().filter(|name| !is_there(name)) {
        // What stays is in nobody's way: it belongs to no registration.
        drop(fs::remove_file(place(office, name)));
    }
}

fn names(office: &Path) -> Vec<String> {
    let entries = fs::read_dir(office.join(FOLDER)).into_iter().flatten().flatten();
    let files = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<_> =
        files.filter_map(|file| file.strip_suffix(".json").map(str::to_owned)).collect();
    names.sort();
    names
}

/// Names of destinations have no character that a path could misread.
fn place(office: &Path, name: &str) -> PathBuf {
    office.join(FOLDER).join(format!("{name}.json"))
}

const FOLDER: &str = "hooks";
const FILE_BYTES: usize = 16 << 10;
