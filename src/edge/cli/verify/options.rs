//! What may be said to `yinzheng verify`.

use std::path::PathBuf;

use clap::Args;

/// How the answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Text,
    Json,
    Csv,
}

#[derive(Debug, Args)]
#[command(after_long_help = MORE)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(in crate::edge::cli) struct VerifyOptions {
    /// PDFs, credentials, ZIP archives or directories of them; `-` is the standard input.
    ///
    /// Directories are read with everything below them, in the order of their names. Links and
    /// devices in them, and names that begin with a dot, are left out and counted. An archive's
    /// entries are verified like files; an archive inside of an archive is not opened. Answers come
    /// in the order of the files, however many cores work on them.
    #[arg(required = true)]
    pub(super) files: Vec<PathBuf>,
    /// A root certificate to trust (PEM), or a directory of them; what is no certificate in it is told
    /// and left out.
    #[arg(long, value_name = "ROOT.pem|DIR")]
    pub(super) trust: Vec<PathBuf>,
    /// A status list token.
    #[arg(long, value_name = "LIST.jwt")]
    pub(super) status: Vec<PathBuf>,
    /// A certificate revocation list (DER).
    #[arg(long, value_name = "LIST.crl")]
    pub(super) crl: Vec<PathBuf>,
    /// An OCSP response (DER).
    #[arg(long, value_name = "RESPONSE.ocsp")]
    pub(super) ocsp: Vec<PathBuf>,
    /// Ask this host for revocation lists, OCSP answers and status lists that are missing. Without it
    /// nothing is fetched.
    ///
    /// May be repeated. Only addresses that stand in certificates whose path holds and in genuine
    /// licences are asked, over plain HTTP (what comes back is signed), and only when host and port are exactly these; without a port it
    /// is 80. Redirects are not followed and no proxy is used. A name that leads to this machine or to
    /// link-local addresses is refused: list the address itself, or `localhost`.
    #[arg(long, value_name = "HOST[:PORT]")]
    pub(super) fetch_from: Vec<String>,
    /// Verify for this instant instead of now, such as 2026-11-24T00:00:00Z; a status list counts
    /// when it speaks for it.
    #[arg(long, value_name = "TIME")]
    pub(super) at: Option<String>,
    /// Refuse when of a signer's certificate, or of one above it below the root, it is not known that
    /// it was not revoked.
    #[arg(long)]
    pub(super) require_revocation: bool,
    /// The nonce that the holder was asked to sign; then only a credential that its holder signed
    /// for this request is accepted.
    #[arg(long, requires = "aud", conflicts_with = "dir")]
    pub(super) nonce: Option<String>,
    /// For whom the holder signs: this verifier as the holder knows it.
    #[arg(long, requires = "nonce", conflicts_with = "dir")]
    pub(super) aud: Option<String>,
    /// The proof that the file is in its office's log. Without this, FILE.tlog-proof beside FILE.pdf
    /// is used.
    #[arg(long, value_name = "FILE.tlog-proof", conflicts_with = "dir")]
    pub(super) proof: Option<PathBuf>,
    /// The key of a log to trust (`yinzheng log vkey`), compared over another channel. A file log.toml
    /// in a trust directory says the same for every call: see docs/LOG.md.
    #[arg(long, value_name = "VKEY")]
    pub(super) log_key: Vec<String>,
    /// The key of a witness to count.
    #[arg(long, value_name = "VKEY")]
    pub(super) witness: Vec<String>,
    /// How many witnesses must have seen the log.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) witnesses: usize,
    /// PDFs sealed on this day or later need a proof, or they are `not_enough_evidence`.
    #[arg(long, value_name = "DAY")]
    pub(super) log_required_since: Option<String>,
    /// Use the roots and the memory of this office.
    #[arg(long, conflicts_with_all = ["trust", "status", "crl", "ocsp", "fetch_from", "at", "require_revocation", "log_key", "witness", "log_required_since"])]
    pub(super) dir: Option<PathBuf>,
    /// Print every finding, every check and what is needed to repeat them by hand, not the answer
    /// alone.
    #[arg(long, conflicts_with_all = ["json", "csv"])]
    pub(super) details: bool,
    /// One JSON report a line (schemas/generated/report.json).
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// A table for spreadsheets: one line a file, UTF-8 with a byte order mark.
    #[arg(long)]
    csv: bool,
    /// Write a verification report as PDF; with several files, into this directory, one for each.
    #[arg(long, value_name = "OUT.pdf|DIR")]
    pub(super) report: Option<PathBuf>,
}

impl VerifyOptions {
    pub(super) fn format(&self) -> Format {
        match (self.json, self.csv) {
            (true, _) => Format::Json,
            (_, true) => Format::Csv,
            _ => Format::Text,
        }
    }
}

const MORE: &str = "\
Exit codes, the worst of all files in this order:
  1   altered, invalid                 66  unreadable
  4   not_signed                       2   unknown_issuer, status_unknown, not_enough_evidence
  3   revoked, suspended, expired, not_yet_in_force, superseded
  0   valid                            64  nothing verified: the command is wrong
  74  the output could not be written

Examples:
  One licence, with nothing but the root and the status list of its office:
    yinzheng verify licence.pdf --trust root.pem --status status.jwt
  What exactly is wrong with one, and how to see it by hand:
    yinzheng verify licence.pdf --trust root.pem --status status.jwt --details
  A directory and an archive on all cores, as a table:
    yinzheng verify inbox/ delivered.zip --trust roots/ --csv > result.csv
  What is not valid, by file and verdict:
    yinzheng verify inbox/ --trust roots/ --json | jq -r 'select(.verdict != \"valid\") | [.file, .verdict] | @tsv'
  A stranger's file, refused unless its authorities say that nothing was revoked:
    yinzheng verify contract.pdf --trust roots/ --require-revocation --fetch-from crl.example.org
  From a pipe, with a report to file away:
    curl -s https://example.org/licence.pdf | yinzheng verify - --trust root.pem --report report.pdf
  With the memory of an office, which also seals the reports:
    yinzheng verify inbox/ --dir /srv/office --report reports/

For an unknown issuer the topmost certificate that the file brings is named with its fingerprint,
and whether it is a root. Get the root, compare the root's fingerprint over another channel (a phone
call, the office's page /trust), then name the root with --trust. NO_COLOR switches colours off.";
