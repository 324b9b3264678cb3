//! Trusted servers: those under the system's roots, or under roots that an operator named, and then
//! no others.

use std::sync::Arc;

use rustls::client::WantsClientCert;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore};

/// No roots, or none that can be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BadRoots(pub String);

/// TLS that trusts the roots in `pem`, without it the system's, and shows no certificate.
pub fn trusting(pem: Option<&[u8]>) -> Result<Arc<ClientConfig>, BadRoots> {
    Ok(Arc::new(believing(pem)?.with_no_client_auth()))
}

/// The same for a client that may show a certificate: TLS 1.2 and 1.3.
pub fn believing(
    pem: Option<&[u8]>,
) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, BadRoots> {
    let bad = |error: &dyn std::fmt::Display| BadRoots(error.to_string());
    let mut roots = RootCertStore::empty();
    match pem {
        Some(pem) => {
            for one in CertificateDer::pem_slice_iter(pem) {
                roots.add(one.map_err(|error| bad(&error))?).map_err(|error| bad(&error))?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if roots.is_empty() {
        return Err(bad(&"no root certificates; name those of the server with --ca FILE"));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| bad(&error))?;
    Ok(builder.with_root_certificates(roots))
}
