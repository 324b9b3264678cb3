//! What a department asks for.

use crate::domain::access::HolderCode;

/// A request for data.
#[derive(Clone, Debug)]
pub struct Query {
    /// Whose licence, or which.
    pub subject: Subject,
    /// Slug of the licence type.
    pub kind: String,
    /// For which of the client's purposes.
    pub purpose: String,
    /// For which service item or case.
    pub item: String,
    /// Which withheld claims; `None`: all that the grant gives.
    pub fields: Option<Vec<String>>,
    /// The holder's code.
    pub consent: Option<String>,
}

/// Whose licence, or which.
#[derive(Clone, Debug)]
pub enum Subject {
    /// All of a holder.
    Holder(HolderCode),
    /// The one with this number: types whose licences name no code of their holder are asked so.
    Number(String),
    /// The one with this identifier.
    Licence(String),
}
