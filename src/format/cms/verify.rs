//! Verification of a message with a certificate: whether it is the signer's, and whether its key
//! signed.

use super::binding::CertificateId;
use super::read::SignedData;
use super::{BadCms, Binding};
use crate::base::digest::Midstate;
use crate::base::limits::{Budget, Purse};
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::verify::{self, BadSignature, Form, SignatureValid};
use crate::format::der;
use crate::format::x509::{Certificate, Unsupported};

/// Proof that the message names this certificate and that its key signed: the attributes, or
/// without them the content.
#[derive(Clone, Debug)]
pub struct CmsValid {
    signature: SignatureValid,
    binding: Binding,
    over_content: bool,
    as_written: bool,
    begun: Option<Midstate>,
}

impl CmsValid {
    /// The verified signature.
    pub fn signature(&self) -> SignatureValid {
        self.signature
    }

    /// How the certificate is bound to the signature.
    pub fn binding(&self) -> Binding {
        self.binding
    }

    /// Whether signing-certificate-v2 bound the certificate, as CAdES demands.
    pub fn is_bound(&self) -> bool {
        self.binding == Binding::V2
    }

    /// Whether the message names its signer with exactly the bytes of the certificate. That part of
    /// a message is not signed, and other spellings of a name are the same name.
    pub fn names_as_written(&self) -> bool {
        self.as_written
    }

    /// Whether the content was present and is what was signed: true for results of
    /// [`SignedData::verify_over`].
    pub fn is_over_content(&self) -> bool {
        self.over_content
    }

    /// SHA-256 of the first part of the content, when that was hashed.
    pub fn begun(&self) -> Option<&Midstate> {
        self.begun.as_ref()
    }
}

impl SignedData {
    /// Whether the signed attributes name the digest of this content, given in parts. Always false
    /// without signed attributes, which only [`Self::verify_over`] can check.
    pub fn covers(&self, content: &[&[u8]]) -> bool {
        self.message_digest().is_some_and(|digest| digest == self.digest.digest(content))
    }

    /// Checks the binding of the certificate and the signature over the signed attributes. The
    /// digest of the content is not part of it: see [`Self::covers`].
    pub fn verify(&self, signer: &Certificate, budget: &mut Budget) -> Result<CmsValid, BadCms> {
        let attributes =
            self.attributes.as_ref().ok_or(BadCms::Rule("the signed attributes are missing"))?;
        let signature = self.check(signer, &attributes.signed, budget)?;
        let (binding, as_written) = (self.binding(), self.names_as_written(signer));
        Ok(CmsValid { signature, binding, over_content: false, as_written, begun: None })
    }

    /// Checks binding, signature and content digest; the content is given in parts. Also works
    /// without signed attributes, which RFC 5652, 5.4 allows for `id-data`.
    pub fn verify_over(
        &self,
        signer: &Certificate,
        content: &[&[u8]],
        budget: &mut Budget,
    ) -> Result<CmsValid, BadCms> {
        let mut begun = None;
        let signature = match &self.attributes {
            Some(attributes) => {
                let digest = match (self.digest, content) {
                    (DigestAlgorithm::Sha256, [first, second]) => {
                        begun.insert(Midstate::of(first)).then(second).as_bytes().to_vec()
                    }
                    (algorithm, content) => algorithm.digest(content),
                };
                if self.message_digest() != Some(&digest) {
                    return Err(BadCms::Digest);
                }
                self.check(signer, &attributes.signed, budget)?
            }
            None => {
                let content = content.concat();
                // Content that parses as a set of attributes may have been signed as one.
                if content.first() == Some(&der::SET) {
                    return Err(BadCms::Rule("the content looks like signed attributes"));
                }
                self.check(signer, &content, budget)?
            }
        };
        let (binding, as_written) = (self.binding(), self.names_as_written(signer));
        Ok(CmsValid { signature, binding, over_content: true, as_written, begun })
    }

    fn binding(&self) -> Binding {
        let bindings = self.attributes.iter().flat_map(|attributes| &attributes.bindings);
        bindings.map(CertificateId::version).max().unwrap_or(Binding::None)
    }

    fn check(
        &self,
        signer: &Certificate,
        signed: &[u8],
        budget: &mut Budget,
    ) -> Result<SignatureValid, BadCms> {
        if !self.names(signer) {
            return Err(BadCms::Rule("the signer is another certificate"));
        }
        if !self.binds(signer) {
            return Err(BadCms::Rule("the signature is bound to another certificate"));
        }
        let key = signer.known_key().map_err(Clone::clone)?;
        let scheme = self.scheme.clone()?;
        let misfit = BadCms::Rule("the signer's key does not fit the signature algorithm");
        let algorithm = scheme.with(key.kind()).ok_or_else(|| misfit.clone())?;
        budget.pay(Purse::SignatureChecks, key.kind().checks(), "signature checks")?;
        verify::verify(algorithm, Form::Der, key, signed, &self.signature).map_err(|error| {
            match error {
                BadSignature::Unsupported => {
                    BadCms::Algorithm(Unsupported::form(&algorithm.to_string()))
                }
                BadSignature::WrongKey => misfit,
                BadSignature::Mismatch => BadCms::Mismatch,
            }
        })
    }
}
