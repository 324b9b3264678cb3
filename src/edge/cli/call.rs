//! `yinzheng call`: one signed request to a departments' API.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use axum::body::Bytes;
use axum::http::header::{ETAG, IF_MATCH};
use axum::http::{HeaderName, HeaderValue, Method};
use clap::Args;
use pkcs8::SecretDocument;
use serde::{Deserialize, Serialize};

use super::failure::{BadValue, Failure};
use super::render;
use crate::base::secret::Secret;
use crate::crypto::ed25519::Ed25519Key;
use crate::crypto::software::SoftwareKey;
use crate::domain::office::BaseUrl;
use crate::edge::api_client::{ApiClient, Bound, CallError};
use crate::edge::files;
use crate::edge::outbound::{HttpResponse, Server, Shown};
use crate::format::jose::client_signer::SystemSigner;

/// The request and who sends it.
#[derive(Debug, Args)]
pub(super) struct CallOptions {
    /// GET, POST, PUT, PATCH, DELETE or HEAD.
    method: String,
    /// Path and perhaps a query, for instance `/v1/whoami`.
    path: String,
    /// File that `client add --new-key` wrote: client, key and address in one.
    #[arg(long = "as", value_name = "CLIENT.toml", required_unless_present_all = ["client", "key", "base_url"])]
    profile: Option<PathBuf>,
    /// Name of the client.
    #[arg(long)]
    client: Option<String>,
    /// Its private key: PKCS#8 in PEM, P-256 or Ed25519, readable by its owner alone.
    #[arg(long)]
    key: Option<PathBuf>,
    /// The office's `public_base_url`.
    #[arg(long)]
    base_url: Option<String>,
    /// Roots to trust for the server, in PEM; without it, those of the system.
    #[arg(long)]
    ca: Option<PathBuf>,
    /// A certificate to show to the server, in PEM: the token is bound to it, in place of proofs.
    #[arg(long, value_name = "CERT.pem")]
    tls_cert: Option<PathBuf>,
    /// Its private key in PEM, readable by its owner alone.
    #[arg(long, value_name = "KEY.pem")]
    tls_key: Option<PathBuf>,
    /// File with the body, or - for standard input.
    #[arg(long)]
    data: Option<PathBuf>,
    /// A header, `Name: value`; the body is `application/json` when none says otherwise.
    #[arg(long = "header", value_parser = header)]
    headers: Vec<(HeaderName, HeaderValue)>,
    /// Change what has this entity tag and nothing newer (`If-Match`): the one that an answer's `ETag`
    /// on standard error names.
    #[arg(long, value_name = "TAG", value_parser = entity_tag)]
    if_match: Option<HeaderValue>,
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tls_cert: Option<PathBuf>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tls_key: Option<PathBuf>,
}

pub(super) fn run(options: CallOptions) -> Result<u8, Failure> {
    let named = options.method.to_ascii_uppercase();
    let method = METHODS.into_iter().find(|method| method.as_str() == named).ok_or_else(|| {
        let (given, known) = (&options.method, METHODS.map(|method| method.to_string()));
        Failure::usage(
            format!("{given:?} 不是请求方法，可选：{}", known.join("、")),
            format!("{given:?} is no method; one of: {}", known.join(", ")),
        )
    })?;
    if !options.path.starts_with('/') {
        return Err(Failure::usage(
            "路径须以 / 开头，例如 /v1/whoami",
            "the path must begin with /, for instance /v1/whoami",
        ));
    }
    let body = options.data.as_deref().map(body).transpose()?;
    let client = client(&options)?;
    let tag = options.if_match.into_iter().map(|tag| (IF_MATCH, tag));
    let headers: Vec<_> = options.headers.into_iter().chain(tag).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(async {
        let token = client.token(&options.scopes).await?;
        client.send(&token, method, &options.path, &headers, body).await
    });
    let HttpResponse { status, headers, body } =
        answer.map_err(|error: CallError| Failure::from(error))?;
    let etag = headers.get(ETAG).and_then(|tag| tag.to_str().ok());
    let etag = etag.map(|tag| format!("\nETag: {tag}")).unwrap_or_default();
    render::complain(&format!("HTTP {status}{etag}"));
    render::write(&body);
    if !body.ends_with(b"\n") && !body.is_empty() && render::is_terminal() {
        render::say("");
    }
    Ok(u8::from(!status.is_success()))
}

fn client(options: &CallOptions) -> Result<ApiClient, Failure> {
    let known = options.profile.as_deref().map(read_profile).transpose()?;
    let known = known.as_ref();
    let missing = |what: &str| Failure::usage(format!("缺少 {what}"), format!("{what} is missing"));
    let name = options.client.clone().or_else(|| known.map(|known| known.client.clone()));
    let key = options.key.clone().or_else(|| known.map(|known| known.key.clone()));
    let base = options.base_url.clone().or_else(|| known.map(|known| known.base_url.clone()));
    let either = |given: &Option<PathBuf>, known: Option<&Option<PathBuf>>| {
        given.clone().or_else(|| known.cloned().flatten())
    };
    let ca = either(&options.ca, known.map(|known| &known.ca));
    let chain = either(&options.tls_cert, known.map(|known| &known.tls_cert));
    let own = either(&options.tls_key, known.map(|known| &known.tls_key));
    let shown = match (&chain, &own) {
        (Some(chain), Some(key)) => Some(Shown { chain, key }),
        (None, None) => None,
        (Some(_), None) => return Err(missing("--tls-key")),
        (None, Some(_)) => return Err(missing("--tls-cert")),
    };
    let base = base.ok_or_else(|| missing("--base-url"))?;
    let base = BaseUrl::parse(&base)
        .map_err(|error| Failure::of_value(format!("--base-url {base}"), &error))?;
    let server = Server::of_a_user(&base, ca.as_deref(), shown)?;
    let key = read_key(&key.ok_or_else(|| missing("--key"))?)?;
    let bound = if shown.is_some() { Bound::Certificate } else { Bound::Key };
    Ok(ApiClient::new(name.ok_or_else(|| missing("--client"))?, key, (base, server), bound))
}

fn read_profile(path: &Path) -> Result<Profile, Failure> {
    let text = files::text(path, &files::read(path, 16 << 10)?)?;
    let mut profile: Profile =
        toml::from_str(&text).map_err(|error| Failure::not_toml(path, &text, &error))?;
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    profile.key = folder.join(&profile.key);
    for path in [&mut profile.ca, &mut profile.tls_cert, &mut profile.tls_key] {
        *path = path.take().map(|path| folder.join(path));
    }
    Ok(profile)
}

fn read_key(path: &Path) -> Result<SystemSigner, Failure> {
    let shown = path.display();
    let failed = || {
        Failure::new(
            format!("{shown}：不是 PEM 中 PKCS#8 形式的 P-256 或 Ed25519 私钥（P-256 须带公钥）"),
            format!(
                "{shown}: not a P-256 or Ed25519 private key as PKCS#8 in PEM (of P-256 with its public \
                 key)"
            ),
        )
    };
    let pem = Secret::new(files::read_secret_given(path, 16 << 10)?);
    let text = std::str::from_utf8(pem.expose()).map_err(|_| failed())?;
    let (label, document) = SecretDocument::from_pem(text).map_err(|_| failed())?;
    if label != "PRIVATE KEY" {
        return Err(failed());
    }
    let plain = Secret::new(document.as_bytes().to_vec());
    if let Ok(key) = SoftwareKey::from_pkcs8(&plain) {
        return Ok(SystemSigner::P256(Box::new(key)));
    }
    let key = Ed25519Key::from_pkcs8(&plain).map_err(|_| failed())?;
    Ok(SystemSigner::Ed25519(Box::new(key)))
}

fn body(path: &Path) -> Result<Bytes, Failure> {
    if path != Path::new("-") {
        return Ok(files::read_given(path, BODY_BYTES)?.into());
    }
    let mut bytes = Vec::new();
    let most = u64::try_from(BODY_BYTES).unwrap_or(u64::MAX);
    std::io::stdin().take(most).read_to_end(&mut bytes)?;
    Ok(bytes.into())
}

fn header(text: &str) -> Result<(HeaderName, HeaderValue), BadValue> {
    let bad = || BadValue::new("写作 Name: value", "write Name: value");
    let (name, value) = text.split_once(':').ok_or_else(bad)?;
    let name: HeaderName = name.trim().parse().map_err(|_| bad())?;
    Ok((name, value.trim().parse().map_err(|_| bad())?))
}

/// With its quotes, which shells like to take away.
fn entity_tag(text: &str) -> Result<HeaderValue, BadValue> {
    let quoted = format!("\"{}\"", text.trim_matches('"'));
    quoted.parse().map_err(|_| BadValue::new("写明收到的 ETag", "write the ETag that you got"))
}

const METHODS: [Method; 6] =
    [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::HEAD];
/// What the server takes at the most.
const BODY_BYTES: usize = 20 << 20;
