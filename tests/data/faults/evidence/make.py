#!/usr/bin/env python3
"""Makes the members of this folder that stand in `made.json`, with keys that are forgotten.

Needs `cryptography`. Everything else is DER by hand: what is tested here is what no library writes.
The other files are self-made too and stay as they are.
"""
import datetime
import hashlib
import json
import os
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, padding, rsa

HERE = Path(__file__).resolve().parent
AT = "2026-11-30T08:00:00Z"
CASES = []


def der(tag, *parts):
    body = b"".join(parts)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    size = (len(body).bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + len(body).to_bytes(size, "big") + body


def seq(*parts):
    return der(0x30, *parts)


def oid(dots):
    first, second, *rest = map(int, dots.split("."))
    out = b""
    for arc in [first * 40 + second, *rest]:
        part = [arc & 0x7F]
        while arc := arc >> 7:
            part.append(arc & 0x7F | 0x80)
        out += bytes(part[::-1])
    return der(6, out)


def integer(number):
    return der(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def octets(body):
    return der(4, body)


def bits(body):
    return der(3, b"\0", body)


def utc(text):
    return der(0x17, text.encode())


def generalized(text):
    return der(0x18, text.encode())


NULL = b"\x05\x00"
PRINTABLE, UTF8, TELETEX, BMP, UNIVERSAL = 0x13, 0x0C, 0x14, 0x1E, 0x1C


def string(tag, text):
    codec = {BMP: "utf-16-be", UNIVERSAL: "utf-32-be", TELETEX: "latin-1"}.get(tag, "utf-8")
    return der(tag, text.encode(codec))


def pair(kind, tag, text):
    return seq(oid(f"2.5.4.{kind}"), string(tag, text))


def name(*pairs):
    """Each pair a part of its own; a list of pairs is one part."""
    parts = [one if isinstance(one, list) else [one] for one in pairs]
    return seq(*(der(0x31, *sorted(pair(*one) for one in part)) for part in parts))


def lab(common="Lab root", tag=UTF8, organisation="Bugu lab"):
    return name((6, PRINTABLE, "XX"), (10, tag, organisation), (3, tag, common))


# --- keys and signatures -----------------------------------------------------------------------

ECDSA = "1.2.840.10045.4.3.2"


class Key:
    def __init__(self, private=None, *, compressed=False, negative=False):
        self.private = private or ec.generate_private_key(ec.SECP256R1())
        public = self.private.public_key()
        self.spki = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        self.bits = self.spki_bits()
        if compressed:
            point = public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
            self.set_bits(self.spki[:0], point, seq(oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7")))
        if negative:
            numbers = public.public_numbers()
            modulus = numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")
            key = seq(der(2, modulus), integer(numbers.e))
            self.set_bits(self.spki[:0], key, seq(oid("1.2.840.113549.1.1.1"), NULL))

    def set_bits(self, _, body, algorithm):
        self.spki, self.bits = seq(algorithm, bits(body)), body

    def spki_bits(self):
        public = x509.SubjectKeyIdentifier.from_public_key(self.private.public_key())
        self.id_default = public.digest
        # The BIT STRING is the last element.
        for start in range(len(self.spki)):
            if self.spki[start] == 3:
                for head in (2, 3, 4):
                    if hashlib.sha1(self.spki[start + head + 1:]).digest() == public.digest:
                        return self.spki[start + head + 1:]
        raise ValueError("no key")

    @property
    def id(self):
        return hashlib.sha1(self.bits).digest()

    def algorithm(self, parameters=b""):
        if isinstance(self.private, rsa.RSAPrivateKey):
            return seq(oid("1.2.840.113549.1.1.11"), NULL)
        if isinstance(self.private, ed448.Ed448PrivateKey):
            return seq(oid("1.3.101.113"))
        return seq(oid(ECDSA), parameters)

    def sign(self, body):
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.private.sign(body, padding.PKCS1v15(), hashes.SHA256())
        if isinstance(self.private, ed448.Ed448PrivateKey):
            return self.private.sign(body)
        return self.private.sign(body, ec.ECDSA(hashes.SHA256()))


def extension(dots, value, critical=False):
    return seq(oid(dots), *([b"\x01\x01\xff"] if critical else []), octets(value))


SERIAL = iter(range(0x5001, 0x9000))


class Entity:
    """A certificate and its key."""

    def __init__(self, subject, issuer=None, *, key=None, issuer_name=None, ca=False, tsa=False, responder=False,
                 before=b"", parameters=b"", algorithm=None, more=()):
        self.key, self.subject = key or Key(), subject
        signer = issuer or self
        self.serial = next(SERIAL)
        self.issuer_name = issuer_name or signer.subject
        extensions = [extension("2.5.29.14", octets(self.key.id))]
        if issuer:
            extensions.append(extension("2.5.29.35", seq(der(0x80, issuer.key.id))))
        if ca:
            extensions.append(extension("2.5.29.19", seq(b"\x01\x01\xff"), True))
        extensions.append(extension("2.5.29.15", der(3, b"\x01\x06" if ca else b"\x06\xc0"), True))
        if tsa:
            extensions.append(extension("2.5.29.37", seq(oid("1.3.6.1.5.5.7.3.8")), True))
        if responder:
            extensions.append(extension("2.5.29.37", seq(oid("1.3.6.1.5.5.7.3.9"))))
            extensions.append(extension("1.3.6.1.5.5.7.48.1.5", NULL))
        extensions.extend(more)
        algorithm = algorithm or signer.key.algorithm(parameters)
        validity = seq(before or utc("260101000000Z"), utc("351231235959Z"))
        tbs = seq(der(0xA0, integer(2)), integer(self.serial), algorithm, self.issuer_name, validity, subject,
                  self.key.spki, der(0xA3, seq(*extensions)))
        self.der = seq(tbs, algorithm, bits(signer.key.sign(tbs)))

    def pem(self, file):
        import base64
        body = base64.encodebytes(self.der).decode().replace("\n", "")
        lines = "\n".join(body[at:at + 64] for at in range(0, len(body), 64))
        (HERE / file).write_text(f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n")
        return file


def reissued(entity, subject):
    """A list's issuer: the same key under another name."""
    class Other:
        pass
    other = Other()
    other.key, other.subject = entity.key, subject
    return other


def crl(issuer, revoked=(), *, at="261129080000Z", next_="261215080000Z", identified=True, extensions=(), when=None,
        forged=False):
    entries = []
    for entity in revoked:
        entries.append(seq(integer(entity.serial), utc(when or "261101080000Z")))
    known = [extension("2.5.29.20", integer(7))]
    if identified:
        known.append(extension("2.5.29.35", seq(der(0x80, issuer.key.id))))
    known.extend(extensions)
    time = lambda text: utc(text) if len(text) == 13 else generalized(text)
    algorithm = issuer.key.algorithm()
    tbs = seq(integer(1), algorithm, issuer.subject, time(at), time(next_), *([seq(*entries)] if entries else []),
              der(0xA0, seq(*known)))
    key = Key() if forged else issuer.key
    return seq(tbs, algorithm, bits(key.sign(tbs)))


def ocsp(leaf, issuer, *, by=None, responder_name=None, hashed=None, revoked=False, produced="20261129080000Z",
         certificates=()):
    signer = by or issuer
    sha1 = lambda body: hashlib.sha1(body).digest()
    identity = seq(seq(oid("1.3.14.3.2.26"), NULL), octets(sha1(hashed or leaf.issuer_name)), octets(sha1(issuer.key.bits)),
                   integer(leaf.serial))
    status = der(0xA1, generalized("20261101080000Z")) if revoked else b"\x80\x00"
    single = seq(identity, status, generalized(produced), der(0xA0, generalized("20261215080000Z")))
    data = seq(der(0xA1, responder_name or signer.subject), generalized(produced), seq(single))
    parts = [data, signer.key.algorithm(), bits(signer.key.sign(data))]
    if certificates:
        parts.append(der(0xA0, seq(*(one.der for one in certificates))))
    return seq(der(0x0A, b"\0"), der(0xA0, seq(oid("1.3.6.1.5.5.7.48.1.1"), octets(seq(*parts)))))


# --- messages ----------------------------------------------------------------------------------

SHA256 = seq(oid("2.16.840.1.101.3.4.2.1"))
DATA, SIGNED, TST = "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"


def attribute(dots, *values):
    return seq(oid(dots), der(0x31, *values))


def binding(entity, *, version=2, issuer=None):
    """signing-certificate; with issuerSerial when a name is given."""
    digest = hashlib.sha256 if version == 2 else hashlib.sha1
    parts = [octets(digest(entity.der).digest())]
    if issuer:
        parts.append(seq(seq(der(0xA4, issuer)), integer(entity.serial)))
    return attribute("1.2.840.113549.1.9.16.2." + ("47" if version == 2 else "12"), seq(seq(seq(*parts))))


def message(entity, digest, *, content=None, sid=None, bound=None, certificates=None, unsigned=(), crls=(),
            parameters=b"", stamp=None):
    kind = TST if content else DATA
    attributes = sorted([
        attribute("1.2.840.113549.1.9.3", oid(kind)),
        attribute("1.2.840.113549.1.9.4", octets(digest)),
        bound or binding(entity),
    ])
    signature = entity.key.sign(der(0x31, *attributes))
    unsigned = list(unsigned)
    if stamp:
        unsigned.append(attribute("1.2.840.113549.1.9.16.2.14", stamp(signature)))
    if crls:
        unsigned.append(attribute("1.2.840.113549.1.9.16.2.24", seq(der(0xA0, seq(*crls)))))
    info = seq(integer(1), seq(sid or entity.issuer_name, integer(entity.serial)), SHA256, der(0xA0, *attributes),
               entity.key.algorithm(parameters), octets(signature), *([der(0xA1, *unsigned)] if unsigned else []))
    inside = seq(oid(kind), *([der(0xA0, octets(content))] if content else []))
    bag = [entity] if certificates is None else certificates
    data = seq(integer(3 if content else 1), der(0x31, SHA256), inside,
               *([der(0xA0, *(one.der for one in bag))] if bag else []), der(0x31, info))
    return seq(oid(SIGNED), der(0xA0, data))


def token(tsa, body, *, time="20261030000000Z", sid=None, imprint=None, corrupt=False):
    algorithm, digest = imprint or (SHA256, hashlib.sha256(body).digest())
    info = seq(integer(1), oid("1.2.3.4.1"), seq(algorithm, octets(digest)), integer(24), generalized(time))
    made = message(tsa, hashlib.sha256(info).digest(), content=info, sid=sid)
    return made[:-4] + bytes(byte ^ 1 for byte in made[-4:]) if corrupt else made


def pdf(make, *, sub_filter="ETSI.CAdES.detached"):
    # Signatures of ECDSA differ by a few bytes in length.
    hole = len(make(bytes(32))) + 24
    objects = [
        b"<</Type/Catalog/Pages 2 0 R/AcroForm 6 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>/Annots[7 0 R]>>",
        b"<</Length 38>>stream\nBT /F1 24 Tf 72 700 Td (Licence) Tj ET\nendstream",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", b"<</SigFlags 3/Fields[7 0 R]>>",
        b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature1)/Rect[0 0 0 0]/F 132/P 3 0 R/V 8 0 R>>",
        b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/%s/M(D:20261130070000Z)/ByteRange [0 %s %s %s]/Contents<%s>>>"
        % (sub_filter.encode(), b"1" * 10, b"2" * 10, b"3" * 10, b"0" * (2 * hole)),
    ]
    file, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(file)
    file += b"xref\n0 9\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % at for at in places)
    file += b"trailer\n<</Size 9/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start
    head = file.index(b"/Contents<") + len(b"/Contents")
    tail = head + 2 * hole + 2
    for mark, number in ((b"1", head), (b"2", tail), (b"3", len(file) - tail)):
        file = file.replace(mark * 10, b"%010d" % number, 1)
    made = make(hashlib.sha256(file[:head] + file[tail:]).digest())
    digits = made.hex().encode().ljust(2 * hole, b"0")
    if len(digits) > 2 * hole:
        raise ValueError("the hole is too small")
    return file[:head + 1] + digits + file[tail - 1:]


def case(title, file, about, verdict, *, findings=(), without=(), says="", **more):
    (HERE / f"{title}.pdf").write_bytes(file)
    lists = {}
    for kind in ("crl", "ocsp"):
        names = []
        for at, body in enumerate(more.pop(kind, ())):
            names.append(f"{title}-{at}.{kind}" if at else f"{title}.{kind}")
            (HERE / names[-1]).write_bytes(body)
        lists[kind] = names
    CASES.append({"file": f"{title}.pdf", "about": about, "verdict": verdict, "findings": list(findings),
                  "without": list(without), "says": says, "trust": "made.pem", **lists, **more})


# --- cases -------------------------------------------------------------------------------------

SPELLINGS = {
    "printable": lab(tag=PRINTABLE), "bmp": lab(tag=BMP), "teletex": lab(tag=TELETEX), "universal": lab(tag=UNIVERSAL),
    "case": lab("LAB ROOT", organisation="BUGU Lab"), "spaces": lab("  Lab   root ", PRINTABLE, " Bugu  lab"),
}
LOOK_ALIKES = {
    "letter": lab("L\u0430b root"), "joined": lab("Labroot"), "digit": lab("Lab r0ot"),
    "order": name((6, PRINTABLE, "XX"), (3, UTF8, "Lab root"), (10, UTF8, "Bugu lab")),
    "set": name((6, PRINTABLE, "XX"), [(10, UTF8, "Bugu lab"), (3, UTF8, "Lab root")]),
}
ROOT = Entity(lab(), ca=True)
SIGNER = Entity(lab("Lab seal"), ROOT)
TSA = Entity(lab("Lab time"), ROOT, tsa=True)
UNUSED, OTHERS, NONE = "revocation_data_unused", "revocation_data_of_others", "no_revocation_data"
OTHER_TIME = "revocation_data_other_time"


def letter(entity=None, **more):
    shape = {key: more.pop(key) for key in ("sub_filter",) if key in more}
    return pdf(lambda digest: message(entity or SIGNER, digest, **more), **shape)


def spellings():
    plain = letter()
    good = crl(ROOT)
    case("control", plain, "A list that clears the signer.", "valid", crl=[good], without=[NONE, UNUSED, OTHERS],
         require_revocation=True)
    for how, spelt in SPELLINGS.items():
        other = reissued(ROOT, spelt)
        case(f"crl-{how}-revoked", plain, f"The list writes its issuer otherwise ({how}) and names the signer.", "invalid",
             findings=["seal_revoked"], crl=[crl(other, [SIGNER])])
        case(f"crl-{how}-bare-revoked", plain, f"The same ({how}) without an authority key identifier.", "invalid",
             findings=["seal_revoked"], crl=[crl(other, [SIGNER], identified=False)])
        case(f"crl-{how}-good", plain, f"The list writes its issuer otherwise ({how}) and clears the signer.", "valid",
             without=[NONE, UNUSED, OTHERS], crl=[crl(other)], require_revocation=True)
        leaf = Entity(lab("Lab seal"), ROOT, issuer_name=spelt)
        case(f"chain-{how}", letter(leaf), f"The signer's certificate writes its issuer otherwise ({how}).", "valid",
             crl=[good], require_revocation=True)
        case(f"sid-{how}", letter(sid=spelt), f"The message writes the signer's issuer otherwise ({how}).", "valid")
        for version in (1, 2):
            case(f"ess-v{version}-{how}", letter(bound=binding(SIGNER, version=version, issuer=spelt)),
                 f"signing-certificate, version {version}, writes the issuer otherwise ({how}).", "valid",
                 findings=["old_binding"] if version == 1 else [])
        stamped = letter(stamp=lambda signature: token(TSA, signature, sid=spelt))
        case(f"stamp-{how}", stamped, f"The stamp's message writes its signer's issuer otherwise ({how}).", "valid",
             time_source="independent_tsa")
        answering = Entity(lab("Lab answers"), ROOT, responder=True)
        renamed = lab("lab  ANSWERS", {"universal": UNIVERSAL, "bmp": BMP, "teletex": TELETEX}.get(how, PRINTABLE))
        for revoked, verdict in ((True, "invalid"), (False, "valid")):
            case(f"ocsp-{how}-{'revoked' if revoked else 'good'}", plain,
                 f"The responder is named otherwise ({how}).", verdict, require_revocation=True,
                 ocsp=[ocsp(SIGNER, ROOT, by=answering, responder_name=renamed, revoked=revoked, certificates=[answering])])
        case(f"ocsp-hash-{how}", letter(leaf), f"issuerNameHash is over the bytes in the signer's certificate ({how}).",
             "invalid", findings=["seal_revoked"], ocsp=[ocsp(leaf, ROOT, revoked=True)])
        # The other direction: the root's own name is spelt so, and everyone below writes it plainly.
        root = Entity(spelt, ca=True)
        leaf = Entity(lab("Lab seal"), root, issuer_name=lab())
        case(f"root-{how}-revoked", letter(leaf), f"The root's own name is the odd one ({how}).", "invalid",
             trust=root.pem(f"root-{how}.pem"), findings=["seal_revoked"], crl=[crl(reissued(root, lab()), [leaf])])
        case(f"root-{how}", letter(leaf), f"The root's own name is the odd one ({how}).", "valid", trust=f"root-{how}.pem",
             require_revocation=True, crl=[crl(root)])
    parted = name((6, PRINTABLE, "XX"), [(10, UTF8, "Bugu lab"), (3, UTF8, "Lab both")])
    again = name((6, UTF8, "xx"), [(10, PRINTABLE, "bugu lab"), (3, BMP, "LAB BOTH")])
    root = Entity(parted, ca=True)
    leaf = Entity(lab("Lab seal"), root, issuer_name=again)
    case("chain-set", letter(leaf), "A part of two attributes, whose order depends on their string types.", "valid",
         trust=root.pem("root-set.pem"), crl=[crl(reissued(root, again))], require_revocation=True)
    for how, spelt in LOOK_ALIKES.items():
        other = reissued(ROOT, spelt)
        case(f"crl-alike-{how}", plain, f"The same key's list under another name ({how}): it is told and not used.", "valid",
             findings=[UNUSED, NONE], crl=[crl(other, [SIGNER])])
        case(f"crl-alike-{how}-required", plain, "The same, and revocation data is required.", "not_enough_evidence",
             findings=[UNUSED], crl=[crl(other), good], require_revocation=True)
        case(f"crl-alike-{how}-bare", plain, f"The same ({how}) without an authority key identifier.", "valid",
             findings=[UNUSED], crl=[crl(other, [SIGNER], identified=False), good])
        leaf = Entity(lab("Lab seal"), ROOT, issuer_name=spelt)
        case(f"chain-alike-{how}", letter(leaf), f"The issuer has another name ({how}).", "unknown_issuer")
        case(f"sid-alike-{how}", letter(sid=spelt), f"The message names a signer of another issuer ({how}).",
             "not_enough_evidence", findings=["signer_missing"])
        case(f"ess-alike-{how}", letter(bound=binding(SIGNER, issuer=spelt)),
             f"signing-certificate names another issuer ({how}).", "invalid")


def evidence():
    plain, good = letter(), crl(ROOT)
    stranger = Entity(lab("Lab stranger"), ca=True)
    case("crl-stranger", plain, "A list of somebody else.", "valid", findings=[OTHERS], without=[UNUSED],
         crl=[good, crl(stranger, [SIGNER])], require_revocation=True)
    case("crl-forged", plain, "The issuer's name and key identifier, signed by another key.", "not_enough_evidence",
         findings=[UNUSED], says="signature does not hold", crl=[crl(ROOT, [SIGNER], forged=True)], require_revocation=True)
    case("crl-old", plain, "A list that is over.", "valid", findings=[OTHER_TIME, NONE], without=[UNUSED], says="speaks from",
         crl=[crl(ROOT, at="260701080000Z", next_="260801080000Z")])
    case("crl-old-revoked", plain, "A list that is over and names the signer.", "invalid", findings=["seal_revoked"],
         crl=[crl(ROOT, [SIGNER], at="261102080000Z", next_="261109080000Z")])
    case("crl-contradicted", plain, "An older list names the signer, a newer one leaves it out.", "invalid",
         findings=["seal_revoked"], crl=[crl(ROOT, [SIGNER], at="261120080000Z"), good])
    later = crl(ROOT, at="340101080000Z", next_="340201080000Z")
    case("crl-future", plain, "A list of 2034 says nothing good today.", "valid", findings=[UNUSED, NONE], says="future",
         crl=[later])
    case("crl-future-required", plain, "The same, and revocation data is required.", "not_enough_evidence",
         findings=[UNUSED], crl=[later], require_revocation=True)
    case("crl-future-revoked", plain, "A revocation in a list of 2034 counts.", "invalid", findings=["seal_revoked"],
         crl=[good, crl(ROOT, [SIGNER], at="340101080000Z", next_="340201080000Z", when="340101080000Z")])
    case("ocsp-future", plain, "An answer of 2034.", "not_enough_evidence", findings=[UNUSED], says="future",
         ocsp=[ocsp(SIGNER, ROOT, produced="20340101080000Z")], require_revocation=True)
    case("ocsp-stranger", plain, "An answer that a stranger signed.", "not_enough_evidence", findings=[UNUSED],
         says="nobody signed it who may", ocsp=[ocsp(SIGNER, ROOT, by=stranger)], crl=[good], require_revocation=True)
    case("ocsp-other-name", plain, "The issuer's key and the serial number, under another issuer's name.",
         "not_enough_evidence", findings=[UNUSED], says="another issuer", crl=[good], require_revocation=True,
         ocsp=[ocsp(SIGNER, ROOT, hashed=lab("Lab r0ot"))])
    indirect = extension("2.5.29.28", seq(der(0x84, b"\xff")), True)
    case("crl-indirect-inside", letter(crls=[crl(ROOT, [SIGNER], extensions=[indirect])]),
         "An indirect list of the signer's issuer came along: it is told.", "valid", findings=[UNUSED, "archive_unusable"],
         says="indirect", crl=[good])
    partial = extension("2.5.29.28", seq(der(0x83, b"\x01\x40")), True)
    case("crl-partial-inside", letter(crls=[crl(ROOT, [SIGNER], extensions=[partial])]),
         "A partial list of the signer's issuer came along: it is told.", "valid",
         findings=[UNUSED, "archive_unusable"], says="partial", crl=[good])
    odd = Entity(lab("Lab seal"), ROOT)
    case("certificate-unreadable-beside", letter(certificates=[odd, SIGNER, type("Odd", (), {"der": seq(b"\x02\x01\x05")})]),
         "A certificate beside the signer's cannot be read.", "valid", findings=["archive_unusable"])


def verdicts():
    for kind in ("GM.sm2cms.detached", "GM.sm2seal.v2", "adbe.pkcs7.sha1", "adbe.x509.rsa_sha1"):
        case(f"sub-{kind.replace('.', '-').lower()}", letter(sub_filter=kind), f"A seal of the kind {kind}.",
             "not_enough_evidence", findings=["unknown_seal_kind"], says=kind)
    for curve, private, known in (
        ("brainpoolP384r1", ec.generate_private_key(ec.BrainpoolP384R1()), True),
        ("secp256k1", ec.generate_private_key(ec.SECP256K1()), False),
        ("Ed448", ed448.Ed448PrivateKey.generate(), False),
    ):
        verdict = "valid" if known else "not_enough_evidence"
        expected = {"without": ["unsupported_path", "unsupported_algorithm"]} if known else {"findings": ["unsupported_path"], "says": curve}
        root = Entity(lab(f"Lab {curve}"), ca=True, key=Key(private))
        leaf = Entity(lab("Lab seal"), root)
        case(f"path-{curve.lower()}-root", letter(leaf), f"The root's key is on {curve}.", verdict,
             **expected, trust=root.pem(f"root-{curve.lower()}.pem"))
        middle = Entity(lab(f"Lab CA {curve}"), ROOT, ca=True, key=Key(private))
        below = Entity(lab("Lab seal"), middle)
        case(f"path-{curve.lower()}-middle", letter(below, certificates=[below, middle]),
             f"The issuing authority's key is on {curve}.", verdict, **expected)
        elsewhere = Entity(lab(f"Lab root of {curve}"), ca=True, key=Key(private))
        lost = Entity(lab("Lab seal"), elsewhere)
        case(f"path-{curve.lower()}-stranger", letter(lost, certificates=[lost, elsewhere]),
             f"A stranger's root on {curve}: who it is is not known.", "unknown_issuer")
    own = Entity(lab("Lab seal"), ROOT, key=Key(ec.generate_private_key(ec.BrainpoolP256R1())))
    case("signer-brainpool", letter(own), "The signer's own key is on brainpoolP256r1.", "valid",
         without=["unsupported_path", "unsupported_algorithm"])
    case("signer-missing", letter(certificates=[]), "No certificate came along.", "not_enough_evidence",
         findings=["signer_missing"])
    case("signer-other", letter(certificates=[TSA]), "Another's certificate came along.", "not_enough_evidence",
         findings=["signer_missing"])


def stamps():
    def stamped(**more):
        return letter(stamp=lambda signature: token(TSA, signature, **more))

    for title, time in (("zeros", "20261030000000.000Z"), ("tenths", "20261030000000.50Z")):
        case(f"stamp-{title}", stamped(time=time), f"A fraction of a second with zeros at its end ({time}).", "valid",
             time_source="independent_tsa", without=["timestamp_unusable"])
    sha1 = seq(oid("1.3.14.3.2.26"), NULL)
    case("stamp-sha1", letter(stamp=lambda signature: token(
        TSA, signature, imprint=(sha1, hashlib.sha1(signature).digest()))), "The stamp's imprint is SHA-1.", "valid",
        findings=["timestamp_unusable"], says="SHA-1", time_source="self_asserted")
    case("stamp-junk", letter(stamp=lambda _: seq(integer(5))), "The stamp cannot be read.", "valid",
         findings=["timestamp_unusable"], time_source="self_asserted")
    case("stamp-broken", stamped(corrupt=True), "The stamp's signature does not hold.", "valid",
         findings=["timestamp_unusable"], time_source="self_asserted")
    case("stamp-no-purpose", letter(stamp=lambda signature: token(SIGNER, signature)), "Whoever stamped may not.", "valid",
         findings=["timestamp_unusable"], time_source="self_asserted")
    case("stamp-other", letter(stamp=lambda signature: token(TSA, signature + b"x")), "The stamp is about another signature.",
         "invalid", findings=["timestamp_broken"])


def readings():
    null = Entity(lab("Lab seal"), ROOT, parameters=NULL)
    case("ecdsa-null", letter(null, parameters=NULL), "ecdsa-with-SHA256 with NULL, in certificate and message.", "valid")
    point = Entity(lab("Lab seal"), ROOT, key=Key(compressed=True))
    case("point-compressed", letter(point), "The signer's key is a compressed point.", "valid")
    root = Entity(lab("Lab compressed"), ca=True, key=Key(compressed=True))
    leaf = Entity(lab("Lab seal"), root)
    case("point-compressed-root", letter(leaf), "The root's key is a compressed point, and an answer names it by its digest.",
         "valid", trust=root.pem("root-compressed.pem"), ocsp=[ocsp(leaf, root)], require_revocation=True)
    odd = Key(rsa.generate_private_key(65537, 2048), negative=True)
    case("rsa-negative", letter(Entity(lab("Lab seal"), ROOT, key=odd)), "The modulus lacks its leading zero.", "valid")
    case("v1-under-cades", letter(bound=binding(SIGNER, version=1)), "signing-certificate in its first version.", "valid",
         findings=["old_binding"])
    for title, before in (("utc", utc("500101000000Z")), ("general", generalized("19491231235959Z"))):
        case(f"date-1950-{title}", letter(Entity(lab("Lab seal"), ROOT, before=before)),
             "The certificate begins before 1970 (RFC 5280, 4.1.2.5).", "valid")


if __name__ == "__main__":
    ROOT.pem("made.pem")
    for group in (spellings, evidence, verdicts, stamps, readings):
        group()
    (HERE / "made.json").write_text(json.dumps(CASES, indent=1, ensure_ascii=False) + "\n")
    print(len(CASES), "cases")
