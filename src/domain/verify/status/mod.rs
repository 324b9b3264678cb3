//! Is it in force? What is known of a licence, and of the certificates that sealed it.

pub(super) mod revocation;
pub(super) mod standing;
pub mod status_lists;
