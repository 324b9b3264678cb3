//! Data queries: the holder credential with exactly what the grant allows, in an answer that is
//! signed for this caller and can be verified without a network.

use super::request::Query;
use std::collections::HashSet;
use std::sync::{Arc, PoisonError};

use serde_json::{Map, Value, json};

use super::super::keys::KeyName;
use super::super::office::Office;
use super::budget::{Chance, Over};
use super::error::SharingError;
use super::prepare::{Granted, Prepared, state_of};
use crate::base::entropy::draw;
use crate::base::limits::Budget;
use crate::domain::access::Caller;
use crate::domain::licence::record::Licence;
use crate::domain::sharing::{Access, Asked};
use crate::domain::verify::context::Context;
use crate::domain::verify::credential::answer::{ANSWER_SECONDS, TYPE};
use crate::domain::verify::credential::verified_credential::VerifiedCredential;
use crate::format::jose::jws;
use crate::format::x509::Certificate;
use crate::store::{Collection, DocumentKind, EventKind, Record, StoreError, Stored, Transaction};

/// An answer ready for release: its access is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Identifier of the access.
    pub id: String,
    /// The signed answer, a compact JWS.
    pub token: String,
}

/// Payload of the answer.
pub(super) struct Unsigned(Map<String, Value>);

impl Office {
    /// Answers a query. The access, or the refusal, is durable in the access journal before this
    /// returns; when it cannot be recorded there is no answer.
    pub fn query(&self, caller: &Caller, query: &Query) -> Result<Answered, SharingError> {
        self.answer_one(caller, query, Asked::Query, &|access| self.prepare(caller, query, access))
            .and_then(|(access, unsigned)| self.sign_answer(access, unsigned))
    }

    /// The common steps of every query: budget, rules, journal.
    pub(super) fn answer_one<T>(
        &self,
        caller: &Caller,
        query: &Query,
        act: Asked,
        prepare: &dyn Fn(Access) -> Prepared<T>,
    ) -> Result<(Access, T), SharingError> {
        let now = self.now();
        self.take_budget(caller, 1, || self.new_access(caller, query, act, now))?;
        let chance = self.chance(caller, || self.new_access(caller, query, act, now))?;
        // At most twice: a code that another request used first is found used the second time.
        for _ in 0..2 {
            let prepared = prepare(self.new_access(caller, query, act, now));
            let committed = self.journal(caller, vec![(&prepared.access, &prepared.consent)]);
            match committed {
                Err(StoreError::Changed(_)) => {}
                Err(error) => return Err(error.into()),
                Ok(()) => {
                    if prepared.miss {
                        chance.missed();
                    }
                    return prepared.outcome.map(|outcome| (prepared.access, outcome));
                }
            }
        }
        Err(StoreError::Changed("the consent").into())
    }

    pub(super) fn prepare(
        &self,
        caller: &Caller,
        query: &Query,
        mut access: Access,
    ) -> Prepared<Unsigned> {
        let mut consent = None;
        let outcome = self.grant_to(caller, query, &mut access).and_then(|granted| {
            let unsigned = self.unsigned(caller, query, &granted, &mut access)?;
            consent = granted.consent;
            Ok(unsigned)
        });
        Prepared::given(access, consent, outcome)
    }

    /// All licences in force, each reduced; when there is none, only the states of the others.
    fn unsigned(
        &self,
        caller: &Caller,
        query: &Query,
        granted: &Granted,
        access: &mut Access,
    ) -> Result<Unsigned, SharingError> {
        let now = access.at;
        let is_active = |licence: &Licence| state_of(licence, now).0 == "active";
        let any = granted.licences.iter().any(|(licence, _)| is_active(licence));
        let mut results = Vec::new();
        for (licence, stored) in &granted.licences {
            if any && !is_active(licence) {
                continue;
            }
            let (state, since) = state_of(licence, now);
            let mut result = json!({ "id": licence.id, "state": state, "since": since });
            if any {
                let credential = self.reduced((licence, stored), &granted.fields, access)?;
                result["credential"] = credential.into();
            }
            results.push(result);
        }
        let payload = json!({
            "iss": self.profile().public_base_url.as_str(),
            "aud": caller.client(),
            "iat": now.unix(),
            "exp": now.plus(ANSWER_SECONDS).unix(),
            "jti": access.id,
            "purpose": query.purpose,
            "item": query.item,
            "type": query.kind,
            "consent": access.consent,
            "results": results,
        });
        match payload {
            Value::Object(payload) => Ok(Unsigned(payload)),
            _ => Err(SharingError::SelfCheck("no object".to_owned())),
        }
    }

    /// The holder credential with only these claims, derived from the full one, whose signature,
    /// digests, claims and entitlement were verified; expiry and path are checked each time. The
    /// disclosed claims are recorded.
    fn reduced(
        &self,
        (licence, stored): (&Licence, &Stored),
        fields: &[String],
        access: &mut Access,
    ) -> Result<String, SharingError> {
        let trust = self.trust();
        let context = self.context(&trust, access.at);
        let whole = self.whole(stored, &context)?;
        if *whole.id() != licence.id {
            return Err(refused(&"it is the credential of another licence"));
        }
        let keep = |name: &str| fields.iter().any(|field| field == name);
        let shown = whole.show(&keep, &context, &mut Budget::default());
        let shown = shown.map_err(|error| refused(&error))?;
        for name in shown.disclosed {
            if !access.fields.iter().any(|known| known == name) {
                access.fields.push(name.to_owned());
            }
        }
        Ok(shown.credential)
    }

    /// The full holder credential, from the cache, or read from the store and verified.
    fn whole(
        &self,
        stored: &Stored,
        context: &Context<'_>,
    ) -> Result<Arc<VerifiedCredential>, SharingError> {
        let known = || self.sharing.credentials.lock().unwrap_or_else(PoisonError::into_inner);
        let locator =
            stored.documents.iter().find(|one| one.kind == DocumentKind::HolderCredential);
        let locator = locator.ok_or_else(|| refused(&"there is no holder credential"))?;
        if let Some(kept) = known().find(&locator.sha256) {
            return Ok(kept);
        }
        let text = String::from_utf8(self.store().reader().document(locator)?);
        let text = text.map_err(|error| refused(&error))?;
        let kept = VerifiedCredential::check(&text, context, &mut Budget::default());
        let kept = Arc::new(kept.map_err(|error| refused(&error))?);
        known().keep(locator.sha256.clone(), text.len(), Arc::clone(&kept));
        Ok(kept)
    }

    pub(super) fn sign_answer(
        &self,
        access: Access,
        unsigned: Unsigned,
    ) -> Result<Answered, SharingError> {
        let (certificate, key) = self.signer(&KeyName::Answer)?;
        let head = self.answer_head(&certificate);
        let token = jws::sign_under(&head, &unsigned.0, &*key)?;
        Ok(Answered { id: access.id, token })
    }

    /// The header of answers, cached for the certificates in use.
    fn answer_head(&self, certificate: &Certificate) -> Arc<jws::Head> {
        let certificates = self.certificates();
        let names = [certificate.fingerprint(), certificates.issuing.fingerprint()];
        let mut known = self.sharing.head.lock().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            Some((of, head)) if *of == names => Arc::clone(head),
            _ => {
                let chain = [certificate.der(), certificates.issuing.der()];
                let head = Arc::new(jws::Head::new(jws::Header { kind: TYPE, chain: &chain }));
                *known = Some((names, Arc::clone(&head)));
                head
            }
        }
    }

    /// Records accesses as one act.
    pub(super) fn journal(
        &self,
        caller: &Caller,
        accesses: Vec<(&Access, &Option<Record>)>,
    ) -> Result<(), StoreError> {
        let Some((first, _)) = accesses.first() else { return Ok(()) };
        let (at, blinding) = (first.at, draw(&*self.parts.entropy));
        let mut act = Transaction::new(EventKind::Accessed, caller.actor(), at, blinding);
        let mut about = HashSet::new();
        for (access, consent) in accesses {
            act.entries.push(Record::new(Collection::Access, access.id.clone(), 1, access)?);
            act.entries.extend(consent.clone());
            let new = access.licences.iter().filter(|id| about.insert(id.as_str()));
            act.about.extend(new.cloned());
        }
        self.accesses().commit(act)
    }

    /// Takes `count` queries of the client's budget; the first refusal of a window is recorded.
    pub(super) fn take_budget(
        &self,
        caller: &Caller,
        count: u32,
        access: impl FnOnce() -> Access,
    ) -> Result<(), SharingError> {
        let taken = self.counts().take(caller.client(), count, self.now());
        let Err(over) = taken else { return Ok(()) };
        Err(self.refuse_over(caller, over, access)?)
    }

    fn refuse_over(
        &self,
        caller: &Caller,
        over: Over,
        access: impl FnOnce() -> Access,
    ) -> Result<SharingError, StoreError> {
        if over.first {
            let mut access = access();
            over.error.code().clone_into(&mut access.result);
            self.journal(caller, vec![(&access, &None)])?;
        }
        Ok(over.error)
    }

    /// Reserves one possible miss of the client's budget; the first refusal of a window is
    /// recorded.
    pub(super) fn chance<'a>(
        &'a self,
        caller: &'a Caller,
        access: impl FnOnce() -> Access,
    ) -> Result<Chance<'a>, SharingError> {
        match Chance::open(&self.sharing.counts, caller.client(), self.now()) {
            Ok(chance) => Ok(chance),
            Err(over) => Err(self.refuse_over(caller, over, access)?),
        }
    }
}

fn refused(why: &dyn std::fmt::Display) -> SharingError {
    SharingError::SelfCheck(why.to_string())
}
