//! Access control: systems of departments, their keys, their tokens and their rights. Deny by
//! default.

pub mod assertion;
mod caller;
mod client;
pub mod dpop;
mod scope;
pub mod token;

pub use caller::{Caller, NotPermitted, Permit};
pub use client::{BadClient, Client, ClientKey, ClientName};
pub use scope::{BadScope, Kinds, Scope, Verb};
