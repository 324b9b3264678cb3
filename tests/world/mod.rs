//! A whole office in memory: fixed clock, seeded randomness, published keys, and one checker.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]
#![allow(dead_code, reason = "each test program and benchmark uses a part")]
#![allow(clippy::allow_attributes, reason = "whether a part is used differs by program")]

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use yinzheng::base::actor::Actor;
use yinzheng::base::digest::Digest;
use yinzheng::base::entropy::Entropy;
use yinzheng::base::time::{Clock, Timestamp};
use yinzheng::crypto::ed25519::{Ed25519Key, LogSigner};
use yinzheng::crypto::signer::Signer;
use yinzheng::domain::licence::kind::Types;
use yinzheng::domain::licence::record::Licence;
use yinzheng::domain::licence::standing::LicenceStatus;
use yinzheng::domain::office::Profile;
use yinzheng::domain::verify::report::Verdict;
use yinzheng::domain::webhooks::HookKey;
use yinzheng::edge::keys::ExampleKeys;
use yinzheng::service::access::LastTime;
use yinzheng::service::issue_command::{IssueError, Issued, Request, Requester};
use yinzheng::service::keys::{KeyName, KeyUnavailable, Keys};
use yinzheng::service::office::{Office, OfficeError};
use yinzheng::service::parts::OfficeParts;
use yinzheng::service::pki_setup::{CertificateIssuer, Certificates};
use yinzheng::service::status::LIST_ENTRIES;
use yinzheng::store::{Memory, Store};

/// A clock that tests set.
#[derive(Debug)]
pub(crate) struct FixedClock(AtomicI64);

impl FixedClock {
    pub(crate) fn set(&self, text: &str) {
        self.0.store(Timestamp::parse(text).unwrap().unix(), Ordering::Relaxed);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.0.load(Ordering::Relaxed)).unwrap()
    }
}

/// Seeded randomness, the same in every run.
#[derive(Debug)]
pub(crate) struct Seeded(AtomicU64);

impl Entropy for Seeded {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(32) {
            let count = self.0.fetch_add(1, Ordering::Relaxed);
            let block = Digest::of(&[b"seed", &count.to_le_bytes()]);
            let length = chunk.len();
            chunk.copy_from_slice(&block.as_bytes()[..length]);
        }
    }
}

/// The published keys, with a record of each request. Locked keys are refused.
#[derive(Debug, Default)]
pub(crate) struct WatchedKeys {
    asked: Mutex<Vec<String>>,
    locked: Mutex<Option<KeyName>>,
    later: Mutex<Vec<Arc<Ed25519Key>>>,
}

impl WatchedKeys {
    /// The keys requested since the last call, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    pub(crate) fn lock(&self, name: Option<KeyName>) {
        *self.locked.lock().unwrap() = name;
    }

    /// How many webhook keys were generated.
    pub(crate) fn drawn(&self) -> usize {
        self.later.lock().unwrap().len()
    }
}

impl Keys for WatchedKeys {
    fn signer(&self, name: &KeyName) -> Result<Arc<dyn Signer>, KeyUnavailable> {
        if self.locked.lock().unwrap().as_ref() == Some(name) {
            return Err(KeyUnavailable::new("已封存", "locked away"));
        }
        self.asked.lock().unwrap().push(name.to_string());
        ExampleKeys.signer(name)
    }

    fn log_signer(&self) -> Result<Arc<dyn LogSigner>, KeyUnavailable> {
        ExampleKeys.log_signer()
    }

    fn webhook_signer(&self) -> Result<Arc<dyn LogSigner>, KeyUnavailable> {
        ExampleKeys.webhook_signer()
    }

    fn webhook_signer_of(&self, key: &HookKey) -> Result<Arc<dyn LogSigner>, KeyUnavailable> {
        let is_it = |one: &Arc<Ed25519Key>| HookKey::new(one.public_key().bits()) == Some(*key);
        let later = self.later.lock().unwrap().iter().find(|one| is_it(one)).cloned();
        later.map_or_else(|| ExampleKeys.webhook_signer_of(key), |later| Ok(later))
    }

    fn new_webhook_key(&self, _entropy: &dyn Entropy) -> Result<HookKey, KeyUnavailable> {
        let drawn = Ed25519Key::from_pkcs8(&Ed25519Key::generate().unwrap()).unwrap();
        let key = HookKey::new(drawn.public_key().bits()).unwrap();
        self.later.lock().unwrap().push(Arc::new(drawn));
        Ok(key)
    }
}

/// An office, and its clock.
pub(crate) struct TestOffice {
    pub office: Office,
    pub clock: Arc<FixedClock>,
    pub parts: Arc<Shared>,
}

/// The persistent state besides the store.
pub(crate) struct Shared {
    pub certificates: Certificates,
    pub crl: Vec<u8>,
    pub root_crl: Vec<u8>,
    pub entropy: Arc<Seeded>,
    pub keys: Arc<WatchedKeys>,
    pub list_entries: u32,
    pub store: Arc<dyn Store>,
    pub accesses: Arc<dyn Store>,
    pub last_time: Arc<Mutex<Option<Timestamp>>>,
}

pub(crate) const EXAMPLES: &[(&str, &str)] = &[
    ("business", include_str!("../../schemas/examples/business.json")),
    ("food-operation", include_str!("../../schemas/examples/food-operation.json")),
    ("private-school", include_str!("../../schemas/examples/private-school.json")),
    ("medical-institution", include_str!("../../schemas/examples/medical-institution.json")),
    ("construction-permit", include_str!("../../schemas/examples/construction-permit.json")),
    ("residence-permit", include_str!("../../schemas/examples/residence-permit.json")),
];

pub(crate) fn example(kind: &str) -> Value {
    let (_, text) = EXAMPLES.iter().find(|(known, _)| *known == kind).unwrap();
    serde_json::from_str(text).unwrap()
}

fn profile() -> Profile {
    Profile::parse("office.toml", include_str!("../../keys-example/office.toml")).unwrap()
}

impl TestOffice {
    pub(crate) fn over(store: Arc<dyn Store>) -> Self {
        Self::with_lists_of(LIST_ENTRIES, store)
    }

    /// An office whose status lists are short.
    pub(crate) fn with_lists_of(list_entries: u32, store: Arc<dyn Store>) -> Self {
        Self::with_accesses(list_entries, store, Arc::new(Memory::new().unwrap()))
    }

    /// An office with another store of accesses.
    pub(crate) fn with_accesses(
        list_entries: u32,
        store: Arc<dyn Store>,
        accesses: Arc<dyn Store>,
    ) -> Self {
        let clock = FixedClock(AtomicI64::new(0));
        clock.set("2026-11-24T06:00:00Z");
        let entropy = Arc::new(Seeded(AtomicU64::new(0)));
        let (profile, types) = (profile(), Types::built_in().unwrap());
        let founding = CertificateIssuer {
            profile: &profile,
            types: &types,
            keys: &ExampleKeys,
            entropy: &*entropy,
            now: clock.now(),
        };
        let certificates = founding.establish().unwrap();
        let crl = founding.crl(&certificates.issuing).unwrap();
        let root_crl = founding.root_crl(&certificates.root).unwrap();
        let shared = Arc::new(Shared {
            certificates,
            crl,
            root_crl,
            entropy,
            keys: Arc::default(),
            list_entries,
            store: Arc::clone(&store),
            accesses,
            last_time: Arc::default(),
        });
        Self::again(store, &shared, Arc::new(clock))
    }

    /// The same office after a restart.
    pub(crate) fn again(
        store: Arc<dyn Store>,
        shared: &Arc<Shared>,
        clock: Arc<FixedClock>,
    ) -> Self {
        let types = Types::built_in().unwrap();
        let office = Self::open((profile(), types), &store, shared, &clock).unwrap();
        Self { office, clock, parts: Arc::clone(shared) }
    }

    /// An office with other types over the same store.
    pub(crate) fn with_types(types: Types, test: &Self) -> Result<Office, OfficeError> {
        Self::open((profile(), types), &test.parts.store, &test.parts, &test.clock)
    }

    /// An office over the same store with one change in `office.toml`.
    pub(crate) fn with_profile(&self, from: &str, to: &str) -> Office {
        let text = include_str!("../../keys-example/office.toml");
        assert!(text.contains(from), "{from}");
        let profile = Profile::parse("office.toml", &text.replacen(from, to, 1)).unwrap();
        let parts = (profile, Types::built_in().unwrap());
        Self::open(parts, &self.parts.store, &self.parts, &self.clock).unwrap()
    }

    fn open(
        (profile, types): (Profile, Types),
        store: &Arc<dyn Store>,
        shared: &Arc<Shared>,
        clock: &Arc<FixedClock>,
    ) -> Result<Office, OfficeError> {
        Office::open(OfficeParts {
            profile,
            types,
            demo: true,
            store: Arc::clone(store),
            accesses: Arc::clone(&shared.accesses),
            keys: Arc::clone(&shared.keys) as Arc<dyn Keys>,
            certificates: shared.certificates.clone(),
            crl: shared.crl.clone(),
            root_crl: shared.root_crl.clone(),
            list_entries: shared.list_entries,
            clock: Arc::clone(clock) as Arc<dyn Clock>,
            last_time: Arc::clone(&shared.last_time) as Arc<dyn LastTime>,
            entropy: Arc::clone(&shared.entropy) as Arc<dyn Entropy>,
        })
    }

    pub(crate) fn issue(&self, kind: &str) -> Result<Issued, IssueError> {
        let input = example(kind);
        let actor = Actor::LocalOperator;
        self.office.issue(&Request {
            requester: &Requester::Operator(actor),
            kind,
            input: &input,
            idempotency: None,
        })
    }

    /// Reads everything in the store and verifies it again like any verifier.
    pub(crate) fn check(&self) -> Vec<Licence> {
        let mut licences = Vec::new();
        let mut numbers = std::collections::BTreeSet::new();
        for stored in self.office.store().reader().list("", 10_000).unwrap() {
            let licence: Licence = serde_json::from_str(&stored.record).unwrap();
            let issued = self.office.issued(licence.id.as_str()).unwrap();
            let expected = match licence.standing {
                LicenceStatus::Active => Verdict::Valid,
                LicenceStatus::Suspended { .. } => Verdict::Suspended,
                LicenceStatus::Revoked { .. } => Verdict::Revoked,
                LicenceStatus::Superseded { .. } => Verdict::Superseded,
            };
            for bytes in [issued.pdf.as_slice(), issued.credential.as_bytes()] {
                let report = self.office.verify("", bytes);
                assert_eq!(report.verdict, expected, "{report:#?}");
                assert_eq!(report.licence.unwrap().id, licence.id.as_str());
            }
            assert!(numbers.insert((licence.kind.clone(), licence.number.clone())), "twice");
            licences.push(licence);
        }
        licences
    }
}
