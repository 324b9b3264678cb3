//! The outside world.

pub mod cli;
pub mod clock;
pub mod config;
pub mod entropy;
pub mod files;
pub mod http;
pub mod keys;
pub mod web;
