//! A proposal: an application that waits for the approval of a second person.
//!
//! Its life is one table. An approval names the digest of what was seen, so that every edit voids
//! the approvals before it; nobody approves what they wrote themselves; closed is closed.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::kind::LicenceType;
use crate::base::actor::Actor;
use crate::base::digest::Digest;
use crate::base::text::{Text, is_same_name};
use crate::base::time::Timestamp;

/// A proposal. Its JSON form, which the store keeps, has a version of its own, `proposal`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// Version of this form.
    pub proposal: u16,
    /// Its number.
    pub number: u64,
    /// Slug of the department.
    pub department: String,
    /// Slug of the type.
    pub kind: String,
    /// Version of the type's definition that it was checked against.
    pub kind_version: u16,
    /// The application as it was sent.
    pub application: Json,
    /// Who proposed it, and when.
    pub proposed: Authored,
    /// Who changed it last, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<Authored>,
    /// Where it stands.
    pub stage: Stage,
}

/// Who did it, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authored {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// Where a proposal stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub enum Stage {
    /// It waits.
    Pending,
    /// It was approved, and the licence was issued in the same act.
    Approved {
        /// Who approved it, and when.
        closed: Authored,
        /// Identifier of the licence.
        licence: String,
    },
    /// It was refused or withdrawn.
    Refused {
        /// Who refused it, and when.
        closed: Authored,
        /// Why.
        reason: String,
    },
}

/// What is done to a proposal.
#[derive(Clone, Debug)]
pub enum ProposalStep {
    /// Another application takes the place of the one before.
    Edit(Authored, Json, u16),
    /// A second person approved, and this licence was issued.
    Approve(Approval, Timestamp, String),
    /// It comes to nothing, for this reason.
    Refuse(Authored, Text),
}

/// Leave to issue what was proposed. Only [`Proposal::approval`] gives it.
#[derive(Clone, Debug)]
pub struct Approval {
    by: Actor,
    seen: Digest,
}

/// Why nothing was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPossible {
    /// It was closed before.
    #[error("the proposal is {0} already")]
    Closed(&'static str),
    /// The approver wrote it.
    #[error("nobody approves a proposal that they made or changed last")]
    OwnWork,
    /// It was written in the office's shell, and one of the two is without a name.
    #[error(
        "the proposal was made in this shell without a name, so nobody can say that another approves \
         it: let a client approve it, or refuse it and propose again with --as NAME"
    )]
    Nameless,
    /// The approver saw something else.
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

    /// What an approver sees and names: SHA-256 over four lines, the first `yinzheng-proposal/1`,
    /// then type, version of the type, and the application in canonical form (RFC 8785; what an
    /// application can hold needs none of its rules for fractions).
    pub fn digest(&self) -> Digest {
        let text = format!(
            "yinzheng-proposal/1\n{}\n{}\n{}",
            self.kind,
            self.kind_version,
            canonical(&self.application)
        );
        Digest::of(&[text.as_bytes()])
    }

    /// Leave to issue, if it waits, if `by` did not write it, and if this is what they saw.
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

    /// The one table of what may follow what.
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
    /// The state as a word.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved { .. } => "approved",
            Self::Refused { .. } => "refused",
        }
    }
}

/// Whether an approver is surely another than an author. A name is one person's, whether a client
/// or somebody in the shell bears it, and however it is typed; the journal keeps it as it was typed.
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

/// Keys in order, no spaces. Names of fields are ASCII, so that bytes are in the order that
/// RFC 8785 wants; the depth was bounded when the application was read.
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
        // An approval of what stood there before is void, even when it was given in good time.
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
