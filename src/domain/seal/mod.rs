//! The seal: its image and its use.

pub mod appearance;
pub mod prepared;
