//! One office act per file.

pub mod keys;
