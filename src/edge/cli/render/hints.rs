//! Which option gives what a finding misses. The words of a finding name none: they stand on pages and
//! on paper as well.

use crate::base::localized::Localized;

pub(super) fn of(code: &str) -> Option<Localized> {
    let (zh, en) = match code {
        "status_unknown" | "status_other_time" => (
            "可用 --status LIST.jwt 提供覆盖该时间的状态列表",
            "Give a list that speaks for the time in question with --status LIST.jwt",
        ),
        "no_revocation_data" | "revocation_data_other_time" => {
            ("可用 --crl 或 --ocsp 提供吊销信息", "Give revocation data with --crl or --ocsp")
        }
        "key_binding_not_compared" => (
            "可用 --nonce 和 --aud 给出本次请求的随机数和对象",
            "Give nonce and recipient of the request with --nonce and --aud",
        ),
        "unknown_issuer" => (
            "核对其根证书的指纹后可用 --trust ROOT.pem 信任它",
            "Compare the fingerprint of its root, then trust it with --trust ROOT.pem",
        ),
        "log_key_unknown" => {
            ("核对之后可用 --log-key KEY 指定", "Once it was compared, name it with --log-key KEY")
        }
        _ => return None,
    };
    Some(Localized::new(zh, en))
}
