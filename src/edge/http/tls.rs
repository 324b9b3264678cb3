//! TLS 1.2 and 1.3 (rustls over ring), with certificates that are reloaded when their files change.
//!
//! Any client certificate is accepted, self-signed ones too: a connection proves that the other end
//! has the key, a token is bound to the certificate's digest (RFC 8705, 3), and the assertion named
//! the client. No name in a certificate is ever read.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, ServerConfig, SignatureScheme};

use crate::edge::files::{self, FileError};

/// Files and options of TLS.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate and those above it, in PEM.
    pub chain: PathBuf,
    /// The private key in PEM, readable by its owner alone.
    pub key: PathBuf,
    /// Whether clients are asked for certificates.
    pub client_certs: bool,
}

/// Inode, time of change and length of each file, to detect a change.
type Stamps = [Option<(u64, i64, i64, u64)>; 2];

/// The certificate in use, which follows its files.
#[derive(Debug)]
pub(super) struct Keeper {
    files: TlsFiles,
    current: RwLock<Arc<ServerConfig>>,
}

impl Keeper {
    /// Reads the files; the server does not start with unusable ones.
    pub(super) fn open(files: TlsFiles) -> Result<Arc<Self>, BadTlsFiles> {
        let current = RwLock::new(load(&files)?);
        Ok(Arc::new(Self { files, current }))
    }

    /// Whether clients are asked for certificates.
    pub(super) fn asks_for_certificates(&self) -> bool {
        self.files.client_certs
    }

    /// The configuration for a new connection.
    pub(super) fn current(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Checks every two seconds whether the files changed. An unusable one is reported in the log,
    /// and the old certificate stays; when the two files are written one after the other, both are
    /// read again after the second.
    pub(super) async fn follow(self: Arc<Self>) {
        let mut seen = None;
        loop {
            let keeper = Arc::clone(&self);
            // A disk that does not answer blocks this check and no connection.
            let look = tokio::task::spawn_blocking(move || keeper.look(seen));
            seen = look.await.ok().or(seen);
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Reads the files when they changed since `seen`, and returns their present state.
    fn look(&self, seen: Option<Stamps>) -> Stamps {
        // Before they are read: the next check sees what is written meanwhile.
        let now = self.stamps();
        if seen.is_none_or(|seen| seen == now) {
            return now;
        }
        match load(&self.files) {
            Ok(config) => {
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = config;
                tracing::info!("the TLS certificate was read anew");
            }
            Err(error) => {
                tracing::error!(%error, "the TLS files changed and cannot be used; the old ones stay");
            }
        }
        now
    }

    fn stamps(&self) -> Stamps {
        [&self.files.chain, &self.files.key].map(|path| {
            let data = std::fs::metadata(path).ok()?;
            Some((data.ino(), data.mtime(), data.mtime_nsec(), data.len()))
        })
    }
}

/// Why a certificate or its key cannot be served with.
#[derive(Debug, thiserror::Error)]
pub enum BadTlsFiles {
    /// A file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// It has not the PEM that is wanted.
    #[error("{}: {why}", path.display())]
    Pem {
        /// Path of the file.
        path: PathBuf,
        /// The rule that it breaks.
        why: String,
    },
    /// The key is not that of the certificate, or of a kind that TLS does not have.
    #[error("{}: {}", .0.display(), .1)]
    Unusable(PathBuf, rustls::Error),
}

fn load(files: &TlsFiles) -> Result<Arc<ServerConfig>, BadTlsFiles> {
    let bad = |path: &Path, why: &dyn std::fmt::Display| BadTlsFiles::Pem {
        path: path.to_owned(),
        why: why.to_string(),
    };
    let unusable = |error| BadTlsFiles::Unusable(files.chain.clone(), error);
    let pem = files::read(&files.chain, FILE_BYTES)?;
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|error| bad(&files.chain, &error))?;
    if chain.is_empty() {
        return Err(bad(&files.chain, &"no certificate in PEM"));
    }
    let pem = files::read_secret(&files.key, FILE_BYTES)?;
    let pem = zeroize::Zeroizing::new(pem);
    let key = PrivateKeyDer::from_pem_slice(&pem).map_err(|error| bad(&files.key, &error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(unusable)?;
    let builder = if files.client_certs {
        builder.with_client_cert_verifier(Arc::new(AnyCertificate(provider)))
    } else {
        builder.with_no_client_auth()
    };
    // Refuses a key that is not the certificate's.
    let mut config = builder.with_single_cert(chain, key).map_err(unusable)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Accepts any certificate whose key signed the handshake, and connections without one.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ClientCertVerifier for AnyCertificate {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

const LOOK: Duration = Duration::from_secs(2);
/// A chain of four certificates with RSA keys has 8 KB.
const FILE_BYTES: usize = 256 << 10;
