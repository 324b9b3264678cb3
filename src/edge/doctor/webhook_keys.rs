//! The keys that sign webhooks, since the first of them was replaced, and what is left of those before.

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use super::Doctor;
use crate::domain::access::{Ending, HookKey, HookKeys};
use crate::edge::keys::KeyFolder;
use crate::service::keys::KeyName;

impl Doctor {
    pub(super) fn webhook_keys(&mut self, keys: &KeyFolder, replaced: Option<&HookKeys>) {
        let mut sign = Vec::new();
        if let Some(HookKeys { key, .. }) = replaced {
            let path = keys.path(&KeyName::LaterWebhook(*key));
            if !path.exists() {
                self.present_is_missing(key);
            }
            sign.push(path);
        }
        if let Some(ending) = replaced.and_then(|keys| keys.before(self.now)) {
            let path = keys.webhook_path(&ending.key);
            if !path.exists() {
                self.before_is_missing(&ending);
            }
            sign.push(path);
        }
        let mut all = keys.later_webhook_paths().unwrap_or_default();
        for path in &all {
            let mode = fs::metadata(path).map_or(0, |data| data.mode() & 0o777);
            if mode & 0o077 != 0 {
                self.too_open(path, mode);
            }
        }
        // As long as none was replaced the first one signs.
        let first = keys.path(&KeyName::Webhook);
        all.extend((replaced.is_some() && first.exists()).then_some(first));
        for path in all.iter().filter(|path| !sign.contains(path)) {
            let place = path.display();
            self.warning(
                format!("密钥 {place} 不用于签署任何通知；请移走"),
                format!("the key {place} signs no webhooks; take it away"),
            );
        }
    }

    fn present_is_missing(&mut self, key: &HookKey) {
        self.fault(
            format!(
                "通知签名密钥 {key} 缺失，暂不推送变动通知；请从备份恢复，或用 yinzheng destination \
                 new-key --overlap 0 更换"
            ),
            format!(
                "the key {key} that signs webhooks is missing, so nothing is sent; restore it from a \
                 backup, or replace it with `yinzheng destination new-key --overlap 0`"
            ),
        );
    }

    fn before_is_missing(&mut self, ending: &Ending) {
        let Ending { key, until } = ending;
        self.warning(
            format!(
                "通知签名旧密钥 {key} 缺失，应并行签名至 {}；请从备份恢复，否则只认旧密钥的接收方会拒收",
                until.to_china_minutes()
            ),
            format!(
                "the key {key} that should sign webhooks until {until} is missing; restore it from a \
                 backup: receivers that know no other refuse what comes"
            ),
        );
    }
}
