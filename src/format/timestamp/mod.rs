//! Time-stamp tokens (RFC 3161, 5816): an authority's statement that some bytes existed at an
//! instant.
//!
//! `domain::trust` decides whether that authority is trusted.

mod info;
mod token;

pub use info::Accuracy;
pub use token::Token;

#[cfg(test)]
mod tests;
