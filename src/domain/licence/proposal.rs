//! A proposal: an application that waits for the approval of a second person.
//!
//! Its life cycle is one table. An approval names the digest that was read, so that every edit
//! voids earlier approvals; authors cannot approve their own applications; closed is final.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::kind::LicenceType;
use crate::base::actor::Actor;
use crate::base::digest::Digest;
use crate::base::text::{Text, is_same_name};
use crate::base::time::Timestamp;

/// A proposal. Its stored JSON form has a version of its own, `proposal`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// Version of this form.
    pub proposal: u16,
    /// Number of the proposal, unique in the office.
    pub number: u64,
    /// Slug of the department.
    pub department: String,
    /// Slug of the type.
    pub kind: String,
    /// Version of the type's definition that it was checked against.
    pub kind_version: u16,
    /// The application as submitted.
    pub application: Json,
    /// Author and time of the proposal.
    pub proposed: Authored,
    /// Author and time of the last edit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<Authored>,
    /// Present stage.
    pub stage: Stage,
}

/// Author and time of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Authored {
    /// The author, as in the journal.
    pub by: Actor,
    /// Time of the office's clock.
    pub at: Timestamp,
}

/// Stage of a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub enum Stage {
    /// Waits for a second person.
    Pending,
    /// It was approved, and the licence was issued in the same act.
    Approved {
        /// The approver, and the time.
        closed: Authored,
        /// Identifier of the licence.
        licence: String,
    },
    /// It was refused or withdrawn.
    Refused {
        /// Author and time of the refusal.
        closed: Authored,
        /// Reason of the refusal.
        reason: String,
    },
}

/// A step in the life of a proposal.
#[derive(Clone, Debug)]
pub enum ProposalStep {
    /// Replaces the application.
    Edit(Authored, Json, u16),
    /// A second person approved, and this licence was issued.
    Approve(Approval, Timestamp, String),
    /// Refused or withdrawn, for this reason.
    Refuse(Authored, Text),
}

/// Permission to issue the licence. Only [`Proposal::approval`] gives it.
#[derive(Clone, Debug)]
pub struct Approval {
    by: Actor,
    seen: Digest,
}

/// Why a step is not possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPossible {
    /// The proposal is closed.
    #[error("the proposal is {0} already")]
    Closed(&'static str),
    /// The approver is its author.
    #[error("nobody approves a proposal that they made or changed last")]
    OwnWork,
    /// Author or approver is the local operator, without a name.
    #[error(
        "the proposal was made in this shell without a name, so nobody can say that another approves \
         it: let a client approve it, or refuse it and propose again with --as NAME"
    )]
    Nameless,
    /// The content changed since the approver read it.
    #[error("the proposal was changed since: look at it again")]
    OtherDigest,
}

impl Proposal {
    /// A new proposal of a checked application.
    pub fn new(
        number: u64,
        (department, kind): (&str, &LicenceType),
        application: Json,
        proposed: Authored,
    ) -> Self {
        Self {
            proposal: 1,
            number,
            department: department.to_owned(),
            kind: kind.slug.clone(),
            kind_version: kind.version,
            application,
            proposed,
            edited: None,
            stage: Stage::Pending,
        }
    }

    /// The digest that an approver names: SHA-256 over four lines, the first `yinzheng-proposal/1`,
    /// then type, version of the type, and the application in canonical form (RFC 8785, of which an
    /// application needs none of the rules for fractions).
    pub fn digest(&self) -> Digest {
        let text = format!(
            "yinzheng-proposal/1\n{}\n{}\n{}",
            self.kind,
            self.kind_version,
            canonical(&self.application)
        );
        Digest::of(&[text.as_bytes()])
    }

    /// Permission to issue, if it is pending, if `by` is not its author, and if `seen` is the
    /// digest of the present content.
    pub fn approval(&self, by: Actor, seen: Digest) -> Result<Approval, NotPossible> {
        if self.stage != Stage::Pending {
            return Err(NotPossible::Closed(self.stage.name()));
        }
        let authors = [Some(&self.proposed), self.edited.as_ref()].into_iter().flatten();
        for author in authors {
            is_another(&author.by, &by)?;
        }
        if self.digest() != seen {
            return Err(NotPossible::OtherDigest);
        }
        Ok(Approval { by, seen })
    }

    /// The one table of allowed steps.
    pub fn apply(&self, act: ProposalStep) -> Result<Self, NotPossible> {
        match (&self.stage, act) {
            (Stage::Pending, ProposalStep::Edit(edited, application, kind_version)) => {
                Ok(Self { application, kind_version, edited: Some(edited), ..self.clone() })
            }
            (Stage::Pending, ProposalStep::Approve(approval, at, licence)) => {
                let Approval { by, .. } = self.approval(approval.by, approval.seen)?;
                let stage = Stage::Approved { closed: Authored { by, at }, licence };
                Ok(Self { stage, ..self.clone() })
            }
            (Stage::Pending, ProposalStep::Refuse(closed, reason)) => {
                let stage = Stage::Refused { closed, reason: reason.to_string() };
                Ok(Self { stage, ..self.clone() })
            }
            (
                Stage::Approved { .. } | Stage::Refused { .. },
                ProposalStep::Edit(..) | ProposalStep::Approve(..) | ProposalStep::Refuse(..),
            ) => Err(NotPossible::Closed(self.stage.name())),
        }
    }
}

impl Stage {
    /// Name of the stage.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved { .. } => "approved",
            Self::Refused { .. } => "refused",
        }
    }
}

/// Whether an approver is certainly another person than an author. Names of clients and of officers
/// at the local console are compared regardless of spelling; the journal keeps them as typed.
fn is_another(author: &Actor, approver: &Actor) -> Result<(), NotPossible> {
    use Actor::{Client, LocalOperator, Person, System};
    match (author, approver) {
        (Person(one) | Client(one), Person(other) | Client(other)) if is_same_name(one, other) => {
            Err(NotPossible::OwnWork)
        }
        (LocalOperator, LocalOperator) | (System, System) => Err(NotPossible::OwnWork),
        (LocalOperator, Person(_)) | (Person(_), LocalOperator) => Err(NotPossible::Nameless),
        (Person(_) | Client(_) | LocalOperator | System, _) => Ok(()),
    }
}

/// Sorted keys, no spaces. Field names are ASCII, so that byte order is the order that RFC 8785
/// requires; the depth was bounded when the application was read.
fn canonical(json: &Json) -> String {
    match json {
        Json::Object(map) => {
            let mut members: Vec<_> = map.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            let member = |(name, value): (&String, &Json)| {
                format!("{}:{}", Json::String(name.clone()), canonical(value))
            };
            let members: Vec<_> = members.into_iter().map(member).collect();
            format!("{{{}}}", members.join(","))
        }
        Json::Array(items) => {
            let items: Vec<_> = items.iter().map(canonical).collect();
            format!("[{}]", items.join(","))
        }
        plain => plain.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::licence::kind::Types;

    fn client(name: &str) -> Actor {
        Actor::Client(name.to_owned())
    }

    fn by(name: &str) -> Authored {
        Authored { by: client(name), at: Timestamp::EPOCH }
    }

    fn proposal() -> Proposal {
        let types = Types::built_in().unwrap();
        let kind = types.get("construction-permit").unwrap();
        Proposal::new(7, ("construction", kind), json!({"b": [1, "示"], "a": null}), by("first"))
    }

    fn edit(name: &str) -> ProposalStep {
        ProposalStep::Edit(by(name), json!({"a": 2}), 1)
    }

    fn refuse() -> ProposalStep {
        ProposalStep::Refuse(by("second"), Text::line("材料不全", 200).unwrap())
    }

    #[test]
    fn the_digest_is_over_what_anyone_can_write_down() {
        let text = "yinzheng-proposal/1\nconstruction-permit\n1\n{\"a\":null,\"b\":[1,\"示\"]}";
        assert_eq!(proposal().digest(), Digest::of(&[text.as_bytes()]));
    }

    #[test]
    fn only_another_approves_and_only_what_they_saw() {
        let first = proposal();
        let seen = first.digest();
        assert_eq!(first.approval(client("first"), seen).unwrap_err(), NotPossible::OwnWork);
        let early = first.approval(client("second"), seen).unwrap();

        let edited = first.apply(edit("third")).unwrap();
        assert_eq!(edited.approval(client("second"), seen).unwrap_err(), NotPossible::OtherDigest);
        // An approval of the earlier content is void, even when it was given before the edit.
        let late = ProposalStep::Approve(early, Timestamp::EPOCH, "x".to_owned());
        assert_eq!(edited.apply(late).unwrap_err(), NotPossible::OtherDigest);
        for author in ["first", "third"] {
            let own = edited.approval(client(author), edited.digest());
            assert_eq!(own.unwrap_err(), NotPossible::OwnWork);
        }
        assert!(edited.approval(client("second"), edited.digest()).is_ok());
    }

    #[test]
    fn one_name_is_one_person_and_no_name_is_nobody_else() {
        let person = |name: &str| Actor::Person(name.to_owned());
        let approve = |author: Actor, approver: Actor| {
            let proposed = Authored { by: author, at: Timestamp::EPOCH };
            let proposal = Proposal { proposed, ..proposal() };
            proposal.approval(approver, proposal.digest()).map(drop)
        };
        for (author, approver, expected) in [
            (person("wang"), person("li"), Ok(())),
            (person("wang"), person("wang"), Err(NotPossible::OwnWork)),
            (client("wang"), person("wang"), Err(NotPossible::OwnWork)),
            (person("wang"), person("Wang"), Err(NotPossible::OwnWork)),
            (person("wang"), person("ＷＡＮＧ"), Err(NotPossible::OwnWork)),
            (person("王 小明"), person("王小明"), Err(NotPossible::OwnWork)),
            (person("王小明"), person("王小朋"), Ok(())),
            (client("desk"), person("Desk"), Err(NotPossible::OwnWork)),
            (person("wang"), client("desk"), Ok(())),
            (client("desk"), person("wang"), Ok(())),
            (Actor::LocalOperator, client("desk"), Ok(())),
            (Actor::LocalOperator, Actor::LocalOperator, Err(NotPossible::OwnWork)),
            (Actor::LocalOperator, person("wang"), Err(NotPossible::Nameless)),
            (person("wang"), Actor::LocalOperator, Err(NotPossible::Nameless)),
        ] {
            assert_eq!(
                approve(author.clone(), approver.clone()),
                expected,
                "{author:?} {approver:?}"
            );
        }
    }

    #[test]
    fn closed_is_closed() {
        let first = proposal();
        let approval = first.approval(client("second"), first.digest()).unwrap();
        let approve = ProposalStep::Approve(approval, Timestamp::EPOCH, "x".to_owned());
        for (last, name) in [(approve.clone(), "approved"), (refuse(), "refused")] {
            let closed = first.apply(last).unwrap();
            assert_eq!(closed.stage.name(), name);
            for act in [edit("third"), approve.clone(), refuse()] {
                assert_eq!(closed.apply(act).unwrap_err(), NotPossible::Closed(name));
            }
        }
    }
}
