//! The purses of a budget, one for each resource.

use super::Budget;

/// A purse a line: its name, the field of the budget, and the rough processor time of one unit in
/// nanoseconds, which decides how often an interrupt is asked and how much of [`Budget::work`] is
/// spent.
macro_rules! purses {
    ($($name:ident: $field:ident, $work:expr;)*) => {
        /// One of the purses of a [`Budget`], whose fields document content and number. Bounds that
        /// are compared and not spent (the size of a file, the depth of nesting) have none.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Purse {
            $(#[doc = concat!("[`Budget::", stringify!($field), "`].")] $name,)*
        }

        impl Purse {
            /// Every purse, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            pub(super) const fn work(self) -> usize {
                match self {
                    $(Self::$name => $work,)*
                }
            }

            pub(super) fn of(self, budget: &mut Budget) -> &mut usize {
                match self {
                    $(Self::$name => &mut budget.$field,)*
                }
            }
        }
    };
}

purses! {
    InflatedBytes: inflated_bytes, 8;
    ReadBytes: read_bytes, 16;
    DigestedBytes: digested_bytes, 2;
    Memory: memory, 1;
    Objects: objects, 256;
    Revisions: revisions, 1 << 14;
    Signatures: signatures, 1 << 14;
    Steps: steps, 64;
    SignatureChecks: signature_checks, 1 << 20;
    PathSteps: path_steps, 1 << 10;
    Certificates: certificates, 1 << 16;
    Evidence: evidence, 1 << 16;
    StatusListBytes: status_list_bytes, 8;
    TokenBytes: token_bytes, 16;
    NoteBytes: note_bytes, 16;
    NoteSignatures: note_signatures, 1 << 14;
    ArchiveEntries: archive_entries, 256;
    ArchiveNames: archive_names, 16;
    // Inflated one entry at a time, each under a budget of its own.
    ArchiveBytes: archive_bytes, 0;
}
