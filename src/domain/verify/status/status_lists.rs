//! Is a status list genuine, and for which instants does it count?

use crate::base::digest::Digest;
use crate::base::limits::Budget;
use crate::base::time::{DAY, Timestamp};
use crate::domain::trust::Entitled;
use crate::domain::verify::context::{Context, SKEW};
use crate::domain::verify::credential::licence_claims::is_list_of;
use crate::domain::verify::credential::{CredentialError, trusted};
use crate::format::jose::statuslist::{NoEntry, Status, StatusList, StatusToken};
use crate::format::x509::{Certificate, Role};

/// A status list whose signature, path and key use were verified.
#[derive(Clone, Debug)]
pub struct StatusListValid {
    list: StatusList,
    uri: String,
    issued: Timestamp,
    begins: Timestamp,
    expires: Timestamp,
    ttl: Option<i64>,
    is_of_the_future: bool,
    signer: Certificate,
}

impl StatusListValid {
    /// Checks a status list token: its signature, its path at the instant of `context`, that its
    /// key is for lists, and that this key may sign for the address. [`Self::covers`] says for
    /// which instants the list counts.
    pub fn check(
        text: &str,
        context: &Context<'_>,
        budget: &mut Budget,
    ) -> Result<Self, CredentialError> {
        let read = StatusToken::parse(text, budget)?;
        let (signer, path) = trusted(&read.token, context, budget, &mut None)?;
        if context.require_revocation && !path.unchecked().is_empty() {
            return Err(CredentialError::NoRevocationData(path.unchecked().to_vec()));
        }
        Entitled::role(&path, Role::Status, read.issued)?;
        let StatusToken { list, uri, issued, begins, expires, ttl, .. } = read;
        if !signer.uris().iter().any(|office| is_list_of(&uri, office)) {
            let why = format!(
                "is {uri:?}, but the signer speaks for the lists of {:?} alone",
                signer.uris()
            );
            return Err(CredentialError::claim("sub", why));
        }
        // A list may state a validity of decades; it counts for at most this long.
        let expires = expires.min(issued.plus(LONGEST));
        let is_of_the_future = issued > context.clock().plus(SKEW);
        Ok(Self { list, uri, issued, begins, expires, ttl, is_of_the_future, signer })
    }

    /// The address that it is published at.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// When it was made, `iat`.
    pub fn issued(&self) -> Timestamp {
        self.issued
    }

    /// When it expires.
    pub fn expires(&self) -> Timestamp {
        self.expires
    }

    /// Whether it counts for an instant: from its start of validity until it expires, but never
    /// before it was issued.
    pub fn covers(&self, at: Timestamp) -> bool {
        !self.is_of_the_future && self.has_begun(at) && at < self.expires
    }

    /// Whether it was made after the caller's present time.
    pub(super) fn is_of_the_future(&self) -> bool {
        self.is_of_the_future
    }

    fn has_begun(&self, at: Timestamp) -> bool {
        self.begins <= at.plus(SKEW)
    }

    /// Whether it states that a licence is revoked. That remains true after it expires, and also
    /// counts from a list from the future.
    pub(super) fn revokes(&self, index: u32, at: Timestamp) -> bool {
        (self.has_begun(at) || self.is_of_the_future) && self.entry(index) == Ok(Status::Invalid)
    }

    /// Whether its office wants readers to fetch a newer one by now.
    pub fn is_aged(&self, at: Timestamp) -> bool {
        self.ttl.is_some_and(|ttl| at >= self.issued.plus(ttl))
    }

    /// The status of one entry.
    pub fn entry(&self, index: u32) -> Result<Status, NoEntry> {
        self.list.get(index)
    }

    /// The list and its times, so that the look-up can be repeated.
    pub fn account(&self) -> String {
        format!(
            "list {} of {} entries of {} bits, made {}, good until {}, signed by {} (certificate SHA-256 {})",
            self.uri,
            self.list.len(),
            self.list.width(),
            self.issued,
            self.expires,
            self.signer.name(),
            self.signer.fingerprint(),
        )
    }
}

/// The status lists given to a verifier: usable ones, and the faults of the others.
#[derive(Clone, Debug, Default)]
pub struct StatusLists {
    usable: Vec<StatusListValid>,
    /// By the digest of the token, which a caller may try again.
    refused: Vec<(Digest, String)>,
}

impl StatusLists {
    /// Adds the result of checking a token.
    pub fn take(
        &mut self,
        token: &str,
        checked: Result<StatusListValid, CredentialError>,
    ) -> Result<(), CredentialError> {
        let digest = Digest::of(&[token.as_bytes()]);
        self.refused.retain(|(known, _)| *known != digest);
        match checked {
            Ok(list) => {
                self.usable.push(list);
                Ok(())
            }
            Err(refused) => {
                self.refused.push((digest, refused.to_string()));
                Err(refused)
            }
        }
    }

    /// The lists that can be used.
    pub fn usable(&self) -> &[StatusListValid] {
        &self.usable
    }

    /// Why the others cannot be used.
    pub fn refused(&self) -> impl Iterator<Item = &str> {
        self.refused.iter().map(|(_, why)| why.as_str())
    }
}

/// The same limit as for revocation lists; lists of an office are valid for a day.
const LONGEST: i64 = 40 * DAY;
