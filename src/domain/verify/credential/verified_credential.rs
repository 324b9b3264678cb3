//! A credential that is verified in full once, and presented in part many times.

use crate::base::ids::LicenceId;
use crate::base::limits::Budget;
use crate::domain::trust::{self, Material, Usage};
use crate::domain::verify::context::Context;
use crate::domain::verify::credential::{self, CredentialError, Times, Use};
use crate::format::jose::sdjwt;
use crate::format::x509::Certificate;

/// A verified holder credential with all of its disclosures.
///
/// Signature, digests, claims and entitlement depend on its bytes only and remain valid. Expiry and
/// path depend on time, and are checked again by [`VerifiedCredential::show`].
#[derive(Clone, Debug)]
pub struct VerifiedCredential {
    id: LicenceId,
    token: String,
    /// Names of claims, and the disclosures as they were issued.
    disclosures: Vec<(String, String)>,
    signer: Certificate,
    pool: Material,
    times: Times,
}

/// A part of a credential that is valid at this instant.
#[derive(Clone, Debug)]
pub struct Shown<'a> {
    /// The compact form, without a key binding token.
    pub credential: String,
    /// Names of the claims that it discloses.
    pub disclosed: Vec<&'a str>,
}

impl VerifiedCredential {
    /// Checks a whole credential.
    pub fn check(
        text: &str,
        context: &Context<'_>,
        budget: &mut Budget,
    ) -> Result<Self, CredentialError> {
        let valid = credential::authenticate(text, Use::Presentation, context, budget)?;
        let (token, disclosures) = sdjwt::split(text);
        let (names, _) = valid.disclosures();
        let disclosures = names.iter().cloned().zip(disclosures.map(str::to_owned)).collect();
        Ok(Self {
            id: valid.claims().id.clone(),
            token: token.to_owned(),
            disclosures,
            signer: valid.signer().clone(),
            pool: Material::of(valid.path().chain()),
            times: valid.times(),
        })
    }

    /// Identifier of the licence.
    pub fn id(&self) -> &LicenceId {
        &self.id
    }

    /// The credential with only the claims in `keep`, as a holder presents a part. Refused when the
    /// credential has expired or its signer is no longer trusted.
    pub fn show(
        &self,
        keep: &dyn Fn(&str) -> bool,
        context: &Context<'_>,
        budget: &mut Budget,
    ) -> Result<Shown<'_>, CredentialError> {
        self.times.is_not_over(context.now)?;
        let Context { trust, now, cache, .. } = *context;
        let asked = context.asked(now);
        trust::build(&self.signer, &self.pool, trust, Usage::Token, asked, budget, cache)?;
        let mut credential = format!("{}~", self.token);
        let mut disclosed = Vec::new();
        for (name, disclosure) in self.disclosures.iter().filter(|(name, _)| keep(name)) {
            credential.push_str(disclosure);
            credential.push('~');
            disclosed.push(name.as_str());
        }
        Ok(Shown { credential, disclosed })
    }
}
