//! One attempt to deliver a message.

use super::send::{WebhookResponse, post};
use crate::base::limits::Delivering;
use crate::domain::webhooks::Destination;
use crate::edge::outbound::{BadTls, OutboundError, Permitted, Server, Url, trusting};
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
    Roots(#[from] BadTls),
    /// Connection, TLS or HTTP failed.
    #[error(transparent)]
    Send(#[from] OutboundError),
}

/// Makes one attempt.
pub fn attempt(
    office: &Office,
    destination: &Destination,
    message: &Message,
    bounds: &Delivering,
) -> Result<WebhookResponse, AttemptError> {
    let headers = office.sign_message(message, office.now())?;
    if let Some(reason) = &headers.lacks {
        let destination = destination.name.as_str();
        tracing::warn!(
            destination,
            reason,
            "the key before did not sign; who has no other refuses"
        );
    }
    let tls = match &destination.roots {
        Some(pem) => trusting(Some(pem.as_bytes()))?,
        None => system_roots()?,
    };
    let listed = &office.profile().private_destinations;
    let url = Url::from(&destination.url);
    let server = Server { url, permitted: Permitted::Public(listed), tls: Some(tls) };
    Ok(post(&server, message, &headers, bounds)?)
}

/// Read once: a bundle has some 140 certificates.
fn system_roots() -> Result<Arc<ClientConfig>, BadTls> {
    static ROOTS: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(known) = ROOTS.get() {
        return Ok(Arc::clone(known));
    }
    let read = trusting(None)?;
    Ok(Arc::clone(ROOTS.get_or_init(|| read)))
}
