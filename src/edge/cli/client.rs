//! `yinzheng client`: who may use the departments' API.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use pkcs8::der::pem::LineEnding;
use pkcs8::{Document, SecretDocument};
use serde_json::Value;

use super::call::Profile;
use super::failure::{BadValue, Failure, answer_to};
use super::render;
use crate::base::localized::{Language, Localized};
use crate::base::secret::Secret;
use crate::base::text::without_byte_order_mark;
use crate::crypto::signer::Signer as _;
use crate::crypto::software::SoftwareKey;
use crate::domain::access::Client;
use crate::edge::files;
use crate::edge::local::{ClientAct, ClientAnswer, LocalAct};
use crate::format::jose::client_jwk::SystemKey;
use crate::format::jose::json;

/// What is done to clients.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Register a system of a department.
    Add {
        /// Its name: 3 to 48 lower-case letters, digits and hyphens.
        name: String,
        /// Where the office lies.
        #[arg(long)]
        dir: PathBuf,
        /// Slug of the department that answers for it.
        #[arg(long)]
        department: String,
        /// A right, `VERB:TYPE` or `VERB:*`: issue, approve, read, change, query, feed, consent, audit.
        #[arg(long = "scope", required = true)]
        scopes: Vec<String>,
        /// A purpose for which it may ask for data of other departments.
        #[arg(long = "purpose")]
        purposes: Vec<String>,
        #[command(flatten)]
        key: KeyFrom,
    },
    /// Give a client another key; the old one is accepted for a while.
    Rotate {
        /// Its name.
        name: String,
        /// Where the office lies.
        #[arg(long)]
        dir: PathBuf,
        /// How long the old key is accepted: a number with d, h, m or s; 0 for not at all.
        #[arg(long, default_value = "7d", value_parser = span)]
        overlap: i64,
        #[command(flatten)]
        key: KeyFrom,
    },
    /// Give a client other rights or purposes; its department and keys stay. A token with a right
    /// that it lost ends at once.
    Change {
        /// Its name.
        name: String,
        /// Where the office lies.
        #[arg(long)]
        dir: PathBuf,
        /// A right that it has from now on, again for each; all others end. Without any, they stay.
        #[arg(long = "scope", required_unless_present = "purposes")]
        scopes: Vec<String>,
        /// A purpose that it has from now on, again for each; all others end. Without any, they stay.
        #[arg(long = "purpose")]
        purposes: Vec<String>,
    },
    /// Accept a client again that was disabled, with the keys that it had.
    Enable {
        /// Its name.
        name: String,
        /// Where the office lies.
        #[arg(long)]
        dir: PathBuf,
    },
    /// Accept nothing of a client any more; its tokens end at once.
    Disable {
        /// Its name.
        name: String,
        /// Where the office lies.
        #[arg(long)]
        dir: PathBuf,
    },
    /// Show a client as JSON.
    Show {
        /// Its name.
        name: String,
        /// Where the office lies.
        #[arg(long)]
        dir: PathBuf,
    },
    /// List clients.
    List {
        /// Where the office lies.
        #[arg(long)]
        dir: PathBuf,
        /// Begin after this name.
        #[arg(long, default_value = "")]
        after: String,
        /// How many at the most.
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
}

/// Where the public key comes from.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct KeyFrom {
    /// File with the public key as a JWK, made by the department.
    #[arg(long)]
    key: Option<PathBuf>,
    /// Make a P-256 key pair: the private key goes to this file, and what `yinzheng call --as`
    /// needs beside it, with the ending .toml.
    #[arg(long, value_name = "OUT.pem")]
    new_key: Option<PathBuf>,
}

pub(super) fn run(command: Command, language: Language) -> Result<u8, Failure> {
    match command {
        Command::Add { name, dir, department, scopes, purposes, key } => {
            let act = |key| ClientAct::Add { name, department, scopes, purposes, key };
            with_key(&key, ("已登记", "registered"), language, |key| ask(&dir, act(key)))
        }
        Command::Rotate { name, dir, overlap, key } => {
            let act = |key| ClientAct::Rotate { name, key, overlap };
            with_key(&key, ("已换用另一把密钥", "has another key"), language, |key| {
                ask(&dir, act(key))
            })
        }
        Command::Change { name, dir, scopes, purposes } => {
            let named = |all: Vec<String>| (!all.is_empty()).then_some(all);
            let (scopes, purposes) = (named(scopes), named(purposes));
            let changed = ask(&dir, ClientAct::Change { name, scopes, purposes })?.client;
            let (name, rights) = (&changed.name, rights(&changed));
            let purposes = changed.purposes.join(" ");
            render::tell(
                language,
                format!("已更改：{name}\n  权限 {rights}\n  用途 {purposes}"),
                format!("changed: {name}\n  rights {rights}\n  purposes {purposes}"),
            );
            Ok(0)
        }
        Command::Enable { name, dir } => {
            let name = ask(&dir, ClientAct::Enable { name })?.client.name;
            render::tell(language, format!("已启用：{name}"), format!("enabled: {name}"));
            Ok(0)
        }
        Command::Disable { name, dir } => {
            let name = ask(&dir, ClientAct::Disable { name })?.client.name;
            render::tell(language, format!("已停用：{name}"), format!("disabled: {name}"));
            Ok(0)
        }
        Command::Show { name, dir } => {
            let client = ask(&dir, ClientAct::Show { name })?.client;
            render::say(&serde_json::to_string_pretty(&client)?);
            Ok(0)
        }
        Command::List { dir, after, limit } => {
            let change = ClientAct::List { after, limit };
            let all: Vec<Client> = answer_to(&dir, LocalAct::Client { change }, None)?;
            for client in &all {
                let state = match (client.disabled, language) {
                    (false, _) => "",
                    (true, Language::Zh) => "  已停用",
                    (true, Language::En) => "  disabled",
                };
                let (name, department) = (&client.name, &client.department);
                render::say(&format!("{name}  {department}  {}{state}", rights(client)));
            }
            Ok(0)
        }
    }
}

fn ask(dir: &Path, change: ClientAct) -> Result<ClientAnswer, Failure> {
    answer_to(dir, LocalAct::Client { change }, None)
}

fn rights(client: &Client) -> String {
    client.scopes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// Registers a key that is there, or a new one. A key that was not registered does not stay.
fn with_key(
    from: &KeyFrom,
    (done_zh, done_en): (&str, &str),
    language: Language,
    register: impl FnOnce(Value) -> Result<ClientAnswer, Failure>,
) -> Result<u8, Failure> {
    let Some(out) = &from.new_key else {
        let path = from.key.clone().unwrap_or_default();
        let ClientAnswer { client, base_url } = register(read_jwk(&path)?)?;
        let name = client.name;
        let rest = format!("{name}\n  client_id {name}\n  issuer {base_url}");
        render::tell(language, format!("{done_zh}：{rest}"), format!("{done_en}: {rest}"));
        return Ok(0);
    };
    let profile_path = out.with_extension("toml");
    for path in [out, &profile_path] {
        if path.exists() {
            let path = path.display();
            return Err(Failure::new(
                format!("{path}：文件已存在，请另写文件名"),
                format!("{path}: there already; name another file"),
            ));
        }
    }
    let pkcs8 = SoftwareKey::generate()?;
    let key = SoftwareKey::from_pkcs8(&pkcs8)?;
    let jwk = SystemKey::new(key.public_key()).map(|key| key.to_json()).unwrap_or_default();
    files::write_durably(out, pem(&pkcs8)?.expose(), 0o600)?;
    let ClientAnswer { client, base_url } =
        register(jwk).inspect_err(|_| drop(fs::remove_file(out)))?;
    let name = client.name;
    let key = out.file_name().unwrap_or_default().into();
    let profile = Profile {
        client: name.to_string(),
        key,
        base_url,
        ca: None,
        tls_cert: None,
        tls_key: None,
    };
    files::write_durably(
        &profile_path,
        toml::to_string(&profile).unwrap_or_default().as_bytes(),
        0o600,
    )?;
    let (out, shown) = (out.display(), profile_path.display());
    let (files, next) = (
        format!("{name}\n  {out}\n  {shown}"),
        format!("yinzheng call --as {shown} GET /v1/whoami"),
    );
    render::tell(
        language,
        format!("{done_zh}：{files}\n下一步：{next}"),
        format!("{done_en}: {files}\nnext: {next}"),
    );
    Ok(0)
}

fn read_jwk(path: &Path) -> Result<Value, Failure> {
    let bytes = files::read_given(path, 64 << 10)?;
    let path = path.display();
    json::parse(without_byte_order_mark(&bytes), 8).map_err(|error| {
        let Localized { zh, en } = error.words();
        Failure::new(format!("{path}：不是 JWK：{zh}"), format!("{path}: not a JWK: {en}"))
    })
}

fn pem(pkcs8: &Secret) -> Result<Secret, Failure> {
    let failed = |_| Failure::new("密钥无法写成 PEM", "the key cannot be written as PEM");
    let document: SecretDocument =
        Document::try_from(pkcs8.expose()).map_err(failed)?.into_secret();
    let text = document.to_pem("PRIVATE KEY", LineEnding::LF).map_err(failed)?;
    Ok(Secret::new(text.as_bytes().to_vec()))
}

/// Seconds of a span as people write it.
fn span(text: &str) -> Result<i64, BadValue> {
    let (zh, en) =
        ("写作数字加 d、h、m 或 s，例如 7d", "write a number with d, h, m or s, for instance 7d");
    let bad = || BadValue::new(zh, en);
    if text == "0" {
        return Ok(0);
    }
    let unit = text.chars().last().ok_or_else(bad)?;
    let seconds = match unit {
        'd' => 86_400,
        'h' => 3600,
        'm' => 60,
        's' => 1,
        _ => return Err(bad()),
    };
    let number: u16 = text.strip_suffix(unit).and_then(|n| n.parse().ok()).ok_or_else(bad)?;
    Ok(i64::from(number) * seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans() {
        let spans = ["7d", "0", "90s"].map(|text| span(text).unwrap());
        assert_eq!(spans, [604_800, 0, 90]);
        for bad in ["", "7", "d", "-1d", "1w", "1.5h", "99999d"] {
            assert!(span(bad).is_err(), "{bad}");
        }
    }
}
