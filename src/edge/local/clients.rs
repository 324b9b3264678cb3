//! The operator's acts on clients.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::answers::{ClientAnswer, LocalAnswer, answered, done, failed};
use crate::base::actor::Actor;
use crate::domain::access::{BadScope, Scope};
use crate::service::access::NewClient;
use crate::service::office::Office;

/// Requests of the operator about clients.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientAct {
    /// Register a client.
    Add {
        /// Name of the new client.
        name: String,
        /// Slug of its department.
        department: String,
        /// Rights, each as `verb:type`.
        scopes: Vec<String>,
        /// Purposes for which it may request data.
        purposes: Vec<String>,
        /// Its public key, as a JWK.
        key: Value,
    },
    /// Add another key to a client.
    Rotate {
        /// Name of the client.
        name: String,
        /// The new public key.
        key: Value,
        /// Seconds for which the old ones are accepted.
        overlap: i64,
    },
    /// Change rights or purposes; what is left out stays.
    Change {
        /// Name of the client.
        name: String,
        /// New rights.
        scopes: Option<Vec<String>>,
        /// New purposes.
        purposes: Option<Vec<String>>,
    },
    /// Accept a disabled client again.
    Enable {
        /// Name of the client.
        name: String,
    },
    /// Disable a client.
    Disable {
        /// Name of the client.
        name: String,
    },
    /// Read one client.
    Show {
        /// Name of the client.
        name: String,
    },
    /// List clients by name.
    List {
        /// After this name.
        after: String,
        /// Most clients to return.
        limit: usize,
    },
}

/// Runs the request. An answer about one client has the client and the office's address.
pub(super) fn perform(office: &Office, act: ClientAct) -> LocalAnswer {
    let actor = &Actor::LocalOperator;
    let client = match act {
        ClientAct::Add { name, department, scopes, purposes, key } => {
            let scopes = match rights(&scopes) {
                Ok(scopes) => scopes,
                Err(error) => return failed(&error),
            };
            let (name, department) = (name.as_str(), department.as_str());
            office.add_client(NewClient { name, department, scopes, purposes, key: &key }, actor)
        }
        ClientAct::Rotate { name, key, overlap } => {
            office.rotate_client(&name, &key, overlap, actor)
        }
        ClientAct::Change { name, scopes, purposes } => {
            let scopes = match scopes.as_deref().map(rights).transpose() {
                Ok(scopes) => scopes,
                Err(error) => return failed(&error),
            };
            office.change_rights(&name, scopes, purposes, actor)
        }
        ClientAct::Enable { name } => office.enable_client(&name, actor),
        ClientAct::Disable { name } => office.disable_client(&name, actor),
        ClientAct::Show { name } => office.client(&name),
        ClientAct::List { after, limit } => {
            return answered(office.clients(&after, limit));
        }
    };
    match client {
        Ok(client) => {
            let base = office.profile().public_base_url.as_str();
            done(ClientAnswer { client, base_url: base.to_owned() })
        }
        Err(error) => failed(&error),
    }
}

fn rights(texts: &[String]) -> Result<Vec<Scope>, BadScope> {
    texts.iter().map(|text| text.parse()).collect()
}
