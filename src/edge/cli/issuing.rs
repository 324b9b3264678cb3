//! `yinzheng issue` and `show --out`: from an application to the files of a licence.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::failure::{Failure, answer_to};
use super::file_name::FileName;
use super::render;
use crate::base::limits::Budget;
use crate::base::localized::{Bilingual as _, Language, Localized};
use crate::base::text::without_byte_order_mark;
use crate::edge::files::{self, FileError};
use crate::edge::local::{Artefacts, IssueAnswer, LocalAct, ProposalView};
use crate::format::jose::json::{self, BadJson};

/// Issues, or proposes what needs a second person.
pub(super) fn issue(
    dir: &Path,
    act: LocalAct,
    (out, name): (&Path, FileName),
    passphrase_file: Option<&Path>,
    language: Language,
) -> Result<u8, Failure> {
    make_place(out)?;
    match answer_to(dir, act, passphrase_file)? {
        IssueAnswer::Issued(issued) => {
            write_issued(dir, &issued, (out, name), ("已签发", "issued"), language)
        }
        IssueAnswer::Proposed { proposal, .. } => {
            render::say(proposed(&proposal).of(language));
            Ok(0)
        }
    }
}

/// Writes a licence's files once more.
pub(super) fn write_again(
    dir: &Path,
    id: String,
    (out, name): (&Path, FileName),
    language: Language,
) -> Result<u8, Failure> {
    make_place(out)?;
    let issued = answer_to(dir, LocalAct::Export { id }, None)?;
    write_issued(dir, &issued, (out, name), ("已写出", "written"), language)
}

/// Before anything is issued: a licence without a place to go helps nobody.
pub(super) fn make_place(out: &Path) -> Result<(), FileError> {
    fs::create_dir_all(out).map_err(|source| FileError::Io { path: out.to_owned(), source })
}

pub(super) fn read_application(path: &Path) -> Result<Value, Failure> {
    let bytes = files::read_given(path, 1 << 20)?;
    if std::str::from_utf8(&bytes).is_err() {
        let path = path.display();
        return Err(Failure::new(
            format!("{path}：文件不是 UTF-8 编码，请在编辑器中另存为 UTF-8"),
            format!("{path}: this is no UTF-8 text; save it as UTF-8 in your editor"),
        ));
    }
    json::parse(without_byte_order_mark(&bytes), 16).map_err(|error| not_json(path, &error))
}

fn not_json(path: &Path, error: &BadJson) -> Failure {
    let (path, Localized { zh, en }) = (path.display(), error.words());
    Failure::new(
        format!("{path}：不是完整、正确的 JSON，可能没有保存完：{zh}"),
        format!(
            "{path}: this is no whole and correct JSON; perhaps it was not saved to its end: {en}"
        ),
    )
}

pub(super) fn write_issued(
    dir: &Path,
    issued: &Artefacts,
    (out, name): (&Path, FileName),
    (zh, en): (&str, &str),
    language: Language,
) -> Result<u8, Failure> {
    let Artefacts { proof, licence, pdf, credential, warnings } = issued;
    let (id, number) = (licence.id.as_str(), &licence.number);
    let mut name = name.of(number, id);
    // Licences of several types or offices may have one number; no file takes another's place.
    let there = files::read(&out.join(format!("{name}.pdf")), Budget::default().file_bytes);
    if there.is_ok_and(|there| there != *pdf) {
        name = FileName::Id.of(number, id);
    }
    let mut written = String::new();
    for (suffix, bytes) in [
        ("pdf", Some(pdf.as_slice())),
        ("sd-jwt", Some(credential.as_bytes())),
        ("tlog-proof", proof.as_ref().map(String::as_bytes)),
    ] {
        let Some(bytes) = bytes else { continue };
        let path = out.join(format!("{name}.{suffix}"));
        files::write_durably(&path, bytes, 0o600).map_err(|error| {
            let Localized { zh, en } = error.both();
            let again = format!("yinzheng show {id} --dir {} --out DIRECTORY", dir.display());
            Failure::new(
                format!(
                    "证照 {id} 已在机构中，但有文件未能写出：{zh}\n请勿重新签发；用此命令写出其文件：{again}"
                ),
                format!(
                    "the licence {id} is in the office, but a file of it could not be written: \
                     {en}\nDo not issue it again; write its files with: {again}"
                ),
            )
        })?;
        written.extend(["\n  ", &path.display().to_string()]);
    }
    for warning in warnings {
        render::complain(&render::fault(warning, language));
    }
    let rest = format!("{number} {id}{written}");
    render::tell(language, format!("{zh} {rest}"), format!("{en} {rest}"));
    Ok(0)
}

fn proposed(ProposalView { proposal, digest }: &ProposalView) -> Localized {
    let (number, kind) = (proposal.number, &proposal.kind);
    Localized::new(
        format!(
            "已提交，尚未签发：此类证照须由第二人审批\n待批件 {number}，摘要 {digest}\n下一步：具有 approve:{kind} \
             权限的接入系统把摘要发送到 POST /v1/proposals/{number}/approve；或者，提交时若用 --as 写明了\
             经办人，由另一名工作人员用 `yinzheng proposals show {number}` 查看后批准"
        ),
        format!(
            "proposed, not issued: licences of this type need a second person\nproposal {number}, digest \
             {digest}\nnext: a client with the right approve:{kind} sends this digest to POST \
             /v1/proposals/{number}/approve, or another officer, when this one was named with --as, \
             looks at it with `yinzheng proposals show {number}` and approves"
        ),
    )
}
