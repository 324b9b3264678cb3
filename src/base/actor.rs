//! Authors of acts. Every event in the journal names its actor.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The author of an act.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", content = "name", rename_all = "snake_case")]
pub enum Actor {
    /// A person whom the office knows by name.
    Person(String),
    /// A registered system of a department.
    Client(String),
    /// The user of the operating-system account that owns the office directory.
    LocalOperator,
    /// The program itself, for renewals and repairs.
    System,
}
