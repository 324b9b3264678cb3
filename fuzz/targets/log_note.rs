//! Checkpoints, proofs, keys and tile names of logs.

use yinzheng::base::limits::Budget;
use yinzheng::format::merkle::content::LeafContent;
use yinzheng::format::merkle::tile::Tile;
use yinzheng::format::note::checkpoint::SignedCheckpoint;
use yinzheng::format::note::key::NoteKey;
use yinzheng::format::note::proof::LogProof;

/// The keys of the log and of a witness in the seeds, so that lines with their names are verified.
const KEYS: [&str; 2] = [
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    "witness.example/one+d586dc66+BIqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c",
];

pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let keys: Vec<NoteKey> = KEYS.iter().filter_map(|key| NoteKey::parse(key).ok()).collect();
    let budget = &mut Budget::default();
    if let Ok(note) = SignedCheckpoint::parse(text, budget) {
        // Written exactly as read, so that other readers see the same.
        assert_eq!(note.to_string(), text);
        if let Ok(signed) = note.by_log(&keys, budget) {
            assert_eq!(signed.checkpoint(), note.unproved());
        }
        let mut again = note.clone();
        let adopted = again.adopt(&note, &keys, budget);
        assert!(adopted.is_err() || again == note);
    }
    if let Ok(proof) = LogProof::parse(text, &mut Budget::default()) {
        assert_eq!(proof.to_string(), text);
        let leaf = LeafContent::parse(proof.extra.as_deref().unwrap_or_default());
        if let Ok(content) = leaf {
            let _ = proof.verify(&content.hash()).is_ok();
        }
    }
    if let Ok(content) = LeafContent::parse(data) {
        assert_eq!(LeafContent::parse(content.to_json().as_bytes()), Ok(content));
    }
    if let Ok(key) = NoteKey::parse(text) {
        assert_eq!(key.to_string(), text);
    }
    if let Some(tile) = Tile::parse(text) {
        assert_eq!(tile.path(), text);
    }
}
