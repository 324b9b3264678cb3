//! The operator's acts on clients.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{LocalAnswer, failed};
use crate::base::actor::Actor;
use crate::domain::access::{BadScope, Scope};
use crate::service::access::NewClient;
use crate::service::office::Office;

/// What the operator asks for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientAct {
    /// Register one.
    Add {
        /// Its name.
        name: String,
        /// Slug of its department.
        department: String,
        /// Its rights.
        scopes: Vec<String>,
        /// For which purposes it may ask for data.
        purposes: Vec<String>,
        /// Its public key.
        key: Value,
    },
    /// Give it another key.
    Rotate {
        /// Its name.
        name: String,
        /// The new public key.
        key: Value,
        /// Seconds for which the old ones are accepted.
        overlap: i64,
    },
    /// Give it other rights or purposes; what is left out stays.
    Change {
        /// Its name.
        name: String,
        /// Its rights from now on.
        scopes: Option<Vec<String>>,
        /// For which purposes it may ask for data from now on.
        purposes: Option<Vec<String>>,
    },
    /// Accept it again after it was disabled.
    Enable {
        /// Its name.
        name: String,
    },
    /// Accept nothing of it any more.
    Disable {
        /// Its name.
        name: String,
    },
    /// One of them.
    Show {
        /// Its name.
        name: String,
    },
    /// All of them.
    List {
        /// After this name.
        after: String,
        /// How many.
        limit: usize,
    },
}

/// Does an act. The answer to one about a client is the client and our address.
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
            return match office.clients(&after, limit) {
                Ok(all) => LocalAnswer::Done(json!(all)),
                Err(error) => failed(&error),
            };
        }
    };
    match client {
        Ok(client) => {
            let base = office.profile().public_base_url.as_str();
            LocalAnswer::Done(json!({ "client": client, "base_url": base }))
        }
        Err(error) => failed(&error),
    }
}

fn rights(texts: &[String]) -> Result<Vec<Scope>, BadScope> {
    texts.iter().map(|text| text.parse()).collect()
}
