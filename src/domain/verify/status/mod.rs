//! Is it in force? The status of a licence, and revocation of the certificates that sealed it.

pub(super) mod revocation;
pub(super) mod standing;
pub mod status_lists;
