//! `certs/` of an office: its certificates and revocation lists, read, written and renewed.

use std::collections::BTreeMap;
use std::fs;

use super::config::{ConfigError, OfficeFolder, read_certificate};
use super::files::{self, FileError};
use crate::base::localized::Localized;
use crate::format::revocation::Crl;
use crate::format::x509::Certificate;
use crate::service::pki_setup::{CertificateIssuer, Certificates, EstablishError};
use crate::service::renew::{Renewed, is_due, is_root_due};

impl OfficeFolder {
    pub(super) fn certificates(&self) -> Result<Certificates, ConfigError> {
        let mut leaves = BTreeMap::new();
        let folder = self.path().join("certs");
        let failed = |source| FileError::Io { path: folder.clone(), source };
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if path.extension().is_some_and(|extension| extension == "pem") {
                leaves.insert(name, read_certificate(&path)?);
            }
        }
        let mut take = |name: &str| {
            leaves.remove(name).ok_or_else(|| {
                let folder = folder.display();
                ConfigError::Place(Localized::new(
                    format!("缺少 {folder}/{name}.pem；请从备份的 certs/ 复制"),
                    format!("{folder}/{name}.pem is missing; copy it from a backup's certs/"),
                ))
            })
        };
        let (root, issuing) = (take("root")?, take("issuing")?);
        Ok(Certificates { root, issuing, leaves })
    }

    pub(super) fn write_certificate(
        &self,
        name: &str,
        certificate: &Certificate,
    ) -> Result<(), ConfigError> {
        let path = self.path().join("certs").join(format!("{name}.pem"));
        Ok(files::write_durably(&path, certificate.to_pem().as_bytes(), 0o644)?)
    }

    /// The list on disk, or a new one when it ends within three days.
    pub(super) fn crl(
        &self,
        founding: &CertificateIssuer<'_>,
        certificates: &Certificates,
    ) -> Result<Vec<u8>, ConfigError> {
        let path = self.path().join("certs/issuing.crl");
        let known = files::read(&path, CRL_BYTES).ok();
        let fresh = known
            .filter(|der| Crl::parse(der).is_ok_and(|list| !is_due(list.window().1, founding.now)));
        if let Some(der) = fresh {
            return Ok(der);
        }
        let der = founding.crl(&certificates.issuing)?;
        files::write_durably(&path, &der, 0o644)?;
        Ok(der)
    }

    /// The list on disk, or a new one when it ends within a month and the key is here.
    pub(super) fn root_crl(
        &self,
        founding: &CertificateIssuer<'_>,
        certificates: &Certificates,
    ) -> Result<Vec<u8>, ConfigError> {
        let path = self.path().join("certs/root.crl");
        let known = files::read(&path, CRL_BYTES)?;
        let due = |list: Crl| is_root_due(list.window().1, founding.now);
        if !Crl::parse(&known).is_ok_and(due) {
            return Ok(known);
        }
        match founding.root_crl(&certificates.root) {
            Ok(der) => {
                files::write_durably(&path, &der, 0o644)?;
                Ok(der)
            }
            // The root's key may be kept elsewhere; the doctor says when it is needed.
            Err(EstablishError::Key(_)) => Ok(known),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes what the office renewed while it works.
    pub fn keep(&self, renewed: &Renewed) -> Result<(), ConfigError> {
        for (name, certificate) in &renewed.leaves {
            self.write_certificate(name, certificate)?;
        }
        for (name, der) in [("issuing", &renewed.crl), ("root", &renewed.root_crl)] {
            if let Some(der) = der {
                files::write_durably(&self.path().join(format!("certs/{name}.crl")), der, 0o644)?;
            }
        }
        Ok(())
    }
}

/// A list of ten thousand revoked certificates has 400 KB.
const CRL_BYTES: usize = 4 << 20;
