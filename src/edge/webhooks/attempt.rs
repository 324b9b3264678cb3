//! One attempt to deliver a message.

use super::send::{Route, SendError, WebhookResponse, post};
use crate::base::limits::Delivering;
use crate::domain::access::Destination;
use crate::edge::outgoing::{BadRoots, trusting};
use crate::service::office::Office;
use crate::service::webhooks::{HookError, Message};
use rustls::ClientConfig;
use std::sync::{Arc, OnceLock};

/// Why an attempt has no answer.
#[derive(Debug, thiserror::Error)]
pub enum AttemptError {
    /// The message cannot be signed.
    #[error(transparent)]
    Hook(#[from] HookError),
    /// The trusted roots cannot be used.
    #[error("TLS: {0}")]
    Roots(#[from] BadRoots),
    /// Connection, TLS or HTTP failed.
    #[error(transparent)]
    Send(#[from] SendError),
}

/// Makes one attempt.
pub fn attempt(
    office: &Office,
    destination: &Destination,
    parcel: &Message,
    bounds: &Delivering,
) -> Result<WebhookResponse, AttemptError> {
    let stamp = office.sign_message(parcel, office.now())?;
    if let Some(reason) = &stamp.lacks {
        let destination = destination.name.as_str();
        tracing::warn!(
            destination,
            reason,
            "the key before did not sign; who has no other refuses"
        );
    }
    let trust = match &destination.roots {
        Some(pem) => trusting(Some(pem.as_bytes()))?,
        None => system_roots()?,
    };
    let listed = &office.profile().private_destinations;
    let route = Route { url: &destination.url, trust: &trust, listed };
    Ok(post(&route, parcel, &stamp, bounds)?)
}

/// Read once: a bundle has some 140 certificates.
fn system_roots() -> Result<Arc<ClientConfig>, BadRoots> {
    static ROOTS: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(known) = ROOTS.get() {
        return Ok(Arc::clone(known));
    }
    let read = trusting(None)?;
    Ok(Arc::clone(ROOTS.get_or_init(|| read)))
}
