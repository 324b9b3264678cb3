//! Yinzheng 印证.

pub mod base;
pub mod crypto;
pub mod domain;
pub mod edge;
pub mod format;
pub mod service;
pub mod store;
