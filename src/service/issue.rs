//! Issuing a licence: one act, two artefacts, one commit.

use std::sync::Arc;

use serde_json::Value;

use super::idempotency::IdempotencyKey;
use super::issue_command::{IssueCommand, IssueError, Issued, Request, Requester};
use super::keys::{KeyName, KeyUnavailable};
use super::numbers;
use super::office::Office;
use super::sharing::holder_index::holder_index_keys;
use crate::base::digest::Digest;
use crate::base::entropy::draw;
use crate::base::ids::{Code, LicenceId};
use crate::base::limits::Budget;
use crate::base::time::Timestamp;
use crate::crypto::signer::Signer;
use crate::domain::access::{Permit, Verb};
use crate::domain::licence::application::{self, Application, Terms};
use crate::domain::licence::claims::{self, Copy};
use crate::domain::licence::kind::{FieldKind, LicenceType, Origin};
use crate::domain::licence::record::{Drawn, Licence};
use crate::domain::licence::sheet::{SealPlan, SheetFault};
use crate::domain::office::Department;
use crate::domain::seal::prepared::{PreparedSeal, SealedPdf};
use crate::domain::verify::credential::{self, Use};
use crate::domain::verify::pdf::document;
use crate::format::cms;
use crate::format::jose::sdjwt;
use crate::format::x509::Certificate;
use crate::store::{self, DocumentKind, EventKind, Record, StoreError, Transaction};

/// A result that the office's own verifier accepted. Only [`Office::release`] makes it.
struct Release {
    pdf: Vec<u8>,
    credential: String,
}

/// Further records of the commit, made once the licence has its identifier.
pub(super) type ExtraRecords<'a> =
    &'a dyn Fn(&LicenceId, Timestamp) -> Result<Vec<Record>, IssueError>;

/// A key with its certificate.
pub(super) type CertifiedSigner = (Certificate, Arc<dyn Signer>);

/// The keys with which a department issues.
struct DepartmentSigners {
    credential: CertifiedSigner,
    seal: CertifiedSigner,
}

impl Office {
    /// Issues a licence. On `Ok` it is durable.
    pub fn issue(&self, request: &Request<'_>) -> Result<Issued, IssueError> {
        let command = IssueCommand::new(self, request, Verb::Issue, None)?;
        if command.requires_dual_approval() {
            return Err(IssueError::NeedsSecond(command.kind.slug.clone()));
        }
        self.execute(&command, &|_, _| Ok(Vec::new()))
    }

    /// A preview of a licence, as a PDF that is marked as a specimen. Nothing is stored, and no
    /// number is used.
    pub fn preview(&self, permit: &Permit, input: &Value) -> Result<Vec<u8>, IssueError> {
        let (requester, kind) = (&Requester::Client(permit.clone()), permit.kind());
        let request = Request { requester, kind, input, idempotency: None };
        let command = IssueCommand::new(self, &request, Verb::Issue, None)?;
        let now = self.now();
        let application = self.checked(command.kind, input, now)?;
        let number = "（签发时编号）".to_owned();
        let drawn = Drawn { serial: 0, number, status_list: 0, indices: (0, 0), now };
        let licence = Licence::new(application, command.kind, command.department, drawn);
        let code = Code::from_entropy([0; 10]);
        let content = licence.sheet(command.kind, self.profile(), &code, self.is_demo());
        Ok(self.press.specimen(&content)?)
    }

    /// The application, checked at `now`.
    pub(super) fn checked(
        &self,
        kind: &LicenceType,
        input: &Value,
        now: Timestamp,
    ) -> Result<Application, IssueError> {
        let can_print = |character| self.press.can_print(character);
        let terms = Terms {
            today: now.date_in_china(),
            can_print: &can_print,
            listed_codes: &self.profile().listed_codes,
        };
        application::check(input, kind, &terms).map_err(IssueError::Faults)
    }

    /// Issues the licence, and writes `extra_records` in the same commit.
    pub(super) fn execute(
        &self,
        command: &IssueCommand<'_>,
        extra_records: ExtraRecords<'_>,
    ) -> Result<Issued, IssueError> {
        let key = command.idempotency_key()?;
        let again = |answer: &str| {
            // The result under this key is a proposal, not a licence.
            let is_proposal = answer.contains('/');
            let second = || IssueError::NeedsSecond(command.kind.slug.clone());
            if is_proposal { Err(second()) } else { self.issued(answer) }
        };
        self.once(key.as_ref(), again, || self.issue_anew(command, extra_records, key.as_ref()))
    }

    fn issue_anew(
        &self,
        command: &IssueCommand<'_>,
        extra_records: ExtraRecords<'_>,
        key: Option<&IdempotencyKey>,
    ) -> Result<Issued, IssueError> {
        let now = self.sealing_time()?;
        // An act that cannot be recorded must not be signed.
        self.store().accepts()?;
        let IssueCommand { kind, department, .. } = *command;
        let application = self.checked(kind, command.input, now)?;
        let warnings = application.warnings.clone();
        // Nor draws an act without its keys a number.
        let signers = self.signers(department)?;
        let (drawn, used) = self.draw_numbers(kind, department, &application, now)?;
        let licence = Licence::new(application, kind, department, drawn);
        let code = Code::from_entropy(draw(&*self.parts.entropy));
        let Release { pdf, credential } =
            self.make(&licence, kind, (department, &signers), &code)?;
        let record = store::written(|| format!("the licence {}", licence.id), &licence)?;
        let seen = Digest::of(&[record.as_bytes()]);
        let entries = extra_records(&licence.id, now)?;
        let blinding = draw(&*self.parts.entropy);
        let list = licence.status_list;
        self.store().commit(Transaction {
            licence: Some((licence.id.to_string(), record)),
            documents: vec![
                (DocumentKind::SealedPdf, pdf.clone()),
                (DocumentKind::HolderCredential, credential.clone().into_bytes()),
            ],
            layout: Some(format!("{}/{}", kind.slug, department.slug)),
            code: Some(code.digest()),
            number: Some((kind.slug.clone(), licence.number.clone())),
            drawn: used,
            idempotency: key.map(IdempotencyKey::parts),
            status: vec![(list, licence.document_index, 0), (list, licence.holder_index, 0)],
            entries,
            marks: holder_index_keys(kind, &licence),
            ..Transaction::new(EventKind::Issued, command.actor.clone(), now, blinding)
        })?;
        Ok(Issued { licence, pdf, credential, seen, warnings, again: false })
    }

    /// An issued licence, from the store.
    pub fn issued(&self, id: &str) -> Result<Issued, IssueError> {
        let missing = || IssueError::Store(StoreError::Index(format!("no licence {id}")));
        let stored = self.store().reader().licence(id)?.ok_or_else(missing)?;
        let licence: Licence = stored.read()?;
        let (mut pdf, mut credential) = (Vec::new(), String::new());
        for locator in &stored.documents {
            let bytes = self.store().reader().document(locator)?;
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
        let epoch = self.store().reader().epoch()?;
        let serials = match epoch {
            0 => "serial".to_owned(),
            later => format!("serial/{later}"),
        };
        let ranges = (serials, numbers::range(&kind.slug));
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
        // Each epoch has a separate range of serials, apart from those of lost events.
        let serial = u128::from(epoch) * SERIALS_OF_AN_EPOCH + u128::from(serial);
        let (status_list, indices) = self.draw_indices()?;
        Ok((Drawn { serial, number, status_list, indices, now }, used))
    }

    fn make(
        &self,
        licence: &Licence,
        kind: &LicenceType,
        (department, signers): (&Department, &DepartmentSigners),
        code: &Code,
    ) -> Result<Release, IssueError> {
        let issuer = (department, &signers.credential);
        let document = self.credential(licence, kind, issuer, Copy::Document)?;
        let holder = self.credential(licence, kind, issuer, Copy::Holder)?;
        let (certificate, key) = &signers.seal;
        let chain = [self.certificates().issuing.clone()];
        let art = self.seals.get(&department.slug).ok_or(SheetFault::Internal)?;
        let plan = SealPlan {
            art,
            diameter_mm: department.seal.diameter_mm,
            signer: &department.name.zh,
            hole: cms::size_bound(certificate, &chain, cms::Level::B),
            permissions: 1,
        };
        let content = licence.sheet(kind, self.profile(), code, self.is_demo());
        let unsealed = self.press.compose(&content, &document, &plan)?;
        let sealed = PreparedSeal::new(unsealed).seal(&**key, certificate, &chain)?;
        self.release(sealed, holder, &licence.id, licence.issued_at)
    }

    fn credential(
        &self,
        licence: &Licence,
        kind: &LicenceType,
        (department, (certificate, key)): (&Department, &CertifiedSigner),
        copy: Copy,
    ) -> Result<String, IssueError> {
        let ends = certificate.validity().1;
        let place = (self.profile(), department);
        let definition = self.definitions.get(&kind.slug).ok_or(SheetFault::Internal)?;
        let kind = (kind, definition);
        let claims = claims::claims(licence, kind, place, copy, ends, &*self.parts.entropy);
        let certificates = self.certificates();
        let chain = [certificate.der(), certificates.issuing.der()];
        Ok(sdjwt::issue(&chain, claims.open, &claims.selective, &**key)?)
    }

    fn signers(&self, department: &Department) -> Result<DepartmentSigners, KeyUnavailable> {
        let slug = &department.slug;
        let credential = self.signer(&KeyName::Credential(slug.clone()))?;
        Ok(DepartmentSigners { credential, seal: self.signer(&KeyName::Seal(slug.clone()))? })
    }

    pub(super) fn signer(&self, name: &KeyName) -> Result<CertifiedSigner, KeyUnavailable> {
        let certificate =
            self.certificates().leaves.get(&name.to_string()).cloned().ok_or_else(|| {
                KeyUnavailable::new(
                    format!("没有 {name} 的证书"),
                    format!("there is no certificate for {name}"),
                )
            })?;
        Ok((certificate, self.parts.keys.signer(name)?))
    }

    /// Verifies the result as any verifier would. The office releases nothing that its own verifier
    /// refuses.
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
/// Clocks are adjusted by a few seconds now and then.
const CLOCK_TOLERANCE: i64 = 5;
