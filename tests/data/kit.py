"""What the makers of test files share: a small PKI, plain PDF objects, and messages built by hand.

Nothing here is clever on purpose: a test file must not inherit the ideas of the verifier. Every run
makes new keys and forgets them.
"""
import hashlib
import re
import zlib
from datetime import datetime, timedelta, timezone

from asn1crypto import core
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID as EKU
from cryptography.x509.oid import NameOID, ObjectIdentifier

UTC = timezone.utc
DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")


def day(text):
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)


# --- keys and certificates -------------------------------------------------------------------

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


# --- plain PDF objects -----------------------------------------------------------------------

def stream(data, entries=b"", *, deflate=False):
    if deflate:
        data, entries = zlib.compress(data, 9), entries + b"/Filter/FlateDecode"
    return b"<<" + entries + b"/Length %d>>\nstream\n" % len(data) + data + b"\nendstream"


def document(objects, *, version=b"1.7", eol=b"\n", trailer=b"", tail=b"%%EOF\n", root=1, front=b""):
    """A whole file with a classic table. `objects` maps numbers to bodies; `None` is a free one."""
    out = bytearray(front + b"%PDF-" + version + eol + b"%\xe2\xe3\xcf\xd3" + eol)
    offsets = {}
    for number, body in objects.items():
        if body is None:
            continue
        offsets[number] = len(out)
        out += b"%d 0 obj" % number + eol + body + eol + b"endobj" + eol
    table, size = len(out), max(objects) + 1
    out += b"xref" + eol + b"0 %d" % size + eol
    for number in range(size):
        if number in offsets:
            out += b"%010d 00000 n\r\n" % offsets[number]
        else:
            out += b"0000000000 65535 f\r\n"
    out += b"trailer" + eol + b"<</Size %d/Root %d 0 R" % (size, root) + trailer + b">>" + eol
    out += b"startxref" + eol + b"%d" % table + eol + tail
    return bytes(out)


def last_table(pdf):
    return int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])


def size_of(pdf):
    return max(int(size) for size in re.findall(rb"/Size (\d+)|/Size(\d+)", pdf) for size in size if size)


def root_of(pdf):
    return int(re.findall(rb"/Root\s*(\d+) 0 R", pdf)[-1])


def update(
    pdf, objects, *, trailer=b"", root=None, prev=None, tail=b"%%EOF\n", free=(), size=None, hide=(),
    eol=b"\n",
):
    """The file with a revision behind it: a classic table. `hide` are written but not listed."""
    out = bytearray(pdf if pdf.endswith((b"\n", b"\r")) else pdf + b"\n")
    offsets = {}
    for number, body in objects.items():
        offsets[number] = len(out)
        out += b"%d 0 obj" % number + eol + body + eol + b"endobj" + eol
    table = len(out)
    entries = {number: b"%010d 00000 n\r\n" % at for number, at in offsets.items() if number not in hide}
    entries |= {number: b"0000000000 00001 f\r\n" for number in free}
    size = size or max([size_of(pdf) - 1, *objects]) + 1
    out += b"xref" + eol
    for number in sorted(entries):
        out += b"%d 1" % number + eol + entries[number]
    if not entries:
        out += b"0 0" + eol
    out += b"trailer" + eol + b"<</Size %d/Root %d 0 R" % (size, root or root_of(pdf))
    out += b"/Prev %d" % (last_table(pdf) if prev is None else prev) + trailer + b">>" + eol
    out += b"startxref" + eol + b"%d" % table + eol + tail
    return bytes(out)


def stream_update(pdf, objects, *, packed=None, trailer=b"", root=None):
    """A revision with a cross-reference stream; `packed` objects go into an object stream."""
    out = bytearray(pdf if pdf.endswith((b"\n", b"\r")) else pdf + b"\n")
    packed = packed or {}
    free = max([size_of(pdf) - 1, *objects, *packed]) + 1
    rows = {}
    for number, body in objects.items():
        rows[number] = (1, len(out), 0)
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    if packed:
        head, bodies = b"", b""
        for number, body in packed.items():
            head += b"%d %d " % (number, len(bodies))
            bodies += body + b"\n"
        entries = b"/Type/ObjStm/N %d/First %d" % (len(packed), len(head))
        rows[free] = (1, len(out), 0)
        for index, number in enumerate(packed):
            rows[number] = (2, free, index)
        out += b"%d 0 obj\n" % free + stream(head + bodies, entries, deflate=True) + b"\nendobj\n"
        free += 1
    at = len(out)
    rows[free] = (1, at, 0)
    index = b" ".join(b"%d 1" % number for number in sorted(rows))
    data = b"".join(
        kind.to_bytes(1, "big") + where.to_bytes(4, "big") + extra.to_bytes(2, "big")
        for _, (kind, where, extra) in sorted(rows.items())
    )
    entries = b"/Type/XRef/W[1 4 2]/Index[%s]/Size %d/Root %d 0 R/Prev %d" % (
        index, free + 1, root or root_of(pdf), last_table(pdf),
    )
    out += b"%d 0 obj\n" % free + stream(data, entries + trailer, deflate=True) + b"\nendobj\n"
    out += b"startxref\n%d\n%%%%EOF\n" % at
    return bytes(out)


def text(*lines, size=12, top=760):
    shown = b"".join(
        b"1 0 0 1 60 %d Tm (%s) Tj\n" % (top - 20 * row, line.encode()) for row, line in enumerate(lines)
    )
    return b"BT /F1 %d Tf\n" % size + shown + b"ET\n"


HELVETICA = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
INFO = b"<</Title(Synthetic sample)/Producer(plain objects)>>"


def letter(*lines, more=None, page=b"", catalog=b""):
    """Objects of a letter of one page: 1 catalog, 2 pages, 3 page, 4 content, 5 font, 6 info."""
    lines = lines or ("Synthetic sample: permit no. 0001", "Holder: Example Person", "Sum: 1000")
    return {
        1: b"<</Type/Catalog/Pages 2 0 R" + catalog + b">>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>" + page + b">>",
        4: stream(text(*lines)),
        5: HELVETICA,
        6: INFO,
        **(more or {}),
    }


LETTER_TRAILER = b"/Info 6 0 R/ID[<000102030405060708090a0b0c0d0e0f><000102030405060708090a0b0c0d0e0f>]"


def appearance(shown, width=200, height=20):
    data = b"/Tx BMC q BT /F1 12 Tf 2 6 Td (%s) Tj ET Q EMC" % shown
    entries = b"/Type/XObject/Subtype/Form/BBox[0 0 %d %d]/Resources<</Font<</F1 5 0 R>>>>" % (width, height)
    return stream(data, entries)


def form_letter(*, hidden_values=False):
    """A letter with a form: 10 text `Name`, 11 text `Remark`, 12 check box `Agreed`; 20 to 24 looks."""
    field = b"<</Type/Annot/Subtype/Widget/FT/Tx/T(%s)/F 4/P 3 0 R/Rect[60 %d 260 %d]/DA(/F1 12 Tf 0 g)/MK<<>>%s>>"
    more = {
        10: field % (b"Name", 600, 620, b"/V()/AP<</N 20 0 R>>"),
        11: field % (b"Remark", 560, 580, b"/V()/AP<</N 21 0 R>>"),
        12: b"<</Type/Annot/Subtype/Widget/FT/Btn/T(Agreed)/F 4/P 3 0 R/Rect[60 520 80 540]/V/Off/AS/Off"
        b"/AP<</N<</Yes 22 0 R/Off 23 0 R>>>>>>",
        20: appearance(b""),
        21: appearance(b""),
        22: stream(b"q 2 2 16 16 re S 4 4 m 16 16 l 4 16 m 16 4 l S Q", b"/Type/XObject/Subtype/Form/BBox[0 0 20 20]"),
        23: stream(b"q 2 2 16 16 re S Q", b"/Type/XObject/Subtype/Form/BBox[0 0 20 20]"),
        30: b"<</Fields[10 0 R 11 0 R 12 0 R]/DA(/F1 12 Tf 0 g)/DR<</Font<</F1 5 0 R>>>>>>",
    }
    return letter(more=more, page=b"/Annots[10 0 R 11 0 R 12 0 R]", catalog=b"/AcroForm 30 0 R")


FILLED = {
    "text": {
        10: b"<</Type/Annot/Subtype/Widget/FT/Tx/T(Name)/F 4/P 3 0 R/Rect[60 600 260 620]/DA(/F1 12 Tf 0 g)/MK<<>>"
        b"/V(Example Person)/AP<</N 20 0 R>>>>",
        20: appearance(b"Example Person"),
    },
    "check": {
        12: b"<</Type/Annot/Subtype/Widget/FT/Btn/T(Agreed)/F 4/P 3 0 R/Rect[60 520 80 540]/V/Yes/AS/Yes"
        b"/AP<</N<</Yes 22 0 R/Off 23 0 R>>>>>>",
    },
    "remark": {
        11: b"<</Type/Annot/Subtype/Widget/FT/Tx/T(Remark)/F 4/P 3 0 R/Rect[60 560 260 580]/DA(/F1 12 Tf 0 g)/MK<<>>"
        b"/V(none)/AP<</N 21 0 R>>>>",
        21: appearance(b"none"),
    },
}


# --- signatures by hand ----------------------------------------------------------------------

RANGE = b"[0 0000000000 0000000000 0000000000]"


def signature_dictionary(hole, *, sub_filter=b"ETSI.CAdES.detached", more=b"", at=b"D:20260601120000Z", kind=b"Sig"):
    return (
        b"<</Type/%s/Filter/Adobe.PPKLite/SubFilter/%s/ByteRange%s/Contents<%s>%s%s>>"
        % (kind, sub_filter, RANGE, b"0" * (2 * hole), b"/M(%s)" % at if at else b"", more)
    )


def spans(pdf):
    """Where the last hole is: the positions of its `<` and behind its `>`."""
    start = pdf.rindex(b"/Contents<") + len(b"/Contents")
    return start, pdf.index(b">", start) + 1


def fill(pdf, message, *, ranges=None, digest="sha256"):
    """Writes the byte range, then what `message` makes of the digest. `ranges` chooses another range."""
    start, end = spans(pdf)
    numbers = (0, start, end, len(pdf) - end)
    if ranges:
        numbers = ranges(*numbers)
    written = (b"[%d %d %d %d]" % numbers).ljust(len(RANGE))
    at = pdf.rindex(RANGE)
    pdf = pdf[:at] + written + pdf[at + len(RANGE):]
    covered = pdf[numbers[0]:numbers[0] + numbers[1]] + pdf[numbers[2]:numbers[2] + numbers[3]]
    filled = message(hashlib.new(digest, covered).digest()).hex().encode()
    room = end - start - 2
    if len(filled) > room:
        raise ValueError(f"the hole needs {len(filled) // 2} bytes")
    return pdf[:start + 1] + filled + pdf[start + 1 + len(filled):]


def signed_letter(entity, *, objects=None, hole=3000, widget=b"", message=None, dictionary=None, digest="sha256", **more):
    """A letter with one signature in the first revision: 7 form, 8 field, 9 signature."""
    objects = dict(objects or letter(catalog=b"/AcroForm 7 0 R", page=b"/Annots[8 0 R]"))
    objects[7] = b"<</Fields[8 0 R]/SigFlags 3>>"
    objects[8] = (
        b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature1)/F 132/P 3 0 R/Rect[0 0 0 0]/V 9 0 R" + widget + b">>"
    )
    objects[9] = dictionary or signature_dictionary(hole)
    more.setdefault("trailer", LETTER_TRAILER)
    return fill(document(objects, **more), message or (lambda covered: cms(entity, covered)), digest=digest)


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


# --- expectations ----------------------------------------------------------------------------

def toml_value(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(toml_value(one) for one in value) + "]"
    if isinstance(value, int):
        return str(value)
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def toml(entries, tables=()):
    lines = [f"{key} = {toml_value(value)}" for key, value in entries.items()]
    for title, rows in tables:
        for row in rows:
            lines += ["", f"[[{title}]]"] + [f"{key} = {toml_value(value)}" for key, value in row.items()]
    return "\n".join(lines) + "\n"


def days(count):
    return timedelta(days=count)
