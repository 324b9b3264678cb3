"""Attacks on the signature message and on time stamps."""
import hashlib

import kit
from asn1crypto import cms as asn1_cms
from asn1crypto import core
from cases import (
    CHANGED, INVALID, PKI, PLAIN, UNTOLD, attack, control, impostor, last_object, update,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.x509.oid import ExtendedKeyUsageOID as EKU
from kit import algorithm, attribute, certify, cms, der, octets, oid, signer_info, usual_attributes

EVIDENCE = ["not_enough_evidence", "invalid"]
LATER = "2031-01-01T00:00:00Z"
SHORT = PKI.short


def letter(message=None, entity=None, hole=2800, sub_filter=b"ETSI.CAdES.detached", **more):
    dictionary = kit.signature_dictionary(hole, sub_filter=sub_filter, at=more.pop("said", b"D:20260601120000Z"))
    return kit.signed_letter(entity or PKI.signer, dictionary=dictionary, message=message, **more)


PKCS7 = {"sub_filter": b"adbe.pkcs7.detached"}


# --- the message -----------------------------------------------------------------------------

def attributes():
    family = "signed attributes"
    me = PKI.signer

    def add(name, message, about, allowed=INVALID, **more):
        attack(f"cms-{name}", letter(message, **more), family, about, source=PLAIN, allowed=allowed)

    def with_attributes(make, **more):
        return lambda digest: cms(me, digest, attributes=make(digest), **more)

    control("ok-cms", letter(), family, "A message with the three attributes that PAdES wants.", source=PLAIN)
    control("ok-cms-pkcs7", letter(with_attributes(lambda digest: usual_attributes(me, digest)[:2]), **PKCS7), family,
            "adbe.pkcs7.detached without signing-certificate.", source=PLAIN)
    control("ok-cms-time", letter(with_attributes(lambda digest: [*usual_attributes(me, digest), time()]), **PKCS7), family,
            "adbe.pkcs7.detached with a signing time.", source=PLAIN)
    control("ok-cms-more", letter(with_attributes(lambda digest: [
        *usual_attributes(me, digest), attribute("1.3.6.1.4.1.99999.9", octets(b"x"))])), family,
        "A signed attribute that nobody knows.", source=PLAIN)
    control("ok-cms-v1", letter(with_attributes(lambda digest: [*usual_attributes(me, digest)[:2], ess_v1(me)]), **PKCS7),
            family, "signing-certificate in its first version, with SHA-1 as the standard has it.", source=PLAIN)
    add("no-attributes", lambda digest: cms(me, digest, infos=[bare(me, digest)]),
        "No signed attributes at all: the digest of anything may be meant.")
    add("no-certificate-attribute", with_attributes(lambda digest: usual_attributes(me, digest)[:2]),
        "CAdES without signing-certificate.")
    add("no-digest-attribute", with_attributes(lambda digest: [usual_attributes(me, digest)[at] for at in (0, 2)]),
        "No message digest.")
    add("no-type-attribute", with_attributes(lambda digest: usual_attributes(me, digest)[1:]), "No content type.")
    other = hashlib.sha256(b"other").digest()
    add("digest-changed", lambda digest: cms(me, digest, written_attributes=sorted(usual_attributes(me, digest)),
                                             attributes=usual_attributes(me, other)),
        "The message digest was changed after signing.")
    add("digest-other", with_attributes(lambda digest: usual_attributes(me, other)),
        "The message digest is another file's.", allowed=CHANGED)
    add("stripped", lambda digest: cms(me, digest, attributes=usual_attributes(me, digest),
                                       written_attributes=sorted(usual_attributes(me, digest))[:2]),
        "A signed attribute was taken away.")
    add("added", lambda digest: cms(me, digest, attributes=usual_attributes(me, digest),
                                    written_attributes=[*sorted(usual_attributes(me, digest)), time()]),
        "An attribute was added after signing.", **PKCS7)
    add("reordered", lambda digest: cms(me, digest, attributes=usual_attributes(me, digest),
                                        written_attributes=sorted(usual_attributes(me, digest))[::-1]),
        "Written in another order than signed: a library that sorts again accepts it.")
    add("unsorted", lambda digest: cms(me, digest, attributes=sorted(usual_attributes(me, digest))[::-1], sort=False),
        "Signed and written in an order that DER forbids.")
    add("digest-twice", with_attributes(lambda digest: [
        *usual_attributes(me, digest), attribute(kit.MESSAGE_DIGEST, octets(other))]), "Two message digests.")
    add("digest-two-values", with_attributes(lambda digest: [
        attribute(kit.CONTENT_TYPE, oid(kit.DATA)), kit.signing_certificate(me),
        attribute(kit.MESSAGE_DIGEST, *sorted([octets(digest), octets(other)]))]), "One message digest of two values.")
    add("digest-no-value", with_attributes(lambda digest: [
        attribute(kit.CONTENT_TYPE, oid(kit.DATA)), kit.signing_certificate(me), attribute(kit.MESSAGE_DIGEST)]),
        "A message digest without a value.")
    add("type-attribute", with_attributes(lambda digest: usual_attributes(me, digest, kit.SIGNED)),
        "The signed content type is not the content's.")
    add("type-content", lambda digest: cms(me, digest, content=kit.TST_INFO), "The content's type is a time stamp's.")
    add("type-both", lambda digest: cms(me, digest, attributes=usual_attributes(me, digest, kit.TST_INFO),
                                        content=kit.TST_INFO), "Content and attribute both say time stamp.")
    add("type-outer", lambda digest: cms(me, digest, outer="1.2.840.113549.1.7.3"), "The message calls itself encrypted.")
    add("certificate-hash", with_attributes(lambda digest: [
        *usual_attributes(me, digest)[:2], kit.signing_certificate(PKI.second)]),
        "signing-certificate names another certificate.")
    add("certificate-twice", with_attributes(lambda digest: [
        *usual_attributes(me, digest), kit.signing_certificate(PKI.second)]), "signing-certificate stands twice.")
    add("signature-zero", lambda digest: replace_signature(cms(me, digest), der(0x30, b"\x02\x01\x00", b"\x02\x01\x00")),
        "An ECDSA signature of two zeros.")
    add("signature-empty", lambda digest: replace_signature(cms(me, digest), b""), "An empty signature value.")
    add("signature-other-key", lambda digest: cms(me, digest, key=kit.new_key()), "Signed by another key.")
    add("signature-other-file", lambda _: cms(me, other), "The message of another file.", allowed=CHANGED)


def time():
    return attribute(kit.SIGNING_TIME, der(0x17, b"260601120000Z"))


def ess_v1(entity):
    return attribute(kit.CERTIFICATE_V1, der(0x30, der(0x30, der(0x30, octets(hashlib.sha1(entity.der).digest())))))


def bare(entity, digest):
    """A SignerInfo without attributes: the signature is over a digest that was computed outside."""
    value = entity.key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256())))
    identifier = der(0x30, entity.cert.issuer.public_bytes(), core.Integer(entity.cert.serial_number).dump())
    return der(0x30, core.Integer(1).dump(), identifier, algorithm(kit.DIGESTS["sha256"]),
               algorithm(kit.ECDSA["sha256"]), octets(value))


def replace_signature(message, value):
    """The same message with another signature value; asn1crypto corrects the lengths."""
    parsed = asn1_cms.ContentInfo.load(message)
    parsed["content"]["signer_infos"][0]["signature"] = value
    return parsed.dump(force=True)


def structure():
    family = "message structure"
    me, second = PKI.signer, PKI.second

    def add(name, message, about, allowed=INVALID, **more):
        attack(f"cms-{name}", letter(message, **more), family, about, source=PLAIN, allowed=allowed)

    control("ok-cms-key-identifier", letter(lambda digest: cms(me, digest, identifier=key_identifier(me))),
            family, "The signer is named by key identifier.", source=PLAIN)
    control("ok-cms-more-certificates", letter(
        lambda digest: cms(me, digest, certificates=[one.der for one in (second, PKI.tsa, PKI.ca, me)])),
        family, "Other people's certificates are in the bag too.", source=PLAIN)
    control("ok-cms-root", letter(lambda digest: cms(me, digest, certificates=[one.der for one in (me, PKI.ca, PKI.root)])),
            family, "The root is in the bag too; it is trusted because the caller names it.", source=PLAIN)
    control("ok-cms-unsigned", letter(lambda digest: cms(me, digest, unsigned=[
        attribute("1.3.6.1.4.1.99999.9", octets(b"x"))])), family, "An unsigned attribute that nobody knows.", source=PLAIN)
    control("ok-cms-ber", letter(lambda digest: indefinite(cms(me, digest)), **PKCS7), family,
            "Indefinite lengths outside of what is signed, as NSS writes them.", source=PLAIN)
    add("signers-none", lambda digest: cms(me, digest, infos=[]), "No SignerInfo.")
    add("signers-two", lambda digest: cms(me, digest, infos=[signer_info(me, digest), signer_info(second, digest)],
                                          certificates=[one.der for one in (me, second, PKI.ca)]), "Two SignerInfos.")
    add("signers-second-broken", lambda digest: cms(me, digest, infos=sorted([
        signer_info(me, digest), signer_info(me, hashlib.sha256(b"other").digest())])), "The second SignerInfo signs something else.")
    add("content-inside", lambda digest: cms(me, digest, inner=b"the content"), "The message carries a content of its own.")
    inner = b"another document"
    add("content-signed", lambda _: cms(me, hashlib.sha256(inner).digest(), inner=inner),
        "The message carries and signs a content of its own, not the file.", allowed=CHANGED)
    rsa = certify("Example Signer of SHA-1", PKI.ca, key=kit.new_key("rsa2048"))
    for weak in ("sha1", "md5"):
        add(f"digest-{weak}", lambda digest, weak=weak: cms(rsa, digest, md=weak), f"RSA with {weak.upper()}.", digest=weak)
    add("digest-mixed", lambda digest: cms(me, digest, infos=[signer_info_with(me, digest, "sha1")]), "The SignerInfo names SHA-1, the attribute holds SHA-256.")
    add("certificate-missing", lambda digest: cms(me, digest, certificates=[PKI.ca.der]),
        "The signer's certificate is not in the message.", allowed=UNTOLD)
    add("certificates-none", lambda digest: cms(me, digest, certificates=[]), "No certificates at all.",
        allowed=UNTOLD)
    twin = certify("Example Signer", PKI.ca, key=me.key, start="2026-02-01")
    add("certificate-twin", lambda digest: cms(twin, digest, attributes=usual_attributes(me, digest)),
        "The signer is named by a second certificate of the same key; the signed attribute names the first.")
    forged = certify("Example Signer", impostor("Example Foreign CA"), serial=me.cert.serial_number)
    add("certificate-swapped", lambda digest: cms(me, digest, certificates=[forged.der, PKI.ca.der]),
        "The certificate was swapped for one of the same issuer name and serial number.",
        allowed=["invalid", "unknown_issuer"])
    add("identifier-other", lambda digest: cms(me, digest, identifier=key_identifier(second),
                                               certificates=[one.der for one in (me, second, PKI.ca)]),
        "The key identifier is another certificate's.")
    add("trailing", lambda digest: cms(me, digest) + b"\x05\x00", "A second value behind the message.",
        allowed=CHANGED)
    add("ber-inside", lambda digest: ber_attributes(me, digest), "The signed attributes have a length of five bytes.")
    add("version", lambda digest: cms(me, digest, version=99), "A version that does not exist.")
    attack("cms-message-in-data", letter(lambda digest: der(0x30, oid(kit.DATA), der(0xA0, octets(cms(me, digest))))), family, "The message is wrapped into a data message.", source=PLAIN,
           allowed=INVALID)


def key_identifier(entity):
    identifier = x509.SubjectKeyIdentifier.from_public_key(entity.key.public_key()).digest
    return der(0x80, identifier)


def signer_info_with(entity, digest, shown):
    """Signed with SHA-256; the SignerInfo says another digest."""
    signature_algorithm, value = kit.sign_bytes(entity.key, der(0x31, *sorted(usual_attributes(entity, digest))))
    identifier = der(0x30, entity.cert.issuer.public_bytes(), core.Integer(entity.cert.serial_number).dump())
    return der(0x30, core.Integer(1).dump(), identifier, algorithm(kit.DIGESTS[shown]),
               der(0xA0, *sorted(usual_attributes(entity, digest))), signature_algorithm, octets(value))


def indefinite(message):
    """The outer three levels with indefinite lengths, as NSS writes them."""
    signed = asn1_cms.ContentInfo.load(message)["content"]
    body = signed.contents
    return b"\x30\x80" + oid(kit.SIGNED) + b"\xa0\x80\x30\x80" + body + b"\0" * 6


def ber_attributes(entity, digest):
    attributes = b"".join(sorted(usual_attributes(entity, digest)))
    long = b"\xa0\x84" + len(attributes).to_bytes(4, "big") + attributes
    signature_algorithm, value = kit.sign_bytes(entity.key, der(0x31, attributes))
    identifier = der(0x30, entity.cert.issuer.public_bytes(), core.Integer(entity.cert.serial_number).dump())
    info = der(0x30, core.Integer(1).dump(), identifier, algorithm(kit.DIGESTS["sha256"]), long, signature_algorithm,
               octets(value))
    return cms(entity, digest, infos=[info])


# --- time ------------------------------------------------------------------------------------

def times():
    family = "time"

    def stamped(make, *, entity=SHORT, hole=4000, **more):
        """A signature whose stamp is `make` of the signature value."""
        def message(digest):
            return cms(entity, digest, unsigned=make)
        return letter(message, entity, hole, **more)

    def sha(data):
        return hashlib.sha256(data).digest()

    def stamp(tsa, **more):
        return lambda signature: [kit.timestamp_attribute(kit.timestamp(tsa, sha(signature), **more))]

    def add(name, make, about, allowed=EVIDENCE, at=LATER, **more):
        attack(f"time-{name}", stamped(make, **more), family, about, source=PLAIN, allowed=allowed, at=at)

    control("ok-time-stamp", stamped(stamp(PKI.tsa)), family,
            "The signer's certificate is over; the stamp proves that it was not then.", source=PLAIN, at=LATER)
    control("ok-time-none", letter(entity=SHORT), family, "The same certificate without a stamp, while it lasts.", source=PLAIN)
    attack("time-expired", letter(entity=SHORT), family, "The signer's certificate is over and there is no trusted time.",
           source=PLAIN, allowed=EVIDENCE, at=LATER)
    attack("time-backdated", letter(entity=SHORT, said=b"D:20260601120000Z"), family,
           "Only the signer says that it was signed in time.", source=PLAIN, allowed=EVIDENCE, at=LATER)
    attack("time-not-yet", letter(entity=certify("Example Signer of tomorrow", PKI.ca, start="2027-06-01")), family,
           "The certificate is not valid yet.", source=PLAIN, allowed=EVIDENCE)
    add("other-signature", lambda signature: stamp(PKI.tsa)(b"another signature"), "The stamp is over another signature.")
    add("over-document", lambda signature: stamp(PKI.tsa)(signature[:-1]), "The stamp is over part of the signature value.")
    plain = PKI.leaf("Example TSA without purpose", usage=("digital_signature",), purposes=())
    add("tsa-no-purpose", stamp(plain), "The stamp's certificate has no extended key usage.")
    add("tsa-signer", stamp(PKI.second), "The stamp was made with a document signer's certificate.")
    mixed_tsa = PKI.leaf("Example TSA for everything", usage=("digital_signature",),
                         purposes=[EKU.TIME_STAMPING, EKU.SERVER_AUTH], purposes_critical=True)
    add("tsa-mixed", stamp(mixed_tsa), "The stamp's certificate is for TLS servers too.")
    loose = PKI.leaf("Example TSA not critical", usage=("digital_signature",), purposes=[EKU.TIME_STAMPING])
    add("tsa-not-critical", stamp(loose), "The stamp's extended key usage is not critical (RFC 3161, 2.3).")
    stranger = certify("Stranger TSA", impostor("Example Foreign CA"), usage=("digital_signature",),
                       purposes=[EKU.TIME_STAMPING], purposes_critical=True)
    add("tsa-stranger", stamp(stranger), "The stamp leads to no trusted root.")
    over = certify("Old TSA", PKI.ca, usage=("digital_signature",), purposes=[EKU.TIME_STAMPING], purposes_critical=True,
                   start="2025-01-01", end="2026-01-01")
    add("tsa-expired", stamp(over), "The stamp's certificate was over when it stamped.")
    add("stamp-late", stamp(PKI.tsa, at="20290101000000Z"), "The stamp was made after the certificate's end.")
    add("stamp-future", stamp(PKI.tsa, at="20350101000000Z"), "The stamp is from the future.",
        allowed=EVIDENCE)
    add("stamp-broken", lambda signature: [kit.timestamp_attribute(replace_signature(
        kit.timestamp(PKI.tsa, sha(signature)), b"\x30\x06\x02\x01\x01\x02\x01\x01"))], "The stamp's signature is broken.")
    add("stamp-signed-attribute-only", lambda signature: [attribute(kit.TIMESTAMP, octets(b"x"))], "The stamp is no stamp.")
    add("stamp-in-wrong-place", lambda signature: [attribute("1.2.840.113549.1.9.16.2.15", kit.timestamp(
        PKI.tsa, sha(signature)))], "The stamp stands in an attribute that is none for stamps.")
    add("unsigned-signing-time", lambda signature: [time()], "The signing time is an unsigned attribute.")
    add("unsigned-digest", lambda signature: [attribute(kit.MESSAGE_DIGEST, octets(bytes(32)))],
        "A message digest among the unsigned attributes, and no stamp.")
    add("crl-inside", lambda signature: [attribute("1.2.840.113549.1.9.16.2.24", der(0x30))],
        "Empty revocation values instead of a stamp.")
    document_stamps(family)


def document_stamps(family):
    base = letter(entity=SHORT)
    later = {"at": LATER, "allowed": EVIDENCE + ["altered"], "source": PLAIN}

    def stamped(make, *, ranges=None):
        number = kit.size_of(base)
        objects = {
            7: b"<</Fields[8 0 R %d 0 R]/SigFlags 3>>" % number,
            3: last_object(base, 3).replace(b"/Annots[8 0 R]", b"/Annots[8 0 R %d 0 R]" % number),
            number: b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Archive1)/F 132/P 3 0 R/Rect[0 0 0 0]/V %d 0 R>>" % (number + 1),
            number + 1: kit.signature_dictionary(2200, sub_filter=b"ETSI.RFC3161", at=None, kind=b"DocTimeStamp"),
        }
        return kit.fill(update(base, objects), make, ranges=ranges)

    good = stamped(lambda digest: kit.timestamp(PKI.tsa, digest))
    control("ok-document-stamp", good, family, "A document timestamp proves the signature's time.", source=PLAIN, at=LATER)
    attack("docts-part", stamped(lambda digest: kit.timestamp(PKI.tsa, digest), ranges=lambda z, a, b, n: (z, 400, b, n)),
           family, "The document timestamp covers only part of the file.", **later)
    attack("docts-behind", stamped(lambda digest: kit.timestamp(PKI.tsa, digest),
                                   ranges=lambda z, a, b, n: (len(base), a - len(base), b, n)),
           family, "The document timestamp covers only what came behind the signature.", **later)
    attack("docts-imprint", stamped(lambda _: kit.timestamp(PKI.tsa, bytes(32))), family,
           "The document timestamp is over something else.", **later)
    attack("docts-stranger", stamped(lambda digest: kit.timestamp(certify(
        "Stranger TSA", impostor("Example Foreign CA"), usage=("digital_signature",), purposes=[EKU.TIME_STAMPING],
        purposes_critical=True), digest)), family, "The document timestamp leads to no trusted root.",
        **{**later, "allowed": [*EVIDENCE, "unknown_issuer"]})
    attack("docts-cms", stamped(lambda digest: cms(PKI.second, digest)), family,
           "The document timestamp is an ordinary signature.", **later)
    attack("docts-content", update(good, {4: kit.stream(kit.text("Sum: 9999999"))}), family,
           "The content is replaced behind the document timestamp.", source=PLAIN, at=LATER)


def run():
    attributes()
    structure()
    times()
