//! Revocation data that could not be used for a path, and why: such evidence is always reported.

use std::collections::HashSet;

use crate::base::digest::Digest;
use crate::format::revocation::{BadCrl, Crl, OcspResponse};
use crate::format::x509::{Certificate, DistinguishedName};

/// Revocation data: a list or an OCSP response.
#[derive(Clone, Debug)]
pub enum Source {
    /// A parsed revocation list.
    List(Crl),
    /// A parsed OCSP response.
    Answer(OcspResponse),
    /// A revocation list that cannot be parsed.
    Unreadable(Unreadable),
}

/// Bytes given as a revocation list that cannot be read or used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    fingerprint: Digest,
    issuer: Option<DistinguishedName>,
    why: String,
}

impl Unreadable {
    /// A list that the parser refused.
    pub fn new(der: &[u8], error: &BadCrl) -> Self {
        Self {
            fingerprint: Digest::of(&[der]),
            issuer: Crl::issuer_of(der),
            why: error.to_string(),
        }
    }

    /// Its issuer, as far as it can be read.
    pub(super) fn issuer(&self) -> Option<&DistinguishedName> {
        self.issuer.as_ref()
    }

    /// Why it was refused.
    pub fn why(&self) -> &str {
        &self.why
    }
}

impl Source {
    /// SHA-256 over its bytes.
    pub fn fingerprint(&self) -> Digest {
        match self {
            Self::List(list) => list.fingerprint(),
            Self::Answer(response) => response.fingerprint(),
            Self::Unreadable(list) => list.fingerprint,
        }
    }

    /// Its description for a finding.
    pub fn account(&self) -> String {
        let digest = self.fingerprint();
        match self {
            Self::List(list) => {
                let (made, next) = list.window();
                let issuer = list.issuer().label();
                format!("list of {issuer}, of {made} until {next} (SHA-256 {digest})")
            }
            Self::Answer(response) => {
                let made = response.produced_at();
                format!("OCSP answer of {made} (SHA-256 {digest})")
            }
            Self::Unreadable(list) => {
                let issuer =
                    list.issuer.as_ref().map_or_else(String::new, DistinguishedName::label);
                format!("list of {issuer} (SHA-256 {digest})")
            }
        }
    }
}

/// A list or answer that concerns a certificate of the path, by its issuer's name, key or serial
/// number, and cannot be used.
#[derive(Clone, Debug)]
pub struct Unused {
    source: Source,
    subject: Certificate,
    why: String,
    weight: Weight,
}

/// The consequence of a list or answer that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// It may contain a revocation of a certificate of the path: the state is in doubt.
    InDoubt,
    /// It counts for another time, as data in an archive does after some weeks.
    OtherTime,
    /// It is signed by another key of the same name.
    Others,
}

impl Unused {
    /// The consequence for the verdict.
    pub fn weight(&self) -> Weight {
        self.weight
    }

    /// Describes the data, and why it is not used.
    pub fn account(&self) -> String {
        format!("{}: {}", self.source.account(), self.why)
    }
}

/// How revocation lists and OCSP responses were used while one chain was judged.
#[derive(Clone, Debug, Default)]
pub(super) struct MaterialUse {
    /// Fingerprints of those that concern a certificate of the chain, used or not.
    about: HashSet<Digest>,
    unused: Vec<Unused>,
    /// Entries of `unused`, to record each only once: many lists are checked again for each
    /// certificate.
    noted: HashSet<(Digest, String)>,
}

impl MaterialUse {
    /// Records that it concerns the question's subject or issuer.
    pub(super) fn about(&mut self, source: Digest) {
        self.about.insert(source);
    }

    /// Records that it concerns them, and cannot be used.
    pub(super) fn unused(
        &mut self,
        source: Source,
        (subject, issuer): (&Certificate, &Certificate),
        why: &str,
        weight: Weight,
    ) {
        self.about(source.fingerprint());
        let why = format!("{why}; asked about {} of {}", subject.name(), issuer.name());
        if self.noted.insert((source.fingerprint(), why.clone())) {
            let subject = subject.clone();
            self.unused.push(Unused { source, subject, why, weight });
        }
    }

    /// Whether an unusable list or answer may hold a revocation of this certificate.
    pub(super) fn in_doubt(&self, subject: &Certificate) -> bool {
        let in_doubt = |one: &Unused| one.weight == Weight::InDoubt && one.subject == *subject;
        self.unused.iter().any(in_doubt)
    }

    pub(super) fn into_unused(self) -> (Vec<Unused>, HashSet<Digest>) {
        (self.unused, self.about)
    }
}
