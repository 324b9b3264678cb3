"""Makes the fixtures beside it: make.py, run with the Python of tests/peers/setup.

Every run draws fresh keys. Names and numbers are synthetic, dates are fixed where the tool lets us.
"""
import asyncio
import datetime
import ipaddress
import subprocess
import tempfile
from pathlib import Path

from asn1crypto import crl as asn1_crl
from asn1crypto import keys as asn1_keys
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import pdf as asn1_pdf
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID as Eku
from cryptography.x509.oid import NameOID, ObjectIdentifier
from pyhanko.sign.signers.pdf_cms import GenericPdfSignedAttributeProviderSpec, PdfCMSSignedAttributes, SimpleSigner
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

here = Path(__file__).parent
utc = datetime.timezone.utc
FROM = datetime.datetime(2026, 1, 1, tzinfo=utc)
UNTIL = datetime.datetime(2046, 1, 1, tzinfo=utc)
DER = serialization.Encoding.DER


def at(day: int) -> datetime.datetime:
    return datetime.datetime(2026, 11, day, 8, 0, 0, tzinfo=utc)


def name(common: str) -> x509.Name:
    return x509.Name([
        x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Synthetic Office"),
        x509.NameAttribute(NameOID.COMMON_NAME, common),
    ])


def put(file: str, content: bytes) -> None:
    (here / file).write_bytes(content)


class Holder:
    """A key and its certificate."""

    def __init__(self, common, serial, issuer=None, key=None, extensions=(), until=UNTIL):
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        self.name = name(common)
        by = issuer or self
        builder = (x509.CertificateBuilder().subject_name(self.name).issuer_name(by.name)
                   .serial_number(serial).public_key(self.key.public_key())
                   .not_valid_before(FROM).not_valid_after(until)
                   .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), False)
                   .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key()), False))
        for value, critical in extensions:
            builder = builder.add_extension(value, critical)
        self.certificate = builder.sign(by.key, hashes.SHA256())

    def der(self) -> bytes:
        return self.certificate.public_bytes(DER)

    def pem(self, folder: Path, stem: str) -> None:
        (folder / f"{stem}.pem").write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        (folder / f"{stem}.key").write_bytes(self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))


def usage(*bits: str) -> x509.KeyUsage:
    names = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
             "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"]
    return x509.KeyUsage(**{bit: bit in bits for bit in names})


AUTHORITY = [(x509.BasicConstraints(True, None), True), (usage("key_cert_sign", "crl_sign"), True)]
SIGNS = (usage("digital_signature", "content_commitment"), True)

root = Holder("Root", 1, extensions=AUTHORITY)
signer = Holder("Signer", 0x1001, root, extensions=[SIGNS])
revoked = Holder("Revoked signer", 0x1002, root, extensions=[SIGNS])
responder = Holder("Responder", 0x1003, root, extensions=[
    (usage("digital_signature"), True),
    (x509.ExtendedKeyUsage([Eku.OCSP_SIGNING]), False),
    (x509.OCSPNoCheck(), False),
])
# pyHanko's stamper has no other keys than RSA.
tsa = Holder("Time stamps", 0x1004, root, key=rsa.generate_private_key(65537, 2048), extensions=[
    (usage("digital_signature"), True),
    (x509.ExtendedKeyUsage([Eku.TIME_STAMPING]), True),
])
constrained = Holder("Constrained", 0x1005, root, extensions=AUTHORITY + [
    (x509.NameConstraints(
        permitted_subtrees=[
            x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "CN")])),
            x509.DNSName("example.test"), x509.RFC822Name("example.test"),
        ],
        excluded_subtrees=[
            x509.UniformResourceIdentifier(".bad.example.test"),
            x509.IPAddress(ipaddress.ip_network("10.0.0.0/8")),
        ]), True),
    (x509.CertificatePolicies([x509.PolicyInformation(ObjectIdentifier("2.25.1"), None)]), True),
])
named = Holder("Named", 0x1006, constrained, until=datetime.datetime(9999, 12, 31, 23, 59, 59, tzinfo=utc),
               extensions=[SIGNS, (x509.SubjectAlternativeName([
                   x509.RFC822Name("a@example.test"), x509.DNSName("www.example.test"),
                   x509.UniformResourceIdentifier("https://example.test/x"),
                   x509.IPAddress(ipaddress.ip_address("192.0.2.1")),
                   x509.DirectoryName(name("Also named")),
               ]), False)])
holders = dict(root=root, signer=signer, revoked=revoked, responder=responder, tsa=tsa,
               constrained=constrained, named=named)
for stem, holder in holders.items():
    put(f"{stem}.cer", holder.der())


def answer(file, subject, status, *, by=responder, how=ocsp.OCSPResponderEncoding.NAME, hash=hashes.SHA1(),
           critical=None, next_day=8, when=None, reason=None):
    builder = ocsp.OCSPResponseBuilder().add_response(
        subject.certificate, root.certificate, hash, status, at(1), at(next_day) if next_day else None,
        when, reason).responder_id(how, by.certificate)
    if by is not root:
        builder = builder.certificates([by.certificate])
    if critical:
        builder = builder.add_extension(x509.OCSPNonce(b"12345678"), critical=True)
    put(file, builder.sign(by.key, hashes.SHA256()).public_bytes(DER))


GOOD, REVOKED, UNKNOWN = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED, ocsp.OCSPCertStatus.UNKNOWN
answer("good.ocsp", signer, GOOD)
answer("good-by-root-sha256.ocsp", signer, GOOD, by=root, how=ocsp.OCSPResponderEncoding.HASH,
       hash=hashes.SHA256(), next_day=None)
answer("revoked.ocsp", revoked, REVOKED, when=at(1), reason=x509.ReasonFlags.key_compromise)
answer("unknown.ocsp", signer, UNKNOWN)
answer("critical.ocsp", signer, GOOD, critical=True)
put("declined.ocsp", ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER).public_bytes(DER))


def crl(file, entries, extensions=()):
    builder = x509.CertificateRevocationListBuilder().issuer_name(root.name).last_update(at(1)).next_update(at(30))
    for serial, day, reason in entries:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at(day))
        if reason:
            entry = entry.add_extension(x509.CRLReason(reason), False)
        builder = builder.add_revoked_certificate(entry.build())
    for value, critical in extensions:
        builder = builder.add_extension(value, critical)
    put(file, builder.sign(root.key, hashes.SHA256()).public_bytes(DER))


crl("root.crl", [(0x1002, 1, x509.ReasonFlags.key_compromise), (0x2000, 2, None),
                 (0x0FFF, 1, x509.ReasonFlags.certificate_hold)])
crl("removed.crl", [(0x1002, 1, x509.ReasonFlags.remove_from_crl)])
crl("partial.crl", [], [(x509.DeltaCRLIndicator(7), True)])


def token(file, alg):
    """openssl stamps the time of the run."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        tsa.pem(work, "tsa")
        (work / "serial").write_text("0A07\n")
        (work / "content").write_bytes(b"what was stamped")
        (work / "conf").write_text(f"""
[tsa]
default_tsa = one
[one]
serial = {work}/serial
signer_cert = {work}/tsa.pem
signer_key = {work}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1, millisecs:500, microsecs:100
ordering = yes
ess_cert_id_alg = {alg}
""")
        openssl = lambda *arguments: subprocess.run(["openssl", "ts", *arguments], cwd=work, check=True, capture_output=True)
        openssl("-query", "-data", "content", "-sha256", "-cert", "-out", "query")
        openssl("-reply", "-config", "conf", "-queryfile", "query", "-token_out", "-out", "token")
        put(file, (work / "token").read_bytes())


token("token.der", "sha256")
token("token-v1.der", "sha1")


def pair(holder):
    """Certificate and key as pyHanko wants them."""
    key = holder.key.private_bytes(DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return asn1_x509.Certificate.load(holder.der()), asn1_keys.PrivateKeyInfo.load(key)


def pyhanko(file, holder, *, digest="sha256", pss=False, cades=False, archival=False):
    """A detached message over b"content", stamped, as pyHanko puts it into a PDF."""
    certificate, key = pair(holder)
    store = SimpleCertificateStore()
    store.register(asn1_x509.Certificate.load(root.der()))
    stamper = DummyTimeStamper(*pair(tsa), certs_to_embed=store, fixed_dt=at(24))
    revocation = asn1_pdf.RevocationInfoArchival({
        "crl": [asn1_crl.CertificateList.load((here / "root.crl").read_bytes())],
        "ocsp": [asn1_ocsp.OCSPResponse.load((here / "good.ocsp").read_bytes())],
    }) if archival else None
    settings = PdfCMSSignedAttributes(signing_time=at(24), adobe_revinfo_attr=revocation)
    signer_of = SimpleSigner(certificate, key, store, prefer_pss=pss)
    if archival:
        signer_of.signed_attr_prov_spec = GenericPdfSignedAttributeProviderSpec(
            settings, certificate, signer_of.get_signature_mechanism_for_digest, None)
    message = asyncio.run(signer_of.async_sign_general_data(
        b"content", digest, use_cades=cades, timestamper=stamper, signed_attr_settings=settings))
    put(file, message.dump())


rsa_signer = Holder("RSA signer", 0x1007, root, key=rsa.generate_private_key(65537, 2048), extensions=[SIGNS])
pyhanko("pyhanko-adobe.der", signer, archival=True)
pyhanko("pyhanko-pss.der", rsa_signer, pss=True, cades=True)
ed_signer = Holder("Ed25519 signer", 0x1008, root, key=ed25519.Ed25519PrivateKey.generate(), extensions=[SIGNS])
pyhanko("pyhanko-ed25519.der", ed_signer, digest="sha512", cades=True)
