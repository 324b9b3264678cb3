//! `DIR/let-in`: the latest second in which a client's assertion was accepted, one line of text.

use std::path::{Path, PathBuf};

use super::files;
use crate::base::localized::{Bilingual as _, Localized};
use crate::base::time::Timestamp;
use crate::service::access::{LastTime, NotKept};

/// The file in an office's directory.
#[derive(Clone, Debug)]
pub struct LastTimeFile(PathBuf);

impl LastTimeFile {
    /// The file for the office in this directory.
    pub fn of(office: &Path) -> Self {
        Self(office.join("let-in"))
    }
}

impl LastTime for LastTimeFile {
    fn last(&self) -> Result<Option<Timestamp>, NotKept> {
        match files::read(&self.0, LINE) {
            Ok(line) => {
                let line = std::str::from_utf8(&line).ok();
                let at = line.and_then(|line| Timestamp::parse(line.trim_end()));
                at.map(Some).ok_or_else(|| {
                    let path = self.0.display();
                    NotKept(Localized::new(
                        format!("{path}：不是时刻"),
                        format!("{path}: no instant"),
                    ))
                })
            }
            Err(error) if error.is_missing() => Ok(None),
            Err(error) => Err(NotKept(error.both())),
        }
    }

    fn keep(&self, at: Timestamp) -> Result<(), NotKept> {
        let kept = files::write_durably(&self.0, format!("{at}\n").as_bytes(), 0o600);
        kept.map_err(|error| NotKept(error.both()))
    }
}

/// An instant has twenty characters.
const LINE: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_kept_and_a_file_that_says_none_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = LastTimeFile::of(folder.path());
        assert_eq!(file.last().unwrap(), None);
        let at = Timestamp::parse("2026-11-24T00:00:00Z").unwrap();
        file.keep(at).unwrap();
        assert_eq!(file.last().unwrap(), Some(at));
        files::write_durably(&file.0, b"soon", 0o600).unwrap();
        assert!(file.last().is_err());
    }
}
