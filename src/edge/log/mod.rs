//! The log for operators and witnesses: requests to an office, and copies that are checked without
//! one.

pub mod copy;
pub mod fetch;
pub mod new_key;
pub mod quarantine;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::format::merkle::tile::Tile;
use crate::format::note::checkpoint::Witnessed;
use crate::service::log::{LogError, LogName};
use crate::service::office::Office;

/// A request to an office's log.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case", deny_unknown_fields)]
pub enum LogAct {
    /// The newest head, signed.
    Checkpoint {
        /// The log of acts or of accesses.
        #[serde(default)]
        log: LogName,
    },
    /// The latest head that witnesses signed; null when there is none.
    Witnessed {
        /// The log of acts or of accesses.
        #[serde(default)]
        log: LogName,
    },
    /// The log's verifier key.
    Key {
        /// The log of acts or of accesses.
        #[serde(default)]
        log: LogName,
    },
    /// A tile in base64; null when there is none.
    Tile {
        /// The log of acts or of accesses.
        #[serde(default)]
        log: LogName,
        /// Its path after `tile/`.
        path: String,
    },
    /// The inclusion proof of a licence.
    Proof {
        /// Identifier or number of the licence.
        id: String,
    },
    /// The inclusion proof of an access.
    AccessProof {
        /// Identifier of the access.
        id: String,
    },
    /// Accept the signatures of witnesses.
    Cosignatures {
        /// A checkpoint with their signatures.
        note: String,
    },
}

/// Runs the request.
pub fn perform(office: &Office, act: LogAct) -> Result<Value, LogError> {
    Ok(match act {
        LogAct::Checkpoint { log } => json!(office.log(log).checkpoint()?.to_string()),
        LogAct::Witnessed { log } => {
            json!(office.log(log).witnessed().map(|head| head.to_string()))
        }
        LogAct::Key { log } => json!(office.log(log).key()?.to_string()),
        LogAct::Tile { log, path } => {
            let tile = Tile::parse(&path);
            let bytes = tile.map(|tile| office.log(log).tile(tile)).transpose()?.flatten();
            json!(bytes.map(|bytes| STANDARD.encode(bytes)))
        }
        LogAct::Proof { id } => {
            let licence = office.licence(&id).map_err(|_| LogError::NotFound(id))?;
            let proof = office.log_proof(licence.id.as_str())?.to_string();
            json!({ "id": licence.id, "number": licence.number, "proof": proof })
        }
        LogAct::AccessProof { id } => {
            json!({ "id": id, "proof": office.access_proof(&id)?.to_string() })
        }
        LogAct::Cosignatures { note } => {
            let cosigned = office.accept_cosignatures(&note)?;
            let name = |one: &Witnessed| json!({ "name": one.name(), "at": one.at() });
            let names: Vec<_> = cosigned.witnesses.iter().map(name).collect();
            json!({
                "log": cosigned.log, "witnesses": names, "kept": cosigned.head.to_string(),
            })
        }
    })
}
