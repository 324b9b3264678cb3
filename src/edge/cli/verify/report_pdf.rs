//! Where printed reports go.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::failure::Failure;
use super::options::VerifyOptions;
use crate::edge::files;

/// One file, or a directory with one for each.
#[derive(Debug)]
pub(super) struct Paper {
    target: Option<PathBuf>,
    many: bool,
    kept: u32,
}

impl Paper {
    /// Says what does not fit before anything is verified.
    pub(super) fn open(options: &VerifyOptions) -> Result<Self, Failure> {
        let target = options.report.clone();
        let Some(path) = &target else { return Ok(Self { target, many: false, kept: 0 }) };
        let many = path.is_dir() || path.as_os_str().as_encoded_bytes().ends_with(b"/");
        if many {
            fs::create_dir_all(path)?;
        } else if options.files.len() > 1 || options.files.iter().any(|file| file.is_dir()) {
            return Err(one_only(path));
        }
        let same = |file: &PathBuf| {
            fs::canonicalize(file)
                .is_ok_and(|file| fs::canonicalize(path).is_ok_and(|to| to == file))
        };
        if options.files.iter().any(same) && !many {
            let path = path.display();
            return Err(Failure::usage(
                format!("--report {path}：这就是要核验的文件"),
                format!("--report {path}: this is the file to verify"),
            ));
        }
        Ok(Self { target, many, kept: 0 })
    }

    /// Writes a report and returns where it lies.
    pub(super) fn keep(
        &mut self,
        name: &str,
        page: Option<Vec<u8>>,
    ) -> Result<Option<String>, Failure> {
        let (Some(target), Some(page)) = (&self.target, page) else { return Ok(None) };
        self.kept += 1;
        let path = if self.many {
            target.join(format!("{:04}-{}.pdf", self.kept, plain(name)))
        } else if self.kept == 1 {
            target.clone()
        } else {
            return Err(one_only(target));
        };
        files::write_durably(&path, &page, 0o600)?;
        Ok(Some(path.display().to_string()))
    }
}

fn one_only(path: &Path) -> Failure {
    let path = path.display();
    Failure::usage(
        format!("--report {path}：一份报告对应一个文件；有多个文件时请写目录，例如 {path}/"),
        format!(
            "--report {path}: one report is of one file; for several name a directory, such as {path}/"
        ),
    )
}

/// The last part of a name, as a name of a file.
fn plain(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let last = last.strip_suffix(".pdf").unwrap_or(last);
    let fits = |character: char| character.is_alphanumeric() || "-_.".contains(character);
    let name: String = last.chars().take(40).map(|one| if fits(one) { one } else { '_' }).collect();
    if name == "-" { "stdin".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_reports_stay_in_their_directory() {
        for (name, expected) in [
            ("a/b/证照 1.pdf", "证照_1"),
            ("x.zip!/..\\..\\evil.pdf", "evil"),
            ("-", "stdin"),
            ("a\u{202e}\n$(x)", "a____x_"),
        ] {
            assert_eq!(plain(name), expected);
        }
        assert_eq!(plain(&"长".repeat(300)).chars().count(), 40);
    }
}
