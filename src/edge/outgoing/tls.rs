//! Which servers are believed: those that the system's roots vouch for, or those of roots that an
//! operator named, and then no others.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

/// No roots, or none that can be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BadRoots(pub String);

/// TLS 1.2 and 1.3 that trusts the roots in `pem`; without it, the system's.
pub fn trusting(pem: Option<&[u8]>) -> Result<Arc<ClientConfig>, BadRoots> {
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
    Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
}
