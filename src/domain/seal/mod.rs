//! The seal: its picture and its use.

pub mod appearance;
pub mod prepared;
