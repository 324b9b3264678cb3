//! The tests that can share a process. `measured.rs` has those that count what the process does,
//! `layers.rs` and `docs.rs` those that only read files.

mod access;
mod access_log;
#[path = "world/api.rs"]
mod api;
mod api_auth;
mod api_licences;
mod api_sharing;
mod api_tls;
mod attacks;
mod cli;
mod credential_rules;
mod credentials;
#[path = "world/desk.rs"]
mod desk;
mod durable;
mod earlier;
mod evidence;
mod faults_inputs;
mod fetching;
mod findings;
mod foreign;
#[path = "world/forge.rs"]
mod forge;
mod formats;
#[path = "world/hook_keys.rs"]
mod hook_keys;
mod http;
mod identifiers;
mod key_binding;
mod killed;
mod languages;
mod later_changes;
mod log;
mod log_copies;
mod matrix;
mod office;
mod operators;
mod oracles;
mod others;
mod passphrase;
mod paths;
mod peers;
#[path = "platform/place.rs"]
mod place;
mod platform;
mod platform_documents;
mod properties;
mod reader;
mod readers;
mod report_pdf;
mod restore;
mod schemas;
mod served;
mod sheet;
mod status_lists;
mod store;
mod verify_cli;
mod webhook_faults;
mod webhook_key_files;
mod webhook_keys;
mod webhook_rules;
mod webhooks;
mod wording;
mod world;
