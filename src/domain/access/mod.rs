//! Who may do what: systems of departments, their keys and their rights. Deny by default.

mod caller;
mod client;
mod scope;

pub use caller::{Caller, NotPermitted, Permit};
pub use client::{BadClient, Client, ClientKey, ClientName};
pub use scope::{BadScope, Kinds, Scope, Verb};
