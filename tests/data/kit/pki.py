"""Keys, certificates, revocation lists and OCSP answers."""
from datetime import datetime, timezone

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID as EKU
from cryptography.x509.oid import NameOID, ObjectIdentifier

UTC = timezone.utc
DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")


def day(text):
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)


def new_key(kind="p256"):
    if kind.startswith("rsa"):
        return rsa.generate_private_key(public_exponent=65537, key_size=int(kind[3:]))
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key({"p256": ec.SECP256R1, "p384": ec.SECP384R1, "p521": ec.SECP521R1}[kind]())


class Entity:
    """A certificate, its key, and the certificates above it."""

    def __init__(self, cert, key, chain):
        self.cert, self.key, self.chain = cert, key, chain
        self.der = cert.public_bytes(serialization.Encoding.DER)

    @property
    def asn1(self):
        return asn1_x509.Certificate.load(self.der)

    @property
    def asn1_key(self):
        der = self.key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return asn1_keys.PrivateKeyInfo.load(der)

    @property
    def pem(self):
        return self.cert.public_bytes(serialization.Encoding.PEM).decode()

    def pool(self):
        """Itself and what is above it, without the root."""
        return [self] + [one for one in self.chain if one.cert.issuer != one.cert.subject]


def name(common, country="ZZ", organisation="Example Synthetic"):
    attributes = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, country),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
        x509.NameAttribute(NameOID.COMMON_NAME, common),
    ]
    return x509.Name(attributes)


KU_NAMES = [
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
    "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
]


def key_usage(*names):
    return x509.KeyUsage(**{one: one in names for one in KU_NAMES})


def certify(
    common, issuer=None, *, key=None, subject=None, ca=False, path_length=None, start="2026-01-01",
    end="2036-01-01", usage=None, purposes=None, purposes_critical=False, more=(), serial=None,
):
    """A certificate under `issuer`, or a root. `usage` and `purposes` of `()` leave the extension out."""
    key = key or new_key()
    subject = subject or name(common)
    parent_key = issuer.key if issuer else key
    if usage is None:
        usage = ("key_cert_sign", "crl_sign") if ca else ("digital_signature", "content_commitment")
    if purposes is None:
        purposes = () if ca else (DOCUMENT_SIGNING, EKU.EMAIL_PROTECTION)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.cert.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(day(start))
        .not_valid_after(day(end))
    )
    if ca is not None:
        constraints = x509.BasicConstraints(ca=ca, path_length=path_length)
        builder = builder.add_extension(constraints, critical=True)
    if usage:
        builder = builder.add_extension(key_usage(*usage), critical=True)
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=purposes_critical)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    builder = builder.add_extension(identifier, critical=False)
    if issuer:
        above = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
        builder = builder.add_extension(above, critical=False)
    for extension, critical in more:
        builder = builder.add_extension(extension, critical=critical)
    digest = None if isinstance(parent_key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    cert = builder.sign(parent_key, digest)
    return Entity(cert, key, [issuer] + issuer.chain if issuer else [])


def crl(issuer, revoked=(), *, at="2026-03-01", until="2036-01-01", number=1):
    """A list of `issuer`; `revoked` holds pairs of an entity and a day."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.cert.subject)
        .last_update(day(at))
        .next_update(day(until))
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False
        )
    )
    for entity, when in revoked:
        entry = (
            x509.RevokedCertificateBuilder()
            .serial_number(entity.cert.serial_number)
            .revocation_date(day(when))
            .add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False)
            .build()
        )
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def ocsp_answer(entity, issuer, responder, *, revoked=None, at="2026-03-01", until="2036-01-01"):
    status = ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=entity.cert, issuer=issuer.cert, algorithm=hashes.SHA256(), cert_status=status,
        this_update=day(at), next_update=day(until),
        revocation_time=day(revoked) if revoked else None,
        revocation_reason=x509.ReasonFlags.key_compromise if revoked else None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, responder.cert)
    answer = builder.certificates([responder.cert]).sign(responder.key, hashes.SHA256())
    return answer.public_bytes(serialization.Encoding.DER)
