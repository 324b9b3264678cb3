//! What is said of a credential, and of its holder's signature.

use super::Code;

pub(crate) const CREDENTIAL_MISMATCH: Code = Code(
    "credential_mismatch",
    "附带的数据凭证与证照不符",
    "The attached credential does not fit the licence",
);

pub(crate) const CREDENTIAL_REFUSED: Code =
    Code("credential_refused", "凭证未通过验证", "The credential does not check");

pub(crate) const UNSUPPORTED_CREDENTIAL: Code = Code(
    "unsupported_credential",
    "这种凭证的写法不是本程序核验的",
    "The credential is written in a way that this program does not check",
);

pub(crate) const CREDENTIAL_ACCOUNT: Code = Code(
    "credential_account",
    "凭证的签名、证书、时间和披露项",
    "Signature, certificates, times and disclosures",
);

pub(crate) const CREDENTIAL_SIGNER_REVOKED: Code = Code(
    "credential_signer_revoked",
    "签发凭证的证书已被吊销",
    "The certificate that signed the credential was revoked",
);

pub(crate) const DEFINITION_MISMATCH: Code = Code(
    "definition_mismatch",
    "凭证所依据的证照类型定义与签发机关公布的不同",
    "The credential holds on to another definition of its type than its issuer has",
);

pub(crate) const KEY_BINDING_MISSING: Code = Code(
    "key_binding_missing",
    "没有持证人对本次请求的签名，出示者可能只有一份副本",
    "The holder did not sign this request: whoever shows it may have a copy only",
);

pub(crate) const KEY_BINDING_REPLAYED: Code = Code(
    "key_binding_replayed",
    "持证人的签名是为另一次请求、另一个对象、另一时间或另一份内容而作的，不能用在这里",
    "The holder signed for another request, recipient, time or contents: it does not count here",
);

pub(crate) const KEY_BINDING_REFUSED: Code =
    Code("key_binding_refused", "持证人的签名不成立", "The holder's signature does not hold");

pub(crate) const KEY_BINDING_NOT_COMPARED: Code = Code(
    "key_binding_not_compared",
    "持证人的签名成立，但没有给出随机数和对象，未与本次请求比对",
    "The holder's signature holds, but no nonce and recipient were given to compare it with",
);

pub(crate) const KEY_BINDING_NOT_SHOWN: Code = Code(
    "key_binding_not_shown",
    "凭证绑定了持证人的密钥，但出示者没有证明自己持有它；请核对持证人本人",
    "The credential is bound to its holder's key, but nobody showed that he has it; check the person",
);

pub(crate) const KEY_BINDING_ACCOUNT: Code = Code(
    "key_binding_account",
    "持证人签名的密钥、摘要和时间",
    "Key, digest and time of the holder's signature",
);
