//! The office's log as others see it: checkpoints, tiles, and proofs beside documents.
//!
//! The tree is that of the journal, so nothing can be issued beside the log. What is public are
//! hashes of blinded leaves; what a leaf is made of goes to whoever has the document, in its proof.

use std::sync::PoisonError;

use super::keys::KeyUnavailable;
use super::office::Office;
use crate::base::digest::Digest;
use crate::base::limits::Budget;
use crate::crypto::ed25519::LogSigner;
use crate::crypto::signer::SignError;
use crate::format::merkle::proof::{self, NoProof, Nodes};
use crate::format::merkle::tile::Tile;
use crate::format::note::BadNote;
use crate::format::note::checkpoint::{Checkpoint, NotSigned, SignedCheckpoint, Witnessed};
use crate::format::note::key::{Forged, Kind, NoteKey};
use crate::format::note::proof::LogProof;
use crate::store::StoreError;

/// Why the log does not answer.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// There is no such licence, or no document of it.
    #[error("there is no licence {0} in the log")]
    NotFound(String),
    /// The log's key.
    #[error(transparent)]
    Key(#[from] KeyUnavailable),
    /// Signing failed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The index lacks hashes of the tree.
    #[error("the hashes of the log cannot be read ({0}); run `yinzheng reindex`")]
    Tree(String),
    /// What was handed in is no checkpoint.
    #[error(transparent)]
    Note(#[from] BadNote),
    /// It is no checkpoint of this log.
    #[error("this is no checkpoint of this log: {0}")]
    Foreign(String),
    /// No witness that is configured signed it.
    #[error("no witness of office.toml ([log] witnesses) signed this checkpoint")]
    NoWitness,
}

impl From<NoProof<StoreError>> for LogError {
    fn from(error: NoProof<StoreError>) -> Self {
        match error {
            NoProof::Source(error) => error.into(),
            error => Self::Tree(error.to_string()),
        }
    }
}

impl From<Forged> for LogError {
    fn from(error: Forged) -> Self {
        Self::Foreign(error.to_string())
    }
}

impl From<NotSigned> for LogError {
    fn from(error: NotSigned) -> Self {
        Self::Foreign(error.to_string())
    }
}

/// Signs the head of a tree. A store only grows and tells only what is durable, so that two heads of
/// one store are never inconsistent (C2SP tlog-checkpoint, signatures).
pub fn sign_head(
    origin: &str,
    (size, root): (u64, Digest),
    key: &dyn LogSigner,
) -> Result<SignedCheckpoint, SignError> {
    let head = Checkpoint::new(origin, size, root);
    head.ok_or_else(|| SignError(format!("{origin:?} is no name of a log")))?.sign(key)
}

/// The hashes of a tile, when a tree of `size` leaves has it.
pub fn tile<N: Nodes + ?Sized>(
    nodes: &N,
    tile: Tile,
    size: u64,
) -> Result<Option<Vec<u8>>, N::Error> {
    let Some(first) = tile.first_in(size) else { return Ok(None) };
    let hashes = nodes.nodes(tile.level(), first, usize::from(tile.width()))?;
    let whole = hashes.len() == usize::from(tile.width());
    Ok(whole.then(|| hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()))
}

impl Office {
    /// The name of the log.
    pub fn log_origin(&self) -> String {
        self.profile().public_base_url.log_origin()
    }

    /// The key by which others know the log.
    pub fn log_key(&self) -> Result<NoteKey, LogError> {
        let key = self.parts.keys.log_signer()?;
        let key = NoteKey::new(&self.log_origin(), Kind::Log, key.public_key().clone());
        key.ok_or_else(|| LogError::Foreign("the address cannot be the name of a log".to_owned()))
    }

    /// The newest head, signed; with the signatures of witnesses who saw this very head.
    pub fn checkpoint(&self) -> Result<SignedCheckpoint, LogError> {
        let key = self.parts.keys.log_signer()?;
        let mut head = sign_head(&self.log_origin(), self.store().head(), &*key)?;
        if let Some(witnessed) = self.witnessed() {
            head.adopt(&witnessed, &self.profile().witnesses, &mut Budget::default())?;
        }
        Ok(head)
    }

    /// The head that witnesses signed last.
    pub fn witnessed(&self) -> Option<SignedCheckpoint> {
        self.witnessed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A tile of the log; `None` when there is none, or not yet.
    pub fn log_tile(&self, wanted: Tile) -> Result<Option<Vec<u8>>, StoreError> {
        tile(self.store(), wanted, self.store().head().0)
    }

    /// The proof that a licence's documents are in the log: in the head that witnesses signed when
    /// it has the licence, else in the newest.
    pub fn log_proof(&self, id: &str) -> Result<LogProof, LogError> {
        let found = self.store().leaf_of(id)?;
        let (index, content) = found.ok_or_else(|| LogError::NotFound(id.to_owned()))?;
        let covers = |head: &SignedCheckpoint| index < head.unproved().size();
        let checkpoint = match self.witnessed().filter(covers) {
            Some(head) => head,
            None => self.checkpoint()?,
        };
        let path = proof::inclusion(self.store(), index, checkpoint.unproved().size())?;
        let extra = Some(content.to_json().into_bytes());
        let proof = LogProof { extra, index, path, checkpoint };
        // What leaves the office holds, or the index is not the journal's.
        proof.verify(&content.hash()).map_err(|error| LogError::Tree(error.to_string()))?;
        Ok(proof)
    }

    /// The proof that the log continues an older head of itself.
    pub fn log_consistency(&self, old: u64, size: u64) -> Result<Vec<Digest>, LogError> {
        if size > self.store().head().0 {
            return Err(LogError::Tree("the log is not as large as that".to_owned()));
        }
        Ok(proof::consistency(self.store(), old, size)?)
    }

    /// Takes the signatures of witnesses on a head of this log. Returns who signed, and the head
    /// with all their signatures: whoever keeps files keeps it for the next start.
    pub fn accept_cosignatures(
        &self,
        text: &str,
    ) -> Result<(Vec<Witnessed>, SignedCheckpoint), LogError> {
        let budget = &mut Budget::default();
        let offered = SignedCheckpoint::parse(text, budget)?;
        offered.by_log(&[self.log_key()?], budget)?;
        let head = offered.unproved();
        let size = head.size();
        if size > self.store().head().0 || proof::root(self.store(), size)? != *head.root() {
            let message = format!("the tree of {size} leaves has another root here");
            return Err(LogError::Foreign(message));
        }
        let witnesses = &self.profile().witnesses;
        let mut kept = self.witnessed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = match &*kept {
            Some(known) if known.unproved() == head => known.clone(),
            _ => {
                let key = self.parts.keys.log_signer()?;
                sign_head(head.origin(), (size, *head.root()), &*key)?
            }
        };
        let signed = next.adopt(&offered, witnesses, budget)?;
        if signed.is_empty() {
            return Err(LogError::NoWitness);
        }
        // An older head with more signatures does not push a newer one away.
        if kept.as_ref().is_none_or(|known| known.unproved().size() <= size) {
            *kept = Some(next.clone());
        }
        Ok((signed, next))
    }
}
