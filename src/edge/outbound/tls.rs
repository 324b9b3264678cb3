//! Trusted servers: those under the system's roots, or under roots that an operator named, and then
//! no others.

use std::path::Path;
use std::sync::Arc;

use rustls::client::WantsClientCert;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ConfigBuilder, RootCertStore};

use crate::base::localized::Localized;
use crate::base::secret::Secret;
use crate::edge::files::{self, FileError};

/// A client certificate, and its key, as PEM files.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The certificate and those above it.
    pub chain: &'a Path,
    /// The private key, readable by its owner alone.
    pub key: &'a Path,
}

/// Roots, a certificate or its key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadTls {
    /// A file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// What it has cannot be used.
    #[error("{}", .0.en)]
    Pem(Localized),
}

/// TLS that trusts the roots in `pem`, without it the system's, and shows no certificate.
pub fn trusting(pem: Option<&[u8]>) -> Result<Arc<ClientConfig>, BadTls> {
    Ok(Arc::new(believing(pem)?.with_no_client_auth()))
}

/// The same from files, for a client that may show a certificate.
pub(super) fn configured(
    roots: Option<&Path>,
    shown: Option<Shown<'_>>,
) -> Result<Arc<ClientConfig>, BadTls> {
    let pem = roots.map(|path| files::read_given(path, PEM_BYTES)).transpose()?;
    let builder = believing(pem.as_deref())?;
    let Some(Shown { chain, key }) = shown else {
        return Ok(Arc::new(builder.with_no_client_auth()));
    };
    let bad = |path: &Path, error| {
        let path = path.display();
        BadTls::Pem(Localized::new(
            format!("{path}：不是所需的 PEM（证书或私钥）"),
            format!(
                "{path}: not the PEM that is wanted here, a certificate or a private key ({error})"
            ),
        ))
    };
    let pem = Secret::new(files::read_secret_given(key, PEM_BYTES)?);
    let own = PrivateKeyDer::from_pem_slice(pem.expose()).map_err(|error| bad(key, error))?;
    let pem = files::read_given(chain, PEM_BYTES)?;
    let certificates = CertificateDer::pem_slice_iter(&pem).collect::<Result<_, _>>();
    let certificates = certificates.map_err(|error| bad(chain, error))?;
    builder.with_client_auth_cert(certificates, own).map(Arc::new).map_err(unusable)
}

/// TLS 1.2 and 1.3.
fn believing(pem: Option<&[u8]>) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, BadTls> {
    let mut roots = RootCertStore::empty();
    match pem {
        Some(pem) => {
            for one in CertificateDer::pem_slice_iter(pem) {
                roots.add(one.map_err(unusable)?).map_err(unusable)?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if roots.is_empty() {
        return Err(unusable("no root certificates; name those of the server with --ca FILE"));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unusable)?;
    Ok(builder.with_root_certificates(roots))
}

fn unusable(error: impl std::fmt::Display) -> BadTls {
    BadTls::Pem(Localized::new(
        "证书或私钥无法使用：须为 PEM，私钥须与证书相配",
        format!("the certificates or the key cannot be used: {error}"),
    ))
}

/// The system's bundle has 230 KB.
const PEM_BYTES: usize = 4 << 20;
