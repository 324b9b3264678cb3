//! X.509 certificates (RFC 5280): parsed once into a value that later checks query.
//!
//! Parsing judges syntax alone; `domain::trust` decides whether a certificate is trusted.

mod certificate;
mod certificate_cache;
mod entitlement;
mod envelope;
mod error;
mod name;
mod names;
mod points;
mod policies;
mod spki;
#[cfg(test)]
mod tests;
mod usage;

pub use certificate::Certificate;
pub use certificate_cache::CertificateCache;
pub use entitlement::{ENTITLEMENT, Entitlement, OFFICE_ARC, Role, Types};
pub use envelope::Envelope;
pub use error::BadCertificate;
pub use name::DistinguishedName;
pub use names::{NameConstraints, NameKind, Names};
pub use points::{ListPoint, PointName, Points, point_names};
pub use policies::{ANY_POLICY, Mapping, Policies};
pub use spki::{Scheme, Unsupported, digest_algorithm};
pub use usage::KeyUsage;
