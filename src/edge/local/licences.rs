//! Requests of the operator about licences.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::answers::told;
use super::answers::{
    AccessesAnswer, Artefacts, IssueAnswer, LocalAnswer, PaperAnswer, ProposalView, answered, done,
    refused,
};
use crate::base::actor::Actor;
use crate::base::localized::{Bilingual as _, Localized};
use crate::domain::licence::record::Licence;
use crate::domain::licence::standing::{Reason, StatusChange};
use crate::service::issue_command::{IssueError, Issued, Request};
use crate::service::office::Office;
use crate::service::propose::SubmitOutcome;
use crate::service::standing::StandingError;

/// What is done to a licence.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum StatusAct {
    /// Withdraw it for good.
    Revoke {
        /// Code of the reason.
        reason: String,
    },
    /// Withdraw it for a time.
    Suspend {
        /// Code of the reason.
        reason: String,
    },
    /// End the suspension.
    Resume,
}

impl StatusAct {
    fn read(self) -> Result<StatusChange, Localized> {
        let reason = |code: &str| {
            let unknown = || {
                let codes = Reason::ALL.map(|(_, code)| code);
                Localized::new(
                    format!("没有原因 {code:?}，可选：{}", codes.join("、")),
                    format!("unknown reason {code:?}; one of: {}", codes.join(", ")),
                )
            };
            Reason::parse(code).ok_or_else(unknown)
        };
        match self {
            Self::Revoke { reason: code } => Ok(StatusChange::Revoke(reason(&code)?)),
            Self::Suspend { reason: code } => Ok(StatusChange::Suspend(reason(&code)?)),
            Self::Resume => Ok(StatusChange::Resume),
        }
    }
}

/// Issues a licence, or proposes what needs a second person.
pub(super) fn issue(office: &Office, request: &Request<'_>) -> LocalAnswer {
    match office.submit(request) {
        Ok(SubmitOutcome::Issued(issued)) => {
            done(IssueAnswer::Issued(Box::new(artefacts(office, &issued))))
        }
        Ok(SubmitOutcome::Proposed(held)) => done(IssueAnswer::Proposed {
            proposal: Box::new(ProposalView::from(&*held)),
            warnings: told(&held.warnings),
        }),
        Err(error) => not_issued(error),
    }
}

/// Why nothing was issued, with the faults of the application.
pub(super) fn not_issued(error: IssueError) -> LocalAnswer {
    let message = error.both();
    match error {
        IssueError::Faults(faults) => LocalAnswer::Failed { message, faults: told(&faults) },
        _ => refused(message),
    }
}

/// Revokes, suspends or resumes a licence.
pub(super) fn change(office: &Office, id: &str, change: StatusAct, actor: &Actor) -> LocalAnswer {
    match change.read() {
        Ok(change) => of_licence(office, office.change(id, change, actor)),
        Err(message) => refused(message),
    }
}

/// A licence's record.
pub(super) fn show(office: &Office, id: &str) -> LocalAnswer {
    of_licence(office, office.licence(id))
}

/// Why there is no such licence; of an office that was restored, that its record may be lost.
pub(super) fn not_found(office: &Office, error: &StandingError) -> Localized {
    match error {
        StandingError::NotFound(_) => office.with_lost_records(error.both()),
        _ => error.both(),
    }
}

fn of_licence(office: &Office, found: Result<Licence, StandingError>) -> LocalAnswer {
    match found {
        Ok(licence) => done(licence),
        Err(error) => refused(not_found(office, &error)),
    }
}

/// Read a licence's record and artefacts.
pub(super) fn export(office: &Office, id: &str) -> LocalAnswer {
    match office.licence(id) {
        Ok(one) => {
            answered(office.issued(one.id.as_str()).map(|issued| artefacts(office, &issued)))
        }
        Err(error) => refused(not_found(office, &error)),
    }
}

/// Accesses to a licence: the lines of the access journal, and whether there are more.
pub(super) fn accesses(office: &Office, id: &str, limit: usize) -> LocalAnswer {
    let licence = match office.licence(id) {
        Ok(licence) => licence,
        Err(error) => return refused(not_found(office, &error)),
    };
    let found = office.accesses_to(licence.id.as_str(), None, limit);
    answered(found.map(|(lines, more)| {
        let lines = lines.into_iter().map(|line| line.text).collect();
        AccessesAnswer { lines, more }
    }))
}

/// Verifies a file and prints the report, sealed by the office.
pub(super) fn verify_on_paper(
    office: &Office,
    file: &str,
    bytes: &[u8],
    actor: &Actor,
) -> LocalAnswer {
    let verified = office.verify_on_paper(actor, file, bytes);
    answered(verified.map(|(report, pdf)| PaperAnswer { report: json!(report), pdf }))
}

/// What a command writes into files.
pub(super) fn artefacts(office: &Office, issued: &Issued) -> Artefacts {
    // The licence is issued all the same; `yinzheng log proof` makes the proof later.
    let proof = office.log_proof(issued.licence.id.as_str());
    Artefacts {
        proof: proof.ok().map(|proof| proof.to_string()),
        licence: issued.licence.clone(),
        pdf: issued.pdf.clone(),
        credential: issued.credential.clone(),
        warnings: told(&issued.warnings),
    }
}
