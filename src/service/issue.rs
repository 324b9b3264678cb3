//! Issuing a licence: one act, two artefacts, one commit.

use serde_json::Value;

use super::keys::{KeyName, KeyUnavailable};
use super::office::Office;
use super::order::{Once, Order};
use super::propose::Submitted;
use super::sharing::marks_of;
use crate::base::actor::Actor;
use crate::base::digest::Digest;
use crate::base::entropy::draw;
use crate::base::ids::{Code, LicenceId};
use crate::base::limits::Budget;
use crate::base::time::Timestamp;
use crate::base::words::Fault;
use crate::crypto::signer::SignError;
use crate::domain::access::{NotPermitted, Permit, Verb};
use crate::domain::licence::application::{self, Application, Terms};
use crate::domain::licence::claims::{self, Copy};
use crate::domain::licence::kind::{FieldKind, LicenceType, Origin};
use crate::domain::licence::proposal::NotPossible;
use crate::domain::licence::record::{Drawn, Licence};
use crate::domain::licence::sheet::{SealPlan, SheetFault};
use crate::domain::office::Department;
use crate::domain::seal::prepared::{PreparedSeal, SealError, SealedPdf};
use crate::domain::verify::credential::{self, Use};
use crate::domain::verify::document;
use crate::format::cms;
use crate::format::jose::sdjwt;
use crate::format::x509::Certificate;
use crate::store::{self, Act, DocumentKind, Entry, EventKind, StoreError};

/// A request to issue, by the office itself: the department is the one that may issue the type.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Who asks.
    pub actor: &'a Actor,
    /// Slug of the licence type.
    pub kind: &'a str,
    /// The application.
    pub input: &'a Value,
    /// A key under which the same request may be repeated.
    pub idempotency: Option<&'a str>,
}

/// A licence that was issued and is durable.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The record.
    pub licence: Licence,
    /// The sealed PDF.
    pub pdf: Vec<u8>,
    /// The holder credential.
    pub credential: String,
    /// Digest of the record as it stands: whoever changes it names what they saw.
    pub seen: Digest,
    /// What should be looked at twice.
    pub warnings: Vec<Fault>,
    /// Whether it was issued before, and this is read from memory.
    pub again: bool,
}

/// Why nothing was issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// There is no such type.
    #[error("there is no licence type {0:?}; `yinzheng types` lists them")]
    UnknownType(String),
    /// No department of the office may issue the type.
    #[error(
        "no department of this office may issue {0:?}; add the type to a department in office.toml"
    )]
    NoDepartment(String),
    /// The application has faults.
    #[error("the application has {} fault(s)", .0.len())]
    Faults(Vec<Fault>),
    /// The client has no right to it, or its department none to the type.
    #[error(transparent)]
    NotPermitted(#[from] NotPermitted),
    /// A second person must approve.
    #[error(
        "licences of type {0:?} need the approval of a second person: propose it, and let a client with the right approve:{0} approve it"
    )]
    NeedsSecond(String),
    /// The proposal cannot be approved.
    #[error(transparent)]
    Proposal(#[from] NotPossible),
    /// The type has another definition than when the proposal was made.
    #[error(
        "the definition of the type was changed since; edit the proposal, so that it is checked again"
    )]
    TypeChanged,
    /// The idempotency key was used for something else.
    #[error("the idempotency key was used before for another request")]
    KeyReused,
    /// The clock is behind the last event.
    #[error(
        "the clock says {now}, but the last event is of {last}: sealing stops. Set the clock right, or confirm with `yinzheng recover --accept-clock`"
    )]
    ClockWentBack {
        /// What the clock says.
        now: Timestamp,
        /// The last event.
        last: Timestamp,
    },
    /// No more numbers of this pattern.
    #[error("the numbers of {0:?} are used up; give the type a longer {{serial:N}}")]
    NumbersUsedUp(String),
    /// The page cannot be made.
    #[error(transparent)]
    Sheet(#[from] SheetFault),
    /// A key or its certificate cannot be used.
    #[error(transparent)]
    Key(#[from] KeyUnavailable),
    /// Signing failed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// Sealing failed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Our own verifier refused what was made; nothing left the office.
    #[error("our own verifier refused the document: {0}; nothing was issued")]
    SelfCheck(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What our own verifier accepted. Only [`Office::release`] makes it.
struct Release {
    pdf: Vec<u8>,
    credential: String,
}

/// What else the commit writes, once the licence has its identifier.
pub(super) type Along<'a> = &'a dyn Fn(&LicenceId, Timestamp) -> Result<Vec<Entry>, IssueError>;

impl Office {
    /// Issues a licence. On `Ok` it is durable.
    pub fn issue(&self, request: &Request<'_>) -> Result<Issued, IssueError> {
        let order = self.order_here(request)?;
        if order.asks_a_second() {
            return Err(IssueError::NeedsSecond(order.kind.slug.clone()));
        }
        self.carry_out(&order, &|_, _| Ok(Vec::new()))
    }

    /// What a licence would look like, as a PDF that is none. Nothing is stored, and no number
    /// is used.
    pub fn preview(&self, permit: &Permit, input: &Value) -> Result<Vec<u8>, IssueError> {
        let order = self.order_for(permit, Verb::Issue, input, None)?;
        let now = self.now();
        let application = self.checked(&order, now)?;
        let number = "（签发时编号）".to_owned();
        let drawn = Drawn { serial: 0, number, status_list: 0, indices: (0, 0), now };
        let licence = Licence::new(application, order.kind, order.department, drawn);
        let code = Code::from_entropy([0; 10]);
        let content = licence.sheet(order.kind, self.profile(), &code, self.is_demo());
        Ok(self.press.specimen(&content)?)
    }

    /// The application, checked as of `now`.
    pub(super) fn checked(
        &self,
        order: &Order<'_>,
        now: Timestamp,
    ) -> Result<Application, IssueError> {
        let can_print = |character| self.press.can_print(character);
        let terms = Terms {
            today: now.date_in_china(),
            can_print: &can_print,
            listed_codes: &self.profile().listed_codes,
        };
        application::check(order.input, order.kind, &terms).map_err(IssueError::Faults)
    }

    /// Issues what was ordered, and writes along what belongs to it.
    pub(super) fn carry_out(
        &self,
        order: &Order<'_>,
        along: Along<'_>,
    ) -> Result<Issued, IssueError> {
        let once = order.once()?;
        if let Some(earlier) = self.earlier(once.as_ref())? {
            return earlier.issued(&order.kind.slug);
        }
        let now = self.sealing_time()?;
        // No journal, no seal: what cannot be written down is not signed.
        self.store().accepts()?;
        let Order { kind, department, .. } = *order;
        let application = self.checked(order, now)?;
        let warnings = application.warnings.clone();
        let (drawn, used) = self.draw_numbers(kind, department, &application, now)?;
        let licence = Licence::new(application, kind, department, drawn);
        let code = Code::from_entropy(draw(&*self.parts.entropy));
        let release = self.make(&licence, kind, department, &code)?;
        let record = store::written(|| format!("the licence {}", licence.id), &licence)?;
        let seen = Digest::of(&[record.as_bytes()]);
        let entries = along(&licence.id, now)?;
        let blind = draw(&*self.parts.entropy);
        let list = licence.status_list;
        let committed = self.store().commit(Act {
            licence: Some((licence.id.to_string(), record)),
            documents: vec![
                (DocumentKind::SealedPdf, release.pdf.clone()),
                (DocumentKind::HolderCredential, release.credential.clone().into_bytes()),
            ],
            code: Some(code.digest()),
            number: Some((kind.slug.clone(), licence.number.clone())),
            drawn: used,
            idempotency: once.clone(),
            status: vec![(list, licence.document_index, 0), (list, licence.holder_index, 0)],
            entries,
            marks: marks_of(kind, &licence),
            ..Act::new(EventKind::Issued, order.actor.clone(), now, blind)
        });
        if matches!(committed, Err(StoreError::Taken(_))) {
            // The same request came twice at once, and the other was quicker.
            if let Some(earlier) = self.earlier(once.as_ref())? {
                return earlier.issued(&order.kind.slug);
            }
        }
        committed?;
        let Release { pdf, credential } = release;
        Ok(Issued { licence, pdf, credential, seen, warnings, again: false })
    }

    /// What was answered under an idempotency key before: the licence or the proposal as it
    /// stands now.
    pub(super) fn earlier(&self, once: Option<&Once>) -> Result<Option<Submitted>, IssueError> {
        let Some((scope, key, digest)) = once else { return Ok(None) };
        match self.store().idempotent(scope, key)? {
            Some((known, answer)) if known == *digest => self.answered(&answer).map(Some),
            Some(_) => Err(IssueError::KeyReused),
            None => Ok(None),
        }
    }

    /// A licence as it was issued.
    pub fn issued(&self, id: &str) -> Result<Issued, IssueError> {
        let missing = || IssueError::Store(StoreError::Index(format!("no licence {id}")));
        let stored = self.store().licence(id)?.ok_or_else(missing)?;
        let licence: Licence = stored.read()?;
        let (mut pdf, mut credential) = (Vec::new(), String::new());
        for locator in &stored.documents {
            let bytes = self.store().document(locator)?;
            match locator.kind {
                DocumentKind::SealedPdf => pdf = bytes,
                DocumentKind::HolderCredential => {
                    credential = String::from_utf8(bytes).map_err(|_| StoreError::Damaged {
                        place: format!("the credential of {id}"),
                        what: "it is no text",
                    })?;
                }
            }
        }
        let seen = Digest::of(&[stored.record.as_bytes()]);
        let kind = self.types().get(&licence.kind);
        let warnings = kind.map(|kind| application::warnings(&licence.values, kind));
        let warnings = warnings.unwrap_or_default();
        Ok(Issued { licence, pdf, credential, seen, warnings, again: true })
    }

    pub(super) fn sealing_time(&self) -> Result<Timestamp, IssueError> {
        let now = self.now();
        match self.store().last_event() {
            Some(last) if now < last.plus(-CLOCK_TOLERANCE) => {
                Err(IssueError::ClockWentBack { now, last })
            }
            _ => Ok(now),
        }
    }

    fn draw_numbers(
        &self,
        kind: &LicenceType,
        department: &Department,
        application: &Application,
        now: Timestamp,
    ) -> Result<(Drawn, Vec<(String, u64)>), IssueError> {
        let epoch = self.store().epoch()?;
        let serials = match epoch {
            0 => "serial".to_owned(),
            later => format!("serial/{later}"),
        };
        let ranges = (serials, format!("number/{}", kind.slug));
        let (serial, number) = (self.next(&ranges.0, now)?, self.next(&ranges.1, now)?);
        let used = vec![(ranges.0, serial), (ranges.1, number)];
        let (year, ..) = now.date_in_china().parts();
        let choice = |name: &str| {
            let value = application.values.iter().find(|value| value.name == name)?;
            let FieldKind::Choice { options } = &kind.field(name)?.kind else { return None };
            Some(options.iter().position(|option| option.zh == value.printed)? + 1)
        };
        let origin = Origin { district: department.uscc.district(), year, choice: &choice };
        let number = kind
            .number
            .number(number, &origin)
            .ok_or_else(|| IssueError::NumbersUsedUp(kind.slug.clone()))?;
        // Each epoch has serials of its own, far from those that may be lost.
        let serial = u128::from(epoch) * SERIALS_OF_AN_EPOCH + u128::from(serial);
        let (status_list, indices) = self.draw_indices()?;
        Ok((Drawn { serial, number, status_list, indices, now }, used))
    }

    fn make(
        &self,
        licence: &Licence,
        kind: &LicenceType,
        department: &Department,
        code: &Code,
    ) -> Result<Release, IssueError> {
        let slug = department.slug.clone();
        let document = self.credential(licence, kind, department, Copy::Document)?;
        let holder = self.credential(licence, kind, department, Copy::Holder)?;
        let (certificate, key) = self.signer(&KeyName::Seal(slug.clone()))?;
        let chain = [self.certificates().issuing.clone()];
        let art = self.seals.get(&slug).ok_or(SheetFault::Internal)?;
        let plan = SealPlan {
            art,
            diameter_mm: department.seal.diameter_mm,
            signer: &department.name.zh,
            hole: cms::size_bound(&certificate, &chain, cms::Level::B),
            permissions: 1,
        };
        let content = licence.sheet(kind, self.profile(), code, self.is_demo());
        let unsealed = self.press.compose(&content, &document, &plan)?;
        let sealed = PreparedSeal::new(unsealed).seal(&*key, &certificate, &chain)?;
        self.release(sealed, holder, &licence.id, licence.issued_at)
    }

    fn credential(
        &self,
        licence: &Licence,
        kind: &LicenceType,
        department: &Department,
        copy: Copy,
    ) -> Result<String, IssueError> {
        let (certificate, key) = self.signer(&KeyName::Credential(department.slug.clone()))?;
        let ends = certificate.validity().1;
        let place = (self.profile(), department);
        let definition = self.definitions.get(&kind.slug).ok_or(SheetFault::Internal)?;
        let kind = (kind, definition);
        let claims = claims::claims(licence, kind, place, copy, ends, &*self.parts.entropy);
        let certificates = self.certificates();
        let chain = [certificate.der(), certificates.issuing.der()];
        Ok(sdjwt::issue(&chain, claims.open, &claims.selective, &*key)?)
    }

    pub(super) fn signer(
        &self,
        name: &KeyName,
    ) -> Result<(Certificate, std::sync::Arc<dyn crate::crypto::signer::Signer>), KeyUnavailable>
    {
        let certificate = self
            .certificates()
            .leaves
            .get(&name.to_string())
            .cloned()
            .ok_or_else(|| KeyUnavailable(format!("there is no certificate for {name}")))?;
        Ok((certificate, self.parts.keys.signer(name)?))
    }

    /// Reads what was made as a stranger would. Nothing leaves that we would refuse.
    fn release(
        &self,
        sealed: SealedPdf,
        holder: String,
        id: &LicenceId,
        now: Timestamp,
    ) -> Result<Release, IssueError> {
        let (mut budget, trust) = (Budget::default(), self.trust());
        let context = self.context(&trust, now);
        let found = document::authenticate(sealed.as_bytes(), &context, &mut budget);
        let right = found.seal.as_ref().is_some_and(|seal| seal.credential().claims().id == *id);
        if !right {
            let detail: Vec<_> =
                found.findings.iter().map(|finding| finding.detail.clone()).collect();
            return Err(IssueError::SelfCheck(detail.join("; ")));
        }
        credential::authenticate(&holder, Use::Presentation, &context, &mut budget)
            .map_err(|error| IssueError::SelfCheck(error.to_string()))?;
        Ok(Release { pdf: sealed.into_bytes(), credential: holder })
    }
}

const SERIALS_OF_AN_EPOCH: u128 = 1_000_000_000_000;
/// Clocks are set by a few seconds now and then.
const CLOCK_TOLERANCE: i64 = 5;
