//! From a request to the data that may be disclosed: all rules in a fixed order, before anything is
//! written.

use std::sync::Arc;

use super::super::office::Office;
use super::error::SharingError;
use super::request::{Query, Subject};
use crate::base::digest::hex;
use crate::base::entropy::draw;
use crate::base::time::Date;
use crate::base::time::Timestamp;
use crate::domain::access::{Caller, Verb};
use crate::domain::licence::record::Licence;
use crate::domain::licence::standing::LicenceStatus;
use crate::domain::sharing::{
    Access, Allowed, Asked, Consent, ConsentCode, NotGranted, Wanted, is_short,
};
use crate::store::{Collection, Record, StoreError, Stored};

/// The data that may be disclosed, with its line of the access journal.
pub(super) struct Prepared<T> {
    pub(super) access: Access,
    /// The consent in its used state.
    pub(super) consent: Option<Record>,
    pub(super) outcome: Result<T, SharingError>,
    /// Whether it counts against the budget for misses.
    pub(super) miss: bool,
}

impl<T> Prepared<T> {
    pub(super) fn new(
        access: Access,
        consent: Option<Record>,
        outcome: Result<T, SharingError>,
    ) -> Self {
        let miss = outcome.as_ref().is_err_and(SharingError::is_miss);
        Self { access, consent, outcome, miss }
    }

    /// The data to disclose, or the refusal: the line records which, and for a refusal no claims.
    pub(super) fn given(
        mut access: Access,
        consent: Option<Record>,
        outcome: Result<T, SharingError>,
    ) -> Self {
        let result = outcome.as_ref().map_or_else(SharingError::code, |_| "answered");
        result.clone_into(&mut access.result);
        if outcome.is_err() {
            access.fields.clear();
            access.consent = false;
        }
        Self::new(access, consent, outcome)
    }
}

/// The data that a request may receive.
pub(super) struct Granted {
    pub(super) licences: Vec<(Arc<Licence>, Stored)>,
    /// Claims that may be disclosed.
    pub(super) fields: Vec<String>,
    pub(super) consent: Option<Record>,
}

impl Office {
    pub(super) fn new_access(
        &self,
        caller: &Caller,
        query: &Query,
        act: Asked,
        now: Timestamp,
    ) -> Access {
        let id: [u8; 16] = draw(&*self.parts.entropy);
        // An unregistered purpose is not recorded: it could be any text.
        let kept =
            |text: &str, max| if is_short(text, max) { text.to_owned() } else { String::new() };
        Access {
            id: hex(&id),
            at: now,
            act,
            client: caller.client().to_string(),
            department: caller.department().to_owned(),
            kind: kept(&query.kind, 48),
            purpose: kept(&query.purpose, 64),
            item: kept(&query.item, 64),
            grant: None,
            licences: Vec::new(),
            fields: Vec::new(),
            consent: false,
            result: String::new(),
        }
    }

    /// Checks every rule. The licences found are noted in `access` whatever the outcome.
    pub(super) fn grant_to(
        &self,
        caller: &Caller,
        query: &Query,
        access: &mut Access,
    ) -> Result<Granted, SharingError> {
        let now = access.at;
        caller.permit(Verb::Query, &query.kind)?;
        if !is_short(&query.purpose, 64) {
            return Err(SharingError::BadRequest("purpose"));
        }
        if !is_short(&query.item, 64) {
            return Err(SharingError::BadRequest("item"));
        }
        if !self.is_registered_for(caller, &query.kind, &query.purpose) {
            return Err(SharingError::PurposeNotRegistered);
        }
        let wanted = Wanted {
            department: caller.department(),
            kind: &query.kind,
            purpose: &query.purpose,
            item: &query.item,
            fields: query.fields.as_deref(),
            document: access.act.wants_document(),
            now,
        };
        let allowed = Allowed::by(&self.sharing.grants(), &wanted).map_err(|miss| match miss {
            NotGranted::Nothing => SharingError::NoGrant,
            NotGranted::Purpose => SharingError::PurposeNotGranted,
            NotGranted::Item => SharingError::ItemNotGranted,
            NotGranted::Document => SharingError::DocumentNotGranted,
            NotGranted::Field(name) => SharingError::FieldNotGranted(name),
        })?;
        access.grant = Some(allowed.grant());
        let mut fields = allowed.fields().to_vec();
        let consent = self.consent_for(&wanted, query, &allowed, &mut fields)?;
        let mut licences = self.licences_of(query, allowed.from())?;
        if let Some((_, consent)) = &consent {
            licences.retain(|(licence, _)| licence.id.as_str() == consent.licence);
        }
        if licences.is_empty() {
            // A consent of another holder for another licence does not apply here.
            return Err(match consent {
                Some(_) => SharingError::ConsentRefused,
                None => SharingError::NotFound,
            });
        }
        access.consent = consent.is_some();
        access.licences = licences.iter().map(|(one, _)| one.id.to_string()).collect();
        Ok(Granted { licences, fields, consent: consent.map(|(entry, _)| entry) })
    }

    /// The consent that is needed, in its used state. Its claims join `fields`.
    fn consent_for(
        &self,
        wanted: &Wanted<'_>,
        query: &Query,
        allowed: &Allowed,
        fields: &mut Vec<String>,
    ) -> Result<Option<(Record, Consent)>, SharingError> {
        let Some(code) = &query.consent else {
            let needed = allowed.named() && !allowed.consent().is_empty();
            return if needed {
                Err(SharingError::ConsentNeeded(allowed.consent().to_vec()))
            } else {
                Ok(None)
            };
        };
        let refused = || SharingError::ConsentRefused;
        let key = ConsentCode::parse(code).ok_or_else(refused)?.key();
        let entry =
            self.accesses().reader().entry(Collection::Consent, &key)?.ok_or_else(refused)?;
        let mut consent: Consent = entry.read()?;
        let mut asked = allowed.consent().to_vec();
        if !allowed.named() {
            // The claims that both the grant and the holder allow.
            asked.retain(|field| consent.fields.contains(field));
        }
        // A code that would disclose nothing is not used up.
        let is_for_nothing = asked.is_empty() && !wanted.document;
        if is_for_nothing || !consent.covers(wanted, &asked) {
            return Err(refused());
        }
        fields.extend(asked);
        consent.used = true;
        Ok(Some((entry.next(&consent)?, consent)))
    }

    /// Whether the client may query this type and purpose now, regardless of its rights when its
    /// token, or an address, was issued.
    pub(super) fn is_registered_for(&self, caller: &Caller, kind: &str, purpose: &str) -> bool {
        // The department comes from the registration too: a token may be older.
        self.registered_now(caller.client()).is_some_and(|client| {
            !client.disabled
                && client.department == caller.department()
                && client.purposes.iter().any(|known| known == purpose)
                && client.scopes.iter().any(|scope| scope.covers(Verb::Query, kind))
        })
    }

    /// The licences that the query matches, of this department alone.
    fn licences_of(
        &self,
        query: &Query,
        from: &str,
    ) -> Result<Vec<(Arc<Licence>, Stored)>, StoreError> {
        let ids = match &query.subject {
            Subject::Holder(code) => {
                self.store().reader().marked(&code.mark(&query.kind), LICENCES)?
            }
            Subject::Licence(id) => vec![id.clone()],
            Subject::Number(number) => {
                self.store().reader().by_number(&query.kind, number)?.into_iter().collect()
            }
        };
        let mut licences = Vec::new();
        for id in ids {
            let Some(stored) = self.store().reader().licence(&id)? else { continue };
            let licence = self.sharing.licences.read(&id, &stored)?;
            // A licence replaced by a newer version is left out beside it.
            let superseded = matches!(licence.standing, LicenceStatus::Superseded { .. });
            if licence.department == from && licence.kind == query.kind && !superseded {
                licences.push((licence, stored));
            }
        }
        Ok(licences)
    }
}

/// State of a licence at an instant, its term included, and since which day.
pub(super) fn state_of(licence: &Licence, now: Timestamp) -> (&'static str, Option<Date>) {
    let since = match &licence.standing {
        LicenceStatus::Active => None,
        LicenceStatus::Suspended { since, .. }
        | LicenceStatus::Revoked { since, .. }
        | LicenceStatus::Superseded { since, .. } => Some(*since),
    };
    match licence.standing {
        LicenceStatus::Active if licence.validity.is_over(now) => {
            ("expired", licence.validity.until)
        }
        LicenceStatus::Active if now < licence.validity.from.start_in_china() => {
            ("not_yet_valid", Some(licence.validity.from))
        }
        _ => (licence.standing.name(), since),
    }
}

/// Licences of one holder and type per query. A chain has hundreds of branches, each with one; a
/// query for more names the number.
const LICENCES: usize = 100;
