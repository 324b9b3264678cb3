//! The log for operators and witnesses: what is asked of an office, and copies that are checked
//! without one.

pub mod copy;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::format::merkle::tile::Tile;
use crate::service::log::LogError;
use crate::service::office::Office;

/// What is asked of an office's log.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case", deny_unknown_fields)]
pub enum LogAct {
    /// The newest head, signed.
    Checkpoint,
    /// The head that witnesses signed last; null when there is none.
    Witnessed,
    /// The key.
    Key,
    /// A tile in base64; null when there is none.
    Tile {
        /// Its path behind `tile/`.
        path: String,
    },
    /// The proof of a licence.
    Proof {
        /// Identifier or number.
        id: String,
    },
    /// Take the signatures of witnesses.
    Cosignatures {
        /// A checkpoint with them.
        note: String,
    },
}

/// Does it.
pub fn perform(office: &Office, act: LogAct) -> Result<Value, LogError> {
    Ok(match act {
        LogAct::Checkpoint => json!(office.checkpoint()?.to_string()),
        LogAct::Witnessed => json!(office.witnessed().map(|head| head.to_string())),
        LogAct::Key => json!(office.log_key()?.to_string()),
        LogAct::Tile { path } => {
            let tile = Tile::parse(&path);
            let bytes = tile.map(|tile| office.log_tile(tile)).transpose()?.flatten();
            json!(bytes.map(|bytes| STANDARD.encode(bytes)))
        }
        LogAct::Proof { id } => {
            let licence = office.licence(&id).map_err(|_| LogError::NotFound(id))?;
            json!({ "id": licence.id, "proof": office.log_proof(licence.id.as_str())?.to_string() })
        }
        LogAct::Cosignatures { note } => {
            let (signed, kept) = office.accept_cosignatures(&note)?;
            let names: Vec<_> =
                signed.iter().map(|one| json!({ "name": one.name(), "at": one.at() })).collect();
            json!({ "witnesses": names, "kept": kept.to_string() })
        }
    })
}
