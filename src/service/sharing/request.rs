//! Data queries of departments.

use crate::domain::sharing::HolderCode;

/// A query for data.
#[derive(Clone, Debug)]
pub struct Query {
    /// Selects the licences.
    pub subject: Subject,
    /// Slug of the licence type.
    pub kind: String,
    /// One of the client's registered purposes.
    pub purpose: String,
    /// The service item or case that needs the data.
    pub item: String,
    /// Withheld claims to disclose; `None`: all that the grant gives.
    pub fields: Option<Vec<String>>,
    /// The holder's code.
    pub consent: Option<String>,
}

/// Selects the licences.
#[derive(Clone, Debug)]
pub enum Subject {
    /// All licences of a holder.
    Holder(HolderCode),
    /// The licence with this number: for types whose licences have no holder code.
    Number(String),
    /// The licence with this identifier.
    Licence(String),
}
