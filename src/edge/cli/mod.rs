//! The command line.

mod audit;
mod call;
mod chinese;
mod client;
mod csv;
mod demo;
mod desk;
mod destination;
mod failure;
mod file_name;
mod grant;
mod issuing;
mod language;
mod licences;
mod list;
mod log;
mod maintenance;
mod proposals;
mod render;
mod restore;
mod serve;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use file_name::FileName;

use super::config;
use super::local::{LocalAct, StatusAct};
use crate::base::localized::{Language, Localized};
use chinese::refusals;
use failure::Failure;

/// 印证 Yinzheng: issue, seal and verify electronic licences.
#[derive(Debug, Parser)]
#[command(name = "yinzheng", version, about, max_term_width = 100)]
struct Arguments {
    /// Language of help and messages; without it, as `LC_ALL`, `LC_MESSAGES` or `LANG` say.
    #[arg(long, global = true, value_name = "LANG", value_parser = ["zh", "en"])]
    lang: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// A whole demo office in one command: made, filled, verified, served.
    Demo {
        /// Where the office lies.
        #[arg(long, default_value = "./yinzheng-demo")]
        dir: PathBuf,
        /// Address to serve on; loopback only.
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: std::net::SocketAddr,
        /// Stop before serving.
        #[arg(long)]
        no_serve: bool,
    },
    /// Make a new office with keys of its own.
    Init {
        /// Where the office will lie.
        #[arg(long)]
        dir: PathBuf,
        /// Its name, address, departments and seals; keys-example/office.toml is a model. Files of
        /// licence types of its own lie in DIR/types before.
        #[arg(long)]
        office: PathBuf,
        /// File with the passphrase; else `YINZHENG_PASSPHRASE_FILE` or `YINZHENG_PASSPHRASE`.
        #[arg(long)]
        passphrase_file: Option<PathBuf>,
    },
    /// Serve pages and the public API.
    Serve {
        /// Where the office lies.
        #[arg(long)]
        dir: PathBuf,
        #[command(flatten)]
        options: serve::ServeOptions,
        /// File with the passphrase.
        #[arg(long)]
        passphrase_file: Option<PathBuf>,
    },
    /// Register, rotate and disable systems of departments that use the API.
    #[command(subcommand)]
    Client(client::Command),
    /// Where systems of departments want to hear of changes (webhooks).
    #[command(subcommand)]
    Destination(destination::Command),
    /// Send one signed request to a departments' API; the answer's body goes to standard output.
    Call(call::CallOptions),
    /// Issue a licence from a JSON application.
    Issue {
        /// Where the office lies.
        #[arg(long)]
        dir: PathBuf,
        /// Slug of the licence type; `yinzheng types` lists them.
        #[arg(long = "type")]
        kind: String,
        /// The application.
        input: PathBuf,
        /// Where PDF, credential and proof are written.
        #[arg(long, default_value = ".")]
        out: PathBuf,
        /// What the files are named after.
        #[arg(long, value_enum, default_value = "number")]
        name: FileName,
        /// A key under which the same request may be repeated without issuing twice.
        #[arg(long)]
        idempotency_key: Option<String>,
        /// Who asks, as the journal will name them; without it, `local_operator`.
        #[arg(long = "as", value_name = "NAME")]
        officer: Option<String>,
        /// File with the passphrase.
        #[arg(long)]
        passphrase_file: Option<PathBuf>,
    },
    /// What waits for a second person: list, show, approve, refuse.
    #[command(subcommand)]
    Proposals(proposals::Command),
    /// Verify PDFs or credentials, with or without an office.
    Verify(Box<verify::VerifyOptions>),
    /// Revoke a licence for good; `yinzheng suspend` does it for a time.
    Revoke {
        /// Where the office lies.
        #[arg(long)]
        dir: PathBuf,
        /// Its identifier or number.
        id: String,
        /// `issued_in_error`, `fraud`, `penalty`, `ceased`, `holder_request` or `investigation`.
        #[arg(long)]
        reason: String,
    },
    /// Suspend a licence; `yinzheng resume` ends the suspension.
    Suspend {
        /// Where the office lies.
        #[arg(long)]
        dir: PathBuf,
        /// Its identifier or number.
        id: String,
        /// `issued_in_error`, `fraud`, `penalty`, `ceased`, `holder_request` or `investigation`.
        #[arg(long)]
        reason: String,
    },
    /// End the suspension of a licence.
    Resume {
        /// Where the office lies.
        #[arg(long)]
        dir: PathBuf,
        /// Its identifier or number.
        id: String,
    },
    /// Show a licence's record as JSON; with --out, write its PDF, credential and log proof once
    /// more.
    Show {
        /// Where the office lies.
        #[arg(long)]
        dir: PathBuf,
        /// Its identifier or number.
        id: String,
        /// Where PDF, credential and proof are written.
        #[arg(long)]
        out: Option<PathBuf>,
        /// What the files are named after.
        #[arg(long, value_enum, default_value = "number")]
        name: FileName,
    },
    /// List licences: number, type, state, holder, day of issue, identifier.
    List(list::ListOptions),
    /// What departments may read of each other.
    #[command(subcommand)]
    Grant(grant::Grant),
    /// Show who asked about a licence: one JSON object on a line, the newest first.
    Accesses {
        /// Where the office lies.
        #[arg(long)]
        dir: PathBuf,
        /// Its identifier or number.
        id: String,
        /// How many at the most.
        #[arg(long, default_value_t = 500)]
        limit: usize,
        /// File with the passphrase.
        #[arg(long)]
        passphrase_file: Option<PathBuf>,
    },
    /// List the licence types and their fields.
    Types {
        /// Where the office lies; without it, the built-in types.
        #[arg(long)]
        dir: Option<PathBuf>,
    },
    /// Encrypt every key of an office with another passphrase.
    Passphrase {
        /// Where the office lies.
        #[arg(long)]
        dir: PathBuf,
        /// File with the present passphrase.
        #[arg(long)]
        passphrase_file: Option<PathBuf>,
        /// File with the new passphrase.
        #[arg(long)]
        new_passphrase_file: PathBuf,
    },
    /// Let an office seal again after its clock went back or an old copy was put back.
    Recover {
        /// Where the office lies.
        #[arg(long)]
        dir: PathBuf,
        /// The clock is right now, though it is behind the last event.
        #[arg(long)]
        accept_clock: bool,
        /// The newest copy is lost: go on with this one. Numbers that may be taken are left out.
        #[arg(long)]
        accept_rollback: bool,
        /// With `--accept-rollback`: numbers of each type that are left out; 100,000 without it, and
        /// 20,000 beyond what a second mark knows to be lost.
        #[arg(long, requires = "accept_rollback")]
        leave_out: Option<u64>,
        /// File with the passphrase.
        #[arg(long)]
        passphrase_file: Option<PathBuf>,
    },
    /// Copy an office while it works: journal, certificates, types, encrypted keys.
    Backup {
        /// Where the office lies.
        #[arg(long)]
        dir: PathBuf,
        /// A directory that does not exist yet.
        #[arg(long)]
        to: PathBuf,
    },
    /// Put a backup into an empty directory, as a new epoch.
    Restore {
        /// The backup.
        #[arg(long)]
        from: PathBuf,
        /// Where the office will lie.
        #[arg(long)]
        dir: PathBuf,
        /// Numbers of each type that stay unused, because licences issued after the backup may
        /// have them; 100,000 without it, and 20,000 beyond what a second mark knows to be lost.
        #[arg(long)]
        leave_out: Option<u64>,
        /// File with the passphrase.
        #[arg(long)]
        passphrase_file: Option<PathBuf>,
    },
    /// Say what will stop an office soon, and what nobody would notice.
    Doctor {
        /// Where the office lies.
        #[arg(long)]
        dir: PathBuf,
    },
    /// Read the whole journal, every document and every root again.
    Check {
        /// Where the office lies.
        #[arg(long)]
        dir: PathBuf,
    },
    /// Say who did what, from the journal; times are those of China (UTC+8).
    Audit(audit::AuditOptions),
    /// Checkpoints, proofs and copies of the log; what a witness does.
    #[command(subcommand)]
    Log(log::Command),
    /// Make the index anew from the journal.
    Reindex {
        /// Where the office lies.
        #[arg(long)]
        dir: PathBuf,
    },
}

/// Runs the command line.
pub fn run() -> ExitCode {
    let given: Vec<_> = std::env::args_os().collect();
    let language = language::of(&given).unwrap_or_else(config::language);
    let read = match language::unknown(&given) {
        Some(code) => Arguments::try_parse_from(["yinzheng", "types", "--lang", code]),
        None => Arguments::try_parse_from(&given),
    };
    let arguments = match read {
        Ok(arguments) => arguments,
        Err(mut error) => {
            refusals::keep_the_nearest(&mut error);
            let said = match language {
                Language::Zh => chinese::said(Arguments::command(), &given, &error),
                Language::En => refusals::in_english(&error),
            };
            return if error.use_stderr() {
                render::refuse(&said);
                ExitCode::from(64)
            } else {
                render::write(said.as_bytes());
                ended(0, language)
            };
        }
    };
    // A process that serves tells what it does and what it found when it opened the office.
    if let Command::Serve { .. } | Command::Demo { no_serve: false, .. } = arguments.command {
        tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    }
    match dispatch(arguments.command, language) {
        Ok(code) => ended(code, language),
        Err(failure) => {
            render::complain(failure.message.of(language));
            ExitCode::from(failure.code)
        }
    }
}

/// The exit code of a command that came to its end: an answer that was lost is none.
fn ended(code: u8, language: Language) -> ExitCode {
    let Some(why) = render::lost() else { return ExitCode::from(code) };
    let words = Localized::new(
        format!("输出未能写完：{}（若命令改动了数据，改动已生效）", why.zh),
        format!(
            "the output could not be written: {} (what the command was to change is changed)",
            why.en
        ),
    );
    render::complain(words.of(language));
    ExitCode::from(OUTPUT_LOST)
}

fn dispatch(command: Command, language: Language) -> Result<u8, Failure> {
    match command {
        Command::Demo { dir, listen, no_serve } => demo::run(&dir, listen, !no_serve, language),
        Command::Init { dir, office, passphrase_file } => {
            maintenance::init(&dir, &office, passphrase_file.as_deref(), language)
        }
        Command::Serve { dir, options, passphrase_file } => {
            serve::run(&dir, options, passphrase_file.as_deref(), language)
        }
        Command::Client(command) => client::run(command, language),
        Command::Destination(command) => destination::run(command, language),
        Command::Call(options) => call::run(options),
        Command::Issue {
            dir,
            kind,
            input,
            out,
            name,
            idempotency_key,
            officer,
            passphrase_file,
        } => {
            let input = issuing::read_application(&input)?;
            let act = LocalAct::Issue { kind, input, idempotency: idempotency_key, officer };
            issuing::issue(&dir, act, (&out, name), passphrase_file.as_deref(), language)
        }
        Command::Proposals(command) => proposals::run(command, language),
        Command::Verify(options) => verify::run(&options, language),
        Command::Revoke { dir, id, reason } => {
            licences::change(&dir, id, StatusAct::Revoke { reason }, language)
        }
        Command::Suspend { dir, id, reason } => {
            licences::change(&dir, id, StatusAct::Suspend { reason }, language)
        }
        Command::Resume { dir, id } => licences::change(&dir, id, StatusAct::Resume, language),
        Command::Show { dir, id, out: Some(out), name } => {
            issuing::write_again(&dir, id, (&out, name), language)
        }
        Command::Show { dir, id, out: None, .. } => licences::show(&dir, id),
        Command::List(options) => list::run(options, language),
        Command::Accesses { dir, id, limit, passphrase_file } => {
            licences::accesses(&dir, id, limit, passphrase_file.as_deref(), language)
        }
        Command::Grant(grant) => grant::run(grant, language),
        Command::Types { dir } => licences::types(dir.as_deref(), language),
        Command::Passphrase { dir, passphrase_file, new_passphrase_file } => {
            maintenance::change_passphrase(
                &dir,
                passphrase_file.as_deref(),
                &new_passphrase_file,
                language,
            )
        }
        Command::Recover { dir, accept_clock, accept_rollback, leave_out, passphrase_file } => {
            let accepted = maintenance::Accepted {
                clock: accept_clock,
                rollback: accept_rollback,
                left_out: leave_out,
            };
            maintenance::recover(&dir, accepted, passphrase_file.as_deref(), language)
        }
        Command::Audit(options) => audit::run(&options, language),
        Command::Check { dir } => maintenance::check(&dir, language),
        Command::Backup { dir, to } => maintenance::backup(&dir, &to, language),
        Command::Restore { from, dir, leave_out, passphrase_file } => {
            restore::restore(&from, &dir, leave_out, passphrase_file.as_deref(), language)
        }
        Command::Doctor { dir } => maintenance::doctor(&dir, language),
        Command::Log(command) => log::run(command, language),
        Command::Reindex { dir } => maintenance::reindex(&dir, language),
    }
}

/// `EX_IOERR` of sysexits.h.
const OUTPUT_LOST: u8 = 74;
