//! The outside world: clock, randomness, files, keys, the command line, the local socket, HTTP,
//! pages.

pub mod api_client;
pub mod backup;
pub mod certs;
pub mod cli;
pub mod clock;
pub mod config;
pub mod doctor;
pub mod entropy;
pub mod fetch;
pub mod files;
pub mod http;
pub mod keys;
pub mod last_time;
pub mod local;
pub mod log;
pub mod log_key_rotation;
pub mod outbound;
pub mod space;
pub mod web;
pub mod webhooks;
