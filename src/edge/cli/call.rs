//! `yinzheng call`: one signed request to a departments' API.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use axum::body::Bytes;
use axum::http::{HeaderName, HeaderValue, Method};
use clap::Args;
use pkcs8::SecretDocument;
use serde::{Deserialize, Serialize};

use super::{Failure, render};
use crate::base::secret::Secret;
use crate::crypto::software::SoftwareKey;
use crate::domain::office::BaseUrl;
use crate::edge::api_client::{ApiAnswer, ApiClient, CallError};
use crate::edge::files;

/// The request and who sends it.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// GET, POST, PUT, PATCH or DELETE.
    method: String,
    /// Path and perhaps a query, for instance `/v1/whoami`.
    path: String,
    /// File that `client add --new-key` wrote: client, key and address in one.
    #[arg(long = "as", value_name = "CLIENT.toml", required_unless_present_all = ["client", "key", "base_url"])]
    profile: Option<PathBuf>,
    /// Name of the client.
    #[arg(long)]
    client: Option<String>,
    /// Its private key: PKCS#8 in PEM, P-256, readable by its owner alone.
    #[arg(long)]
    key: Option<PathBuf>,
    /// The office's `public_base_url`.
    #[arg(long)]
    base_url: Option<String>,
    /// Roots to trust for the server, in PEM; without it, those of the system.
    #[arg(long)]
    ca: Option<PathBuf>,
    /// File with the body, or - for standard input.
    #[arg(long)]
    data: Option<PathBuf>,
    /// A header, `Name: value`; the body is `application/json` when none says otherwise.
    #[arg(long = "header", value_parser = header)]
    headers: Vec<(HeaderName, HeaderValue)>,
    /// A right that the token shall have; without any, all of the client's.
    #[arg(long = "scope")]
    scopes: Vec<String>,
}

/// What a client needs to know about itself; paths are relative to the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Profile {
    pub(super) client: String,
    pub(super) key: PathBuf,
    pub(super) base_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ca: Option<PathBuf>,
}

pub(super) fn run(options: Options) -> Result<u8, Failure> {
    let usage = |message: String| Failure { message, code: 64 };
    let method = Method::from_bytes(options.method.to_ascii_uppercase().as_bytes())
        .map_err(|_| usage(format!("{:?} is no method", options.method)))?;
    if !options.path.starts_with('/') {
        return Err(usage("the path must begin with /, for instance /v1/whoami".to_owned()));
    }
    let body = options.data.as_deref().map(body).transpose()?;
    let client = client(&options)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(async {
        let token = client.token(&options.scopes).await?;
        client.send(&token, method, &options.path, &options.headers, body).await
    });
    let ApiAnswer { status, body } = answer.map_err(|error: CallError| Failure::from(error))?;
    render::complain(&format!("HTTP {status}"));
    render::write(&body);
    if !body.ends_with(b"\n") && !body.is_empty() && render::is_terminal() {
        render::say("");
    }
    Ok(u8::from(!status.is_success()))
}

fn client(options: &Options) -> Result<ApiClient, Failure> {
    let mut profile = options.profile.as_deref().map(read_profile).transpose()?;
    let missing = |what: &str| Failure { message: format!("{what} is missing"), code: 64 };
    let known = profile.as_mut();
    let (mut name, mut key, mut base, mut ca) = (None, None, None, None);
    if let Some(known) = known {
        name = Some(std::mem::take(&mut known.client));
        key = Some(std::mem::take(&mut known.key));
        base = Some(std::mem::take(&mut known.base_url));
        ca = known.ca.take();
    }
    let name = options.client.clone().or(name).ok_or_else(|| missing("--client"))?;
    let key = options.key.clone().or(key).ok_or_else(|| missing("--key"))?;
    let base = options.base_url.clone().or(base).ok_or_else(|| missing("--base-url"))?;
    let ca = options.ca.clone().or(ca);
    let base = BaseUrl::parse(&base)
        .map_err(|error| Failure { message: format!("--base-url {error}"), code: 64 })?;
    Ok(ApiClient::new(name, Box::new(read_key(&key)?), base, ca.as_deref())?)
}

fn read_profile(path: &Path) -> Result<Profile, Failure> {
    let text = files::read(path, 16 << 10)?;
    let failed = |message: String| Failure { message, code: 1 };
    let mut profile: Profile = toml::from_str(&String::from_utf8_lossy(&text))
        .map_err(|error| failed(format!("{}: {}", path.display(), error.message())))?;
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    profile.key = folder.join(&profile.key);
    profile.ca = profile.ca.map(|ca| folder.join(ca));
    Ok(profile)
}

fn read_key(path: &Path) -> Result<SoftwareKey, Failure> {
    let failed = || Failure {
        message: format!(
            "{}: not a P-256 private key as PKCS#8 in PEM that includes its public key",
            path.display()
        ),
        code: 1,
    };
    let pem = Secret::new(files::read_secret(path, 16 << 10)?);
    let text = std::str::from_utf8(pem.expose()).map_err(|_| failed())?;
    let (label, document) = SecretDocument::from_pem(text).map_err(|_| failed())?;
    if label != "PRIVATE KEY" {
        return Err(failed());
    }
    SoftwareKey::from_pkcs8(&Secret::new(document.as_bytes().to_vec())).map_err(|_| failed())
}

fn body(path: &Path) -> Result<Bytes, Failure> {
    if path != Path::new("-") {
        return Ok(files::read(path, BODY_BYTES)?.into());
    }
    let mut bytes = Vec::new();
    let most = u64::try_from(BODY_BYTES).unwrap_or(u64::MAX);
    std::io::stdin().take(most).read_to_end(&mut bytes)?;
    Ok(bytes.into())
}

fn header(text: &str) -> Result<(HeaderName, HeaderValue), String> {
    let bad = || format!("{text:?}: write Name: value");
    let (name, value) = text.split_once(':').ok_or_else(bad)?;
    let name: HeaderName = name.trim().parse().map_err(|_| bad())?;
    Ok((name, value.trim().parse().map_err(|_| bad())?))
}

/// What the server takes at the most.
const BODY_BYTES: usize = 20 << 20;
