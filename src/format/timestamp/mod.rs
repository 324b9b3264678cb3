//! Time-stamp tokens (RFC 3161, 5816): that some bytes existed at an instant, in someone's word.
//!
//! Whether that someone is a time-stamping authority that one may believe is `domain::trust`.

mod info;
mod token;

pub use info::Accuracy;
pub use token::Token;

#[cfg(test)]
mod tests;
