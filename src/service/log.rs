//! The office's two public logs: checkpoints, tiles, and proofs.
//!
//! The trees are those of the journals, so nothing can be issued without an entry in the log of
//! acts, and no data disclosed without one in the log of accesses. Hashes of blinded leaves are
//! public; the content of a leaf is part of its proof, which a holder of the document or of the
//! access's identifier can get.

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::keys::KeyUnavailable;
use super::office::Office;
use crate::base::digest::Digest;
use crate::base::limits::Budget;
use crate::crypto::ed25519::LogSigner;
use crate::crypto::signer::SignError;
use crate::format::merkle::content::LeafContent;
use crate::format::merkle::proof::{self, NoProof, Nodes};
use crate::format::merkle::tile::Tile;
use crate::format::note::BadNote;
use crate::format::note::checkpoint::{Checkpoint, NotSigned, SignedCheckpoint, Witnessed};
use crate::format::note::key::{Forged, Kind, NoteKey};
use crate::format::note::proof::LogProof;
use crate::store::{Store, StoreError};

/// Why the log cannot answer.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// There is no such licence, or no document of it.
    #[error("there is no licence {0} in the log")]
    NotFound(String),
    /// There is no such access, or it is in a journal of an earlier format, without a digest of its
    /// own.
    #[error("there is no access {0} that can be shown to be in the log")]
    NoAccess(String),
    /// The log's key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyUnavailable),
    /// The signer failed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// Reading the store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The index lacks hashes of the tree.
    #[error("the hashes of the log cannot be read ({0}); run `yinzheng reindex`")]
    Tree(String),
    /// The input is not a checkpoint.
    #[error(transparent)]
    Note(#[from] BadNote),
    /// The checkpoint is of another log.
    #[error("this is no checkpoint of this log: {0}")]
    Foreign(NotSigned),
    /// The checkpoint has another root than this log had at that size.
    #[error("this is no checkpoint of this log: the tree of {0} leaves has another root here")]
    OtherTree(u64),
    /// The office's address cannot be the name of a log.
    #[error("the address cannot be the name of a log")]
    NoName,
    /// No configured witness signed it.
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
        Self::Foreign(error.into())
    }
}

impl From<NotSigned> for LogError {
    fn from(error: NotSigned) -> Self {
        Self::Foreign(error)
    }
}

/// Signs the head of a tree. A store only grows and reports only what is durable, so two heads of
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

/// Which of an office's two logs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogName {
    /// The log of the office's acts.
    #[default]
    Acts,
    /// The log of accesses by departments.
    Accesses,
}

/// One of the logs.
#[derive(Clone, Copy, Debug)]
pub struct Log<'a> {
    office: &'a Office,
    name: LogName,
}

impl Office {
    /// Whether the key of the logs can be used.
    pub fn log_key(&self) -> Result<(), KeyUnavailable> {
        self.parts.keys.log_signer().map(drop)
    }

    /// One of the logs.
    pub const fn log(&self, name: LogName) -> Log<'_> {
        Log { office: self, name }
    }

    /// The proof that a licence's documents are in the log.
    pub fn log_proof(&self, id: &str) -> Result<LogProof, LogError> {
        let found = self.store().reader().leaf_of(id)?;
        let (index, content) = found.ok_or_else(|| LogError::NotFound(id.to_owned()))?;
        self.log(LogName::Acts).proof(index, &content)
    }

    /// The proof that an access is in the log of accesses, for a holder of its identifier. It has
    /// the digest of the access's line, not its content.
    pub fn access_proof(&self, id: &str) -> Result<LogProof, LogError> {
        let found = self.accesses().reader().leaf_of_access(id)?;
        let (index, content) = found.ok_or_else(|| LogError::NoAccess(id.to_owned()))?;
        self.log(LogName::Accesses).proof(index, &content)
    }

    /// Accepts witness signatures on a head of one of the logs. Returns the log, the witnesses, and
    /// the head to keep; a caller with files keeps it for the next start.
    pub fn accept_cosignatures(&self, text: &str) -> Result<Cosigned, LogError> {
        let budget = &mut Budget::default();
        let offered = SignedCheckpoint::parse(text, budget)?;
        let is_named = |name: &LogName| self.log(*name).origin() == offered.unproved().origin();
        let log = [LogName::Acts, LogName::Accesses].into_iter().find(is_named);
        self.log(log.unwrap_or_default()).accept(&offered, budget)
    }
}

/// Accepted witness signatures.
#[derive(Clone, Debug)]
pub struct Cosigned {
    /// The log whose head was signed.
    pub log: LogName,
    /// Witnesses whose signatures verified.
    pub witnesses: Vec<Witnessed>,
    /// The head kept from now on, with all signatures: the newest that witnesses signed. It differs
    /// from the submitted one when that is older.
    pub head: SignedCheckpoint,
}

impl<'a> Log<'a> {
    /// The origin line of its checkpoints.
    pub fn origin(self) -> String {
        let base = &self.office.profile().public_base_url;
        match self.name {
            LogName::Acts => base.log_origin(),
            LogName::Accesses => base.access_log_origin(),
        }
    }

    /// The verifier key of the log. Both logs have one key and two names.
    pub fn key(self) -> Result<NoteKey, LogError> {
        let key = self.office.parts.keys.log_signer()?;
        let key = NoteKey::new(&self.origin(), Kind::Log, key.public_key().clone());
        key.ok_or(LogError::NoName)
    }

    /// The newest head, signed, with the signatures of witnesses on exactly this head.
    pub fn checkpoint(self) -> Result<SignedCheckpoint, LogError> {
        let key = self.office.parts.keys.log_signer()?;
        let mut head = sign_head(&self.origin(), self.store().head(), &*key)?;
        if let Some(witnessed) = self.witnessed() {
            let witnesses = &self.office.profile().witnesses;
            head.adopt(&witnessed, witnesses, &mut Budget::default())?;
        }
        Ok(head)
    }

    /// The latest head that witnesses signed.
    pub fn witnessed(self) -> Option<SignedCheckpoint> {
        self.kept().lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A tile; `None` when the tree does not have it, or not yet.
    pub fn tile(self, wanted: Tile) -> Result<Option<Vec<u8>>, StoreError> {
        tile(self.store().reader(), wanted, self.store().head().0)
    }

    /// The consistency proof from an older head of this log.
    pub fn consistency(self, old: u64, size: u64) -> Result<Vec<Digest>, LogError> {
        if size > self.store().head().0 {
            return Err(LogError::Tree("the log is not as large as that".to_owned()));
        }
        Ok(proof::consistency(self.store().reader(), old, size)?)
    }

    /// A proof in the head that witnesses signed if it has the leaf, else in the newest.
    fn proof(self, index: u64, content: &LeafContent) -> Result<LogProof, LogError> {
        let covers = |head: &SignedCheckpoint| index < head.unproved().size();
        let checkpoint = match self.witnessed().filter(covers) {
            Some(head) => head,
            None => self.checkpoint()?,
        };
        let path = proof::inclusion(self.store().reader(), index, checkpoint.unproved().size())?;
        let extra = Some(content.to_json().into_bytes());
        let proof = LogProof { extra, index, path, checkpoint };
        // A proof is verified before it is released; a failure means that the index does not match
        // the journal.
        proof.verify(&content.hash()).map_err(|error| LogError::Tree(error.to_string()))?;
        Ok(proof)
    }

    fn accept(self, offered: &SignedCheckpoint, budget: &mut Budget) -> Result<Cosigned, LogError> {
        offered.by_log(&[self.key()?], budget)?;
        let head = offered.unproved();
        let size = head.size();
        if size > self.store().head().0 || proof::root(self.store().reader(), size)? != *head.root()
        {
            return Err(LogError::OtherTree(size));
        }
        let witnesses = &self.office.profile().witnesses;
        let mut kept = self.kept().lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = match &*kept {
            Some(known) if known.unproved() == head => known.clone(),
            _ => {
                let key = self.office.parts.keys.log_signer()?;
                sign_head(head.origin(), (size, *head.root()), &*key)?
            }
        };
        let signed = next.adopt(offered, witnesses, budget)?;
        if signed.is_empty() {
            return Err(LogError::NoWitness);
        }
        // An older head with more signatures does not replace a newer one.
        let head = match &*kept {
            Some(newer) if newer.unproved().size() > size => newer.clone(),
            _ => kept.insert(next).clone(),
        };
        drop(kept);
        Ok(Cosigned { log: self.name, witnesses: signed, head })
    }

    fn store(self) -> &'a dyn Store {
        match self.name {
            LogName::Acts => self.office.store(),
            LogName::Accesses => self.office.accesses(),
        }
    }

    const fn kept(self) -> &'a Mutex<Option<SignedCheckpoint>> {
        match self.name {
            LogName::Acts => &self.office.witnessed.acts,
            LogName::Accesses => &self.office.witnessed.accesses,
        }
    }
}
