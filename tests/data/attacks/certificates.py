"""Attacks by certificates: what they may, whose they are, and whether they were revoked."""
import kit
from cases import HERE, INVALID, PKI, PLAIN, attack, control, impostor, last_object, signed, update
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.x509.oid import ExtendedKeyUsageOID as EKU
from kit import certify, cms
from messages import EVIDENCE, letter

def certificates():
    family = "certificates"
    root = PKI.root
    shared = kit.new_key()

    def add(name, entity, about, allowed=INVALID, **more):
        attack(f"x509-{name}", letter(entity=entity), family, about, source=PLAIN, allowed=allowed, **more)

    def leaf(common, issuer=PKI.ca, **more):
        return certify(common, issuer, key=shared, **more)

    def ca(common, issuer=root, **more):
        return certify(common, issuer, ca=more.pop("ca", True), start="2020-01-01", end="2055-01-01", **more)

    control("ok-x509-three", letter(entity=leaf("Signer", ca("Third CA", ca("Second CA", path_length=1), path_length=0))), family, "A path of two CAs within their path lengths.", source=PLAIN)
    control("ok-x509-constraint", letter(entity=leaf("Signer", ca("Constrained CA", more=[(constraint(), True)]))), family,
            "Name constraints that the signer keeps.", source=PLAIN)
    control("ok-x509-unknown", letter(entity=leaf("Signer", more=[(unknown(), False)])), family,
            "An unknown extension that is not critical.", source=PLAIN)
    control("ok-x509-nonrepudiation", letter(entity=leaf("Signer", usage=("content_commitment",), purposes=())), family,
            "Key usage of non-repudiation alone, no extended key usage.", source=PLAIN)
    add("expired", leaf("Signer", end="2026-06-15"), "The certificate ended before the look, and nothing proves the time.",
        EVIDENCE)
    add("usage", leaf("Signer", usage=("key_encipherment",)), "Key usage is encryption.")
    add("usage-sign-certificates", leaf("Signer", usage=("key_cert_sign",)), "Key usage is the signing of certificates.")
    add("purpose-server", leaf("Signer", purposes=[EKU.SERVER_AUTH]), "Extended key usage is for TLS servers.")
    add("purpose-time", leaf("Signer", purposes=[EKU.TIME_STAMPING], purposes_critical=True),
        "Extended key usage is for time stamps.")
    add("purpose-ocsp", leaf("Signer", purposes=[EKU.OCSP_SIGNING]), "Extended key usage is for OCSP answers.")
    add("ca-false", leaf("Signer", certify("Not a CA", PKI.ca, usage=("key_cert_sign",), purposes=())),
        "The issuer's certificate says that it is no CA.")
    add("ca-missing", leaf("Signer", ca("Vague CA", ca=None, usage=("key_cert_sign",), purposes=())),
        "The issuer's certificate does not say that it is a CA.")
    add("ca-usage", leaf("Signer", ca("CA for lists", usage=("crl_sign",))), "The issuer may sign lists, not certificates.")
    add("path-length", leaf("Signer", ca("CA too deep", PKI.ca)), "One CA more than the path length allows.")
    add("constraint", leaf("Signer", ca("Constrained CA", more=[(constraint(), True)]),
                           subject=kit.name("Signer", organisation="Elsewhere")), "The signer's name is outside of the constraints.")
    add("constraint-excluded", leaf("Signer", ca("Excluding CA", more=[(constraint(excluded=True), True)])),
        "The signer's name is excluded.")
    add("unknown-critical", leaf("Signer", more=[(unknown(), True)]), "An unknown critical extension.")
    add("unknown-critical-ca", leaf("Signer", ca("Strange CA", more=[(unknown(), True)])),
        "An unknown critical extension of the CA.")
    add("lookalike-ca", leaf("Signer", impostor("Example Foreign CA")), "CA and root have our names and other keys.",
        ["unknown_issuer", "invalid"])
    forged = leaf("Signer", impostor("Example Foreign CA"))
    message = letter(lambda digest: cms(forged, digest, certificates=[forged.der, PKI.ca.der]))
    attack("x509-lookalike-short", message, family, "The issuer's name is ours, the signature on the certificate is not.",
        source=PLAIN, allowed=["unknown_issuer", "invalid"])
    add("self-signed", certify("Example Signer"), "Signed by itself.", ["unknown_issuer", "invalid"])
    add("root-name", certify("Example Foreign Root", ca=True), "A root of the trusted name and another key signs by itself.",
        ["unknown_issuer", "invalid"])
    add("weak-key", certify("Signer", PKI.ca, key=kit.new_key("rsa1024")), "RSA of 1,024 bits.")
    add("weak-hash", below_sha1(), "The certificate is signed with SHA-1.", ["unknown_issuer", "invalid"])
    revoked(family)
    dss_root(family)


def constraint(excluded=False):
    tree = [x509.DirectoryName(x509.Name([
        x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "ZZ"),
        x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Example Synthetic"),
    ]))]
    return x509.NameConstraints(None if excluded else tree, tree if excluded else None)


def unknown():
    return x509.UnrecognizedExtension(kit.ObjectIdentifier("1.3.6.1.4.1.99999.77"), b"\x05\x00")


def below_sha1():
    """A leaf below an RSA CA that signs with SHA-1."""
    issuer = certify("Example CA of SHA-1", PKI.root, ca=True, key=kit.new_key("rsa2048"), start="2020-01-01",
                     end="2055-01-01")
    leaf = certify("Signer", issuer)
    parsed = leaf.asn1
    parsed["tbs_certificate"]["signature"]["algorithm"] = "sha1_rsa"
    parsed["signature_algorithm"]["algorithm"] = "sha1_rsa"
    parsed["signature_value"] = issuer.key.sign(
        parsed["tbs_certificate"].dump(force=True), padding.PKCS1v15(), hashes.SHA1()
    )
    return kit.Entity(x509.load_der_x509_certificate(parsed.dump(force=True)), leaf.key, leaf.chain)


def with_dss(pdf, *, crls=(), ocsps=(), certs=()):
    """The file with a DSS behind it."""
    number = kit.size_of(pdf)
    objects, names = {}, {}
    for key, blobs in ((b"CRLs", crls), (b"OCSPs", ocsps), (b"Certs", certs)):
        for blob in blobs:
            objects[number] = kit.stream(blob)
            names.setdefault(key, []).append(b"%d 0 R" % number)
            number += 1
    entries = b"".join(b"/%s[%s]" % (key, b" ".join(found)) for key, found in names.items())
    objects[number] = b"<</Type/DSS%s>>" % entries
    objects[1] = last_object(pdf, 1).replace(b"<<", b"<</DSS %d 0 R" % number, 1)
    return update(pdf, objects)


def revoked(family):
    lost = PKI.leaf("Lost Example Signer")
    base = letter(entity=lost)
    early = kit.crl(PKI.ca, [(lost, "2026-05-01")], at="2026-05-31")
    attack("x509-revoked-dss", with_dss(base, crls=[early]), family,
           "The list in the DSS says that the certificate was revoked before it signed.", source=PLAIN, allowed=INVALID)
    answer = kit.ocsp_answer(lost, PKI.ca, PKI.responder, revoked="2026-05-01", at="2026-05-31")
    attack("x509-revoked-ocsp", with_dss(base, ocsps=[answer], certs=[PKI.responder.der]), family,
           "The OCSP answer in the DSS says so.", source=PLAIN, allowed=INVALID)
    good = kit.ocsp_answer(lost, PKI.ca, PKI.responder, at="2026-05-31")
    attack("x509-revoked-both", with_dss(base, crls=[early], ocsps=[good], certs=[PKI.responder.der]), family,
           "A list says revoked, an OCSP answer of the same day says good.", source=PLAIN, allowed=INVALID)
    attack("x509-revoked-cms", letter(lambda digest: cms(lost, digest, crls=[early]), entity=lost), family,
           "The list in the message says so.", source=PLAIN, allowed=INVALID)
    (HERE / "revoking.crl").write_bytes(early)
    attack("x509-revoked-caller", base, family, "The list that the caller gives says so.", source=PLAIN, allowed=INVALID,
           crl=["revoking.crl"])
    gone = certify("Lost Example CA", PKI.root, ca=True, start="2020-01-01", end="2055-01-01")
    attack("x509-revoked-ca", with_dss(letter(entity=certify("Signer", gone)), crls=[
        kit.crl(PKI.root, [(gone, "2026-05-01")], at="2026-05-31")]), family, "The CA was revoked before.", source=PLAIN,
        allowed=INVALID)
    forged = kit.crl(impostor("Example Foreign CA"), at="2026-05-31")
    attack("x509-list-forged", with_dss(base, crls=[forged]), family,
           "The only list is signed by a CA of the same name and another key, and revocation data is required.",
           source=PLAIN, allowed=["not_enough_evidence"], require_revocation=True)
    attack("x509-list-none", base, family, "No revocation data, and it is required.", source=PLAIN,
           allowed=["not_enough_evidence"], require_revocation=True)
    old = kit.crl(PKI.ca, at="2026-04-01", until="2026-05-01")
    attack("x509-list-stale", with_dss(base, crls=[old, kit.crl(PKI.root, at="2026-05-31")]), family,
           "The only list ended before the signature, and revocation data is required.", source=PLAIN,
           allowed=["not_enough_evidence"], require_revocation=True)
    attack("x509-ocsp-signer", with_dss(base, ocsps=[kit.ocsp_answer(lost, PKI.ca, lost, at="2026-05-31")]), family,
           "The OCSP answer is signed by the signer's own certificate, and revocation data is required.", source=PLAIN,
           allowed=["not_enough_evidence", "invalid"], require_revocation=True)
    fresh = [kit.crl(PKI.ca, at="2026-05-31"), kit.crl(PKI.root, at="2026-05-31")]
    control("ok-x509-list-dss", with_dss(base, crls=fresh), family, "Lists in the DSS that say nothing of the signer.",
            source=PLAIN, require_revocation=True)
    control("ok-x509-list-caller", letter(), family, "Lists from the caller.", source=PLAIN, crl=["issuing.crl", "root.crl"],
            require_revocation=True)
    stamped = signed(entity=lost, stamped=True, reserve=4000)
    late = kit.crl(PKI.ca, [(lost, "2026-06-20")], at="2026-06-30")
    (HERE / "late.crl").write_bytes(late)
    control("ok-x509-revoked-later", stamped, family, "Revoked after the time that the stamp proves.", crl=["late.crl"])
    attack("x509-revoked-unstamped", base, family,
           "Revoked after the time that only the signer claims: it proves nothing.", source=PLAIN,
           allowed=["invalid", "not_enough_evidence"], crl=["late.crl"])


def dss_root(family):
    stranger_root = certify("Stranger Root", ca=True)
    stranger = certify("Stranger", certify("Stranger CA", stranger_root, ca=True))
    attack("x509-root-in-dss", with_dss(letter(entity=stranger), certs=[stranger_root.der]), family,
           "The stranger's root is in the DSS: nobody trusts it for that.", source=PLAIN, allowed=["unknown_issuer"])
    attack("x509-root-in-message", letter(lambda digest: cms(stranger, digest, certificates=[
        one.der for one in (stranger, *stranger.chain)])), family, "The stranger's root is in the message.", source=PLAIN,
        allowed=["unknown_issuer"])
    control("ok-x509-chain-in-dss", with_dss(letter(lambda digest: cms(PKI.signer, digest, certificates=[PKI.signer.der])),
                                             certs=[PKI.ca.der]), family, "The issuing CA is in the DSS only.", source=PLAIN)


def run():
    certificates()
