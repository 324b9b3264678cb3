//! Checks of the keys that sign a message.
#![expect(clippy::unwrap_used, reason = "a failed helper is a failed test")]

use yinzheng::base::actor::Actor;
use yinzheng::domain::webhooks::{HookKey, Overlap};
use yinzheng::service::keys::Keys;
use yinzheng::service::office::Office;
use yinzheng::service::webhooks::{Message, NotReplaced, Replaced, signature};

pub(crate) fn replace(office: &Office, overlap: u32) -> Result<Replaced, NotReplaced> {
    let overlap = Overlap::try_from(overlap).unwrap();
    office.replace_webhook_key(overlap, &Actor::LocalOperator)
}

pub(crate) fn message() -> Message {
    Message { id: "msg_1".to_owned(), body: "{}".to_owned(), next: 0 }
}

/// Whether exactly these keys sign now, in this order.
pub(crate) fn is_signed_by(office: &Office, keys: &dyn Keys, by: &[HookKey]) -> bool {
    let now = office.now();
    let one = |key: &HookKey| {
        let signer = keys.webhook_signer_of(key).unwrap();
        signature(&*signer, "msg_1", now, "{}").unwrap()
    };
    let wanted = by.iter().map(one).collect::<Vec<_>>().join(" ");
    office.sign_message(&message(), now).unwrap().signature == wanted
}
