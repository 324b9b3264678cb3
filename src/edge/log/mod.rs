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

use crate::base::time::Timestamp;
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

/// A proof, and what it is of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProofAnswer {
    /// Identifier of the licence or access.
    pub id: String,
    /// Number of the licence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The proof as text.
    pub proof: String,
}

/// The signatures that were accepted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CosignedAnswer {
    /// The log whose head was signed.
    pub log: LogName,
    /// The witnesses whose signatures hold.
    pub witnesses: Vec<WitnessState>,
    /// The head that is kept from now on.
    pub kept: String,
}

/// A witness and when it signed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WitnessState {
    /// Its name.
    pub name: String,
    /// When it signed.
    pub at: Timestamp,
}

/// Runs the request. Checkpoints, keys and tiles are answered as text, or null.
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
            let number = Some(licence.number.clone());
            json!(ProofAnswer { id: licence.id.to_string(), number, proof })
        }
        LogAct::AccessProof { id } => {
            let proof = office.access_proof(&id)?.to_string();
            json!(ProofAnswer { id, number: None, proof })
        }
        LogAct::Cosignatures { note } => {
            let cosigned = office.accept_cosignatures(&note)?;
            let state =
                |one: &Witnessed| WitnessState { name: one.name().to_owned(), at: one.at() };
            let witnesses = cosigned.witnesses.iter().map(state).collect();
            json!(CosignedAnswer { log: cosigned.log, witnesses, kept: cosigned.head.to_string() })
        }
    })
}
