//! The purses of a budget, by name.

use super::Budget;

/// One of the purses of a [`Budget`], whose fields say what is in it and where the number comes
/// from. What is compared and not spent (the size of a file, the depth of nesting) has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purse {
    /// [`Budget::inflated_bytes`].
    InflatedBytes,
    /// [`Budget::read_bytes`].
    ReadBytes,
    /// [`Budget::digested_bytes`].
    DigestedBytes,
    /// [`Budget::memory`].
    Memory,
    /// [`Budget::objects`].
    Objects,
    /// [`Budget::revisions`].
    Revisions,
    /// [`Budget::signatures`].
    Signatures,
    /// [`Budget::steps`].
    Steps,
    /// [`Budget::signature_checks`].
    SignatureChecks,
    /// [`Budget::path_steps`].
    PathSteps,
    /// [`Budget::certificates`].
    Certificates,
    /// [`Budget::evidence`].
    Evidence,
    /// [`Budget::status_list_bytes`].
    StatusListBytes,
    /// [`Budget::token_bytes`].
    TokenBytes,
    /// [`Budget::note_bytes`].
    NoteBytes,
    /// [`Budget::note_signatures`].
    NoteSignatures,
    /// [`Budget::archive_entries`].
    ArchiveEntries,
    /// [`Budget::archive_names`].
    ArchiveNames,
    /// [`Budget::archive_bytes`].
    ArchiveBytes,
}

impl Purse {
    /// Every purse.
    pub const ALL: [Self; 19] = [
        Self::InflatedBytes,
        Self::ReadBytes,
        Self::DigestedBytes,
        Self::Memory,
        Self::Objects,
        Self::Revisions,
        Self::Signatures,
        Self::Steps,
        Self::SignatureChecks,
        Self::PathSteps,
        Self::Certificates,
        Self::Evidence,
        Self::StatusListBytes,
        Self::TokenBytes,
        Self::NoteBytes,
        Self::NoteSignatures,
        Self::ArchiveEntries,
        Self::ArchiveNames,
        Self::ArchiveBytes,
    ];

    /// What one unit is to the processor, in nanoseconds and roughly: says how often to ask an
    /// interrupt, and bounds nothing.
    pub(super) const fn work(self) -> usize {
        match self {
            Self::Memory => 1,
            Self::DigestedBytes => 2,
            Self::InflatedBytes | Self::StatusListBytes => 8,
            Self::ReadBytes | Self::TokenBytes | Self::NoteBytes | Self::ArchiveNames => 16,
            Self::Steps => 128,
            Self::Objects | Self::ArchiveEntries => 256,
            Self::PathSteps => 1 << 10,
            // Inflated one entry at a time, each under a budget of its own.
            Self::ArchiveBytes => 0,
            Self::Revisions | Self::Signatures | Self::NoteSignatures => 1 << 14,
            Self::Certificates | Self::Evidence => 1 << 16,
            Self::SignatureChecks => 1 << 20,
        }
    }

    pub(super) fn of(self, budget: &mut Budget) -> &mut usize {
        match self {
            Self::InflatedBytes => &mut budget.inflated_bytes,
            Self::ReadBytes => &mut budget.read_bytes,
            Self::DigestedBytes => &mut budget.digested_bytes,
            Self::Memory => &mut budget.memory,
            Self::Objects => &mut budget.objects,
            Self::Revisions => &mut budget.revisions,
            Self::Signatures => &mut budget.signatures,
            Self::Steps => &mut budget.steps,
            Self::SignatureChecks => &mut budget.signature_checks,
            Self::PathSteps => &mut budget.path_steps,
            Self::Certificates => &mut budget.certificates,
            Self::Evidence => &mut budget.evidence,
            Self::StatusListBytes => &mut budget.status_list_bytes,
            Self::TokenBytes => &mut budget.token_bytes,
            Self::NoteBytes => &mut budget.note_bytes,
            Self::NoteSignatures => &mut budget.note_signatures,
            Self::ArchiveEntries => &mut budget.archive_entries,
            Self::ArchiveNames => &mut budget.archive_names,
            Self::ArchiveBytes => &mut budget.archive_bytes,
        }
    }
}
