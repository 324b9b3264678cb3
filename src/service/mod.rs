//! One office act per file.

pub mod establish;
pub mod issue;
pub mod keys;
pub mod lookup;
pub mod office;
pub mod paper;
pub mod recover;
pub mod renew;
pub mod sharing;
pub mod standing;
pub mod status;
pub mod verify;
