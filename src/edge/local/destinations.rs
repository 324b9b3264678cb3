//! The operator's acts on destinations of webhooks.

use serde::{Deserialize, Serialize};

use super::answers::{
    DestinationAnswer, DestinationState, DestinationsAnswer, LocalAnswer, ReceiverKeys, TestAnswer,
    answered, done, failed, refused,
};
use crate::base::actor::Actor;
use crate::base::limits::Delivering;
use crate::base::localized::{Bilingual as _, Localized};
use crate::domain::webhooks::{Overlap, Turn};
use crate::edge::outbound::trusting;
use crate::edge::webhooks;
use crate::service::office::Office;
use crate::service::webhooks::{NewDestination, Registered};

/// Requests of the operator about clients.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum DestinationAct {
    /// Register a destination.
    Add {
        /// Name of the new destination.
        name: String,
        /// The client whose rights decide what it receives.
        client: String,
        /// The `https` address of the receiver.
        url: String,
        /// Roots in PEM that alone are trusted there.
        roots: Option<String>,
    },
    /// List the destinations, and the keys.
    List,
    /// Replace the present key.
    NewKey {
        /// Days for which both sign.
        overlap: Overlap,
    },
    /// Pause a destination.
    Pause {
        /// Name of the destination.
        name: String,
    },
    /// Resume a destination.
    Resume {
        /// Name of the destination.
        name: String,
    },
    /// Remove a destination permanently.
    Remove {
        /// Name of the destination.
        name: String,
    },
    /// Send a message without changes, once.
    Test {
        /// Name of the destination.
        name: String,
    },
}

/// Runs the request.
pub(super) fn perform(office: &Office, act: DestinationAct) -> LocalAnswer {
    let actor = &Actor::LocalOperator;
    let changed = match act {
        DestinationAct::Add { name, client, url, roots } => {
            // Checked before it is stored: later nobody would be there to correct it.
            if let Some(Err(error)) = roots.as_deref().map(|pem| trusting(Some(pem.as_bytes()))) {
                let Localized { zh, en } = error.both();
                return refused(Localized::new(
                    format!("根证书：{zh}"),
                    format!("the roots: {en}"),
                ));
            }
            let roots = roots.as_deref();
            let (name, client, url) = (name.as_str(), client.as_str(), url.as_str());
            office.add_destination(NewDestination { name, client, url, roots }, actor)
        }
        DestinationAct::Pause { name } => office.turn_destination(&name, Turn::Pause, actor),
        DestinationAct::Resume { name } => office.turn_destination(&name, Turn::Resume, actor),
        DestinationAct::Remove { name } => office.turn_destination(&name, Turn::Remove, actor),
        DestinationAct::List => {
            let all = match office.destinations() {
                Ok(all) => all,
                Err(error) => return failed(&error),
            };
            // On disk the position may be behind by events that gave no message.
            let deliveries = office.deliveries();
            let told = |one: &Registered| {
                let known = deliveries.get(one.destination.name.as_str());
                known.map_or(one.destination.first, |health| health.next)
            };
            let told = |one: Registered| DestinationState {
                told: told(&one),
                destination: one.destination,
            };
            let destinations = all.into_iter().map(told).collect();
            let events = office.store().head().0;
            return done(DestinationsAnswer { destinations, events, keys: keys(office) });
        }
        DestinationAct::NewKey { overlap } => {
            return answered(office.replace_webhook_key(overlap, actor));
        }
        DestinationAct::Test { name } => return try_out(office, &name),
    };
    match changed {
        Ok(destination) => done(DestinationAnswer { destination, keys: keys(office) }),
        Err(error) => failed(&error),
    }
}

/// The public key for receivers, and the one before as long as it signs.
fn keys(office: &Office) -> ReceiverKeys {
    let keys = office.webhook_keys().ok();
    ReceiverKeys {
        key: keys.map(|keys| keys.key),
        key_before: keys.and_then(|keys| keys.before(office.now())),
    }
}

fn try_out(office: &Office, name: &str) -> LocalAnswer {
    let destination = match office.destination(name) {
        Ok(found) => found.destination,
        Err(error) => return failed(&error),
    };
    let parcel = office.try_out(&destination);
    match webhooks::attempt(office, &destination, &parcel, &Delivering::default()) {
        Ok(said) if said.arrived() => {
            done(TestAnswer { id: parcel.id.clone(), status: said.status })
        }
        Ok(said) => {
            let (url, status) = (&destination.url, said.status);
            refused(Localized::new(
                format!("{url}：对方答复状态 {status}；应为 200 至 299，且不跟随重定向"),
                format!(
                    "{url}: answered with status {status}; 200 to 299 is wanted, and redirects are not \
                     followed"
                ),
            ))
        }
        Err(error) => {
            let (url, Localized { zh, en }) = (&destination.url, error.both());
            // It may quote the receiver.
            let plain = |text: String| text.replace(char::is_control, "");
            refused(Localized::new(plain(format!("{url}：{zh}")), plain(format!("{url}: {en}"))))
        }
    }
}
