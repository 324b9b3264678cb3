//! The printed page of a licence: content in, a PDF without its signature out.
//!
//! There is one layout for all types: title, a table of labels and values, QR at the bottom left,
//! issuer, date and seal at the bottom right. Long values wrap by the rules of Chinese typesetting,
//! then shrink within bounds, then continue on another page; nothing is cut off.

mod art;
mod content;
mod layout;
mod press;
mod specimen;
mod table;
mod wrap;

pub use content::{SealPlan, SheetContent, SheetFault, SheetRow};
pub use press::Press;
pub use wrap::wrap;

use crate::format::pdf::write::Unsealed;

impl Press {
    /// Composes the file. The same input gives the same bytes.
    pub fn compose(
        &self,
        content: &SheetContent,
        credential: &str,
        seal: &SealPlan<'_>,
    ) -> Result<Unsealed, SheetFault> {
        layout::compose(self, content, credential, seal)
    }

    /// The same pages as a specimen: no seal, no code, no credential, and 样张 across them.
    pub fn specimen(&self, content: &SheetContent) -> Result<Vec<u8>, SheetFault> {
        layout::specimen(self, content)
    }
}
