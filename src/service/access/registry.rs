//! Registration of clients by administrators. Every change names its author in the journal.

use std::sync::{Arc, PoisonError};

use serde_json::Value;

use super::Office;
use crate::base::actor::Actor;
use crate::base::entropy::draw;
use crate::domain::access::{BadClient, Client, ClientKey, ClientName, Kinds, Scope, Verb};
use crate::store::{Collection, EventKind, Record, StoreError, Transaction};

/// A new client, as an administrator enters it.
#[derive(Clone, Debug)]
pub struct NewClient<'a> {
    /// Name of the client, unique in the office.
    pub name: &'a str,
    /// Slug of its department.
    pub department: &'a str,
    /// Rights, each a verb with licence types.
    pub scopes: Vec<Scope>,
    /// Purposes for which it may request data.
    pub purposes: Vec<String>,
    /// Its first public key, as a JWK.
    pub key: &'a Value,
}

/// Why a registration was not changed; nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The input breaks a rule of registrations.
    #[error(transparent)]
    Bad(#[from] BadClient),
    /// A client of this name exists.
    #[error("a client named {0:?} is registered already; `yinzheng client rotate` changes its key")]
    Known(String),
    /// No client has this name.
    #[error("no client is named {0:?}; `yinzheng client list` shows those that there are")]
    Unknown(String),
    /// Reading or writing the store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Office {
    /// Registers a client. On `Ok` it is durable.
    pub fn add_client(&self, new: NewClient<'_>, actor: &Actor) -> Result<Client, RegistryError> {
        let _gate = self.access.gate.write().unwrap_or_else(PoisonError::into_inner);
        self.check_reach(new.department, &new.scopes)?;
        let key = ClientKey::parse(new.key)?;
        let NewClient { name, department, scopes, purposes, .. } = new;
        let client = Client::new(name, department, scopes, purposes, key, self.now())?;
        match self.write(&client, 1, actor) {
            Err(StoreError::Changed(_)) => Err(RegistryError::Known(name.to_owned())),
            written => Ok(written.map(|()| client)?),
        }
    }

    /// Adds another key to a client; its present keys are accepted for `overlap` more seconds.
    pub fn rotate_client(
        &self,
        name: &str,
        key: &Value,
        overlap: i64,
        actor: &Actor,
    ) -> Result<Client, RegistryError> {
        let key = ClientKey::parse(key)?;
        let now = self.now();
        self.change_client(name, actor, |client| client.rotate(key, now, now.plus(overlap)))
    }

    /// Changes the rights or purposes of a client; `None` leaves them unchanged. A token with a
    /// right that the client lost ends at once.
    pub fn change_rights(
        &self,
        name: &str,
        scopes: Option<Vec<Scope>>,
        purposes: Option<Vec<String>>,
        actor: &Actor,
    ) -> Result<Client, RegistryError> {
        self.change_client(name, actor, |client| {
            client.change(scopes, purposes)?;
            self.check_reach(&client.department, &client.scopes)
        })
    }

    /// Accepts a disabled client again, with the keys that it had. Its earlier tokens stay ended.
    pub fn enable_client(&self, name: &str, actor: &Actor) -> Result<Client, RegistryError> {
        let now = self.now();
        self.change_client(name, actor, |client| {
            if !client.disabled {
                let name = &client.name;
                return Err(BadClient::new(
                    format!("{name} 没有停用"),
                    format!("{name} is not disabled"),
                ));
            }
            client.disabled = false;
            if client.accepted_keys(now).next().is_none() {
                return Err(BadClient::new(
                    "它的密钥均已失效；请先用 `yinzheng client rotate` 给它一把",
                    "none of its keys is accepted any more; give it one with `yinzheng client rotate` first",
                ));
            }
            Ok(())
        })
    }

    /// Disables a client: its requests are refused, and its tokens end.
    pub fn disable_client(&self, name: &str, actor: &Actor) -> Result<Client, RegistryError> {
        self.change_client(name, actor, |client| {
            client.disabled = true;
            Ok(())
        })
    }

    /// The client with this name.
    pub fn client(&self, name: &str) -> Result<Client, RegistryError> {
        let unknown = || RegistryError::Unknown(name.to_owned());
        let name = ClientName::parse(name).ok_or_else(unknown)?;
        self.registered_now(&name).map(|client| Client::clone(&client)).ok_or_else(unknown)
    }

    /// Clients in the order of their names, after `after`.
    pub fn clients(&self, after: &str, limit: usize) -> Result<Vec<Client>, StoreError> {
        self.store()
            .reader()
            .entries(Collection::Client, after, limit)?
            .iter()
            .map(Record::read)
            .collect()
    }

    /// The present registration of a client.
    pub(in crate::service) fn registered_now(&self, name: &ClientName) -> Option<Arc<Client>> {
        let clients = self.access.clients.read().unwrap_or_else(PoisonError::into_inner);
        clients.get(name).map(Arc::clone)
    }

    /// A registration and its revision.
    pub(super) fn registered(
        &self,
        name: &ClientName,
    ) -> Result<Option<(Client, u64)>, StoreError> {
        let entry = self.store().reader().entry(Collection::Client, name.as_str())?;
        entry.map(|entry| Ok((entry.read()?, entry.revision))).transpose()
    }

    fn change_client(
        &self,
        name: &str,
        actor: &Actor,
        change: impl FnOnce(&mut Client) -> Result<(), BadClient>,
    ) -> Result<Client, RegistryError> {
        let _gate = self.access.gate.write().unwrap_or_else(PoisonError::into_inner);
        let unknown = || RegistryError::Unknown(name.to_owned());
        let name = ClientName::parse(name).ok_or_else(unknown)?;
        let (mut client, revision) = self.registered(&name)?.ok_or_else(unknown)?;
        change(&mut client)?;
        let written = self.write(&client, revision.saturating_add(1), actor);
        if !matches!(written, Ok(()) | Err(StoreError::Changed(_) | StoreError::Taken(_))) {
            // The change may be durable nevertheless. Until the office restarts the client is
            // treated as disabled, the safe outcome for an administrator who disables it.
            client.disabled = true;
            self.keep(&client);
            self.access.memory().registration_changed(&client, self.now());
        }
        written?;
        self.access.memory().registration_changed(&client, self.now());
        Ok(client)
    }

    fn write(&self, client: &Client, revision: u64, actor: &Actor) -> Result<(), StoreError> {
        let blinding = draw(&*self.parts.entropy);
        let mut act = Transaction::new(EventKind::Registered, actor.clone(), self.now(), blinding);
        let key = client.name.to_string();
        act.entries.push(Record::new(Collection::Client, key, revision, client)?);
        self.store().commit(act)?;
        self.keep(client);
        Ok(())
    }

    /// Updates the registration in memory. The caller holds the gate exclusively, so that memory
    /// has the last one stored.
    fn keep(&self, client: &Client) {
        let mut clients = self.access.clients.write().unwrap_or_else(PoisonError::into_inner);
        clients.insert(client.name.clone(), Arc::new(client.clone()));
    }

    /// Refuses a right that covers nothing: its types must exist, and for acts be those of the
    /// department.
    fn check_reach(&self, department: &str, scopes: &[Scope]) -> Result<(), BadClient> {
        let departments = &self.profile().departments;
        let department = departments.get(department).ok_or_else(|| {
            let known: Vec<_> = departments.keys().map(String::as_str).collect();
            BadClient::new(
                format!("没有部门 {department:?}，可选：{}", known.join("、")),
                format!("no department {department:?}; one of: {}", known.join(", ")),
            )
        })?;
        for scope in scopes {
            let Kinds::One(slug) = &scope.kinds else { continue };
            let elsewhere = matches!(scope.verb, Verb::Query | Verb::Feed | Verb::Consent);
            let mut known = self.types().iter().map(|kind| &kind.slug);
            if !(department.types.contains(slug) || elsewhere && known.any(|one| one == slug)) {
                let own = &department.slug;
                return Err(BadClient::new(
                    format!("权限 {scope} 不起作用：部门 {own} 没有证照类型 {slug:?}"),
                    format!(
                        "the right {scope} reaches nothing: the department {own} has no type {slug:?}"
                    ),
                ));
            }
        }
        Ok(())
    }
}
