"""Signature messages and time stamps, every part of which can be another."""
import hashlib
from datetime import datetime

from asn1crypto import core
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding

from .pki import UTC


def der(tag, *parts):
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + body


def oid(dotted):
    return core.ObjectIdentifier(dotted).dump()


DATA, SIGNED = "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2"
TST_INFO = "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
SIGNING_TIME, TIMESTAMP = "1.2.840.113549.1.9.5", "1.2.840.113549.1.9.16.2.14"
CERTIFICATE_V1, CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47"
DIGESTS = {
    "sha256": "2.16.840.1.101.3.4.2.1", "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3", "sha1": "1.3.14.3.2.26", "md5": "1.2.840.113549.2.5",
}
HASHES = {
    "sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512, "sha1": hashes.SHA1,
    "md5": hashes.MD5,
}
ECDSA = {"sha256": "1.2.840.10045.4.3.2", "sha384": "1.2.840.10045.4.3.3", "sha1": "1.2.840.10045.4.1"}
RSA = {
    "sha256": "1.2.840.113549.1.1.11", "sha384": "1.2.840.113549.1.1.12", "sha512": "1.2.840.113549.1.1.13",
    "sha1": "1.2.840.113549.1.1.5", "md5": "1.2.840.113549.1.1.4",
}


def attribute(kind, *values):
    return der(0x30, oid(kind), der(0x31, *values))


def octets(data):
    return der(0x04, data)


def algorithm(dotted, null=False):
    return der(0x30, oid(dotted), b"\x05\x00" if null else b"")


def signing_certificate(entity):
    return attribute(CERTIFICATE_V2, der(0x30, der(0x30, der(0x30, octets(hashlib.sha256(entity.der).digest())))))


def usual_attributes(entity, digest, content=DATA):
    found = [attribute(CONTENT_TYPE, oid(content)), attribute(MESSAGE_DIGEST, octets(digest))]
    return found + [signing_certificate(entity)]


def sign_bytes(key, data, md="sha256"):
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return algorithm(ECDSA[md]), key.sign(data, ec.ECDSA(HASHES[md]()))
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return algorithm("1.3.101.112"), key.sign(data)
    return algorithm(RSA[md], null=True), key.sign(data, padding.PKCS1v15(), HASHES[md]())


def signer_info(
    entity, digest, *, attributes=None, md="sha256", key=None, sort=True, unsigned=(), identifier=None,
    over=None, written_attributes=None,
):
    """One SignerInfo. `over` is signed in place of the attributes; `written_attributes` are shown instead.

    `unsigned` may be made from the signature value.
    """
    attributes = usual_attributes(entity, digest) if attributes is None else attributes
    attributes = sorted(attributes) if sort else attributes
    shown = attributes if written_attributes is None else written_attributes
    signed = over if over is not None else der(0x31, *attributes)
    signature_algorithm, value = sign_bytes(key or entity.key, signed, md)
    if callable(unsigned):
        unsigned = unsigned(value)
    if identifier is None:
        issuer = entity.cert.issuer.public_bytes()
        identifier = der(0x30, issuer, core.Integer(entity.cert.serial_number).dump())
    version = 1 if identifier[0] == 0x30 else 3
    return der(
        0x30, core.Integer(version).dump(), identifier, algorithm(DIGESTS[md]),
        der(0xA0, *shown) if shown else b"", signature_algorithm, octets(value),
        der(0xA1, *sorted(unsigned)) if unsigned else b"",
    )


def cms(
    entity, digest, *, infos=None, certificates=None, content=DATA, inner=None, md="sha256", outer=SIGNED,
    version=1, crls=(), **more,
):
    """A detached message over `digest`; every part can be another."""
    infos = [signer_info(entity, digest, md=md, **more)] if infos is None else infos
    pool = [one.der for one in entity.pool()] if certificates is None else certificates
    inner = der(0x30, oid(content), der(0xA0, octets(inner)) if inner is not None else b"")
    signed = der(
        0x30, core.Integer(version).dump(), der(0x31, algorithm(DIGESTS[md])), inner,
        der(0xA0, *pool) if pool else b"", der(0xA1, *crls) if crls else b"", der(0x31, *infos),
    )
    return der(0x30, oid(outer), der(0xA0, signed))


def timestamp(tsa, imprint, *, at="20260601120500Z", md="sha256", serial=7, **more):
    """A time-stamp token over a digest (RFC 3161)."""
    when = core.GeneralizedTime(datetime.strptime(at, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)).dump()
    info = der(
        0x30, core.Integer(1).dump(), oid("1.3.6.1.4.1.99999.1"),
        der(0x30, algorithm(DIGESTS[md]), octets(imprint)), core.Integer(serial).dump(), when,
    )
    digest = hashlib.sha256(info).digest()
    attributes = usual_attributes(tsa, digest, TST_INFO)
    return cms(tsa, digest, attributes=attributes, content=TST_INFO, inner=info, version=3, **more)


def timestamp_attribute(token):
    return attribute(TIMESTAMP, token)
